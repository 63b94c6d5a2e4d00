"""Logical ids, and what a value of the declaration is in CloudFormation.

Every value is first a *fragment*: text in the language of `Fn::Sub`, such as `${OrdersTable.Arn}/index/*`. `expression`
makes the shortest intrinsic of it: a literal, `Ref`, `Fn::GetAtt` or `Fn::Sub`. What `Ref` returns and which attributes
there are differs by type: see "Return values" of each type in
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

import re
from collections.abc import Mapping
from typing import Any

from bootstrap.references import DEFAULT_BUS, Arn, Kind, Ref, Value, has_arn, logical_name

type Expression = str | dict[str, Any]

ON_AWS = "OnAws"
"""The condition of an account of AWS's. That of emulators, 000000000000, belongs to nobody."""

_HERE = "${AWS::Region}:${AWS::AccountId}"
_NAME_ATTRIBUTES: Mapping[Kind, str] = {
    Kind.QUEUE: "QueueName",
    Kind.TOPIC: "TopicName",
    Kind.STATE_MACHINE: "Name",
}
# `Ref` is the ARN itself.
_ARN_BY_REF = {Kind.TOPIC, Kind.LAYER}
# Kinds without an attribute for their ARN, or with another one than the declaration means: that of a log group ends
# in ":*", that of a secret in six random characters.
_ARN_FORMATS: Mapping[Kind, str] = {
    Kind.LOG_GROUP: f"arn:${{AWS::Partition}}:logs:{_HERE}:log-group:{{name}}",
    Kind.REST_API: f"arn:${{AWS::Partition}}:execute-api:{_HERE}:{{name}}",
    Kind.SECRET: f"arn:${{AWS::Partition}}:secretsmanager:{_HERE}:secret:{{name}}",
    Kind.EMAIL_IDENTITY: f"arn:${{AWS::Partition}}:ses:{_HERE}:identity/{{name}}",
}
# ARNs by name alone, for those whose resource cannot be waited for.
_ARNS_BY_NAME: Mapping[Kind, str] = {
    Kind.STATE_MACHINE: f"arn:${{AWS::Partition}}:states:{_HERE}:stateMachine:{{name}}",
}
_VARIABLE = re.compile(r"\$\{([A-Za-z0-9:]+)(?:\.([A-Za-z0-9.]+))?\}")


def logical_id(ref: Ref) -> str:
    """The logical id of a declared resource: `CartsTable`. A rule on the default bus does not name the bus."""
    return logical_name(Ref(ref.kind, ref.name.removeprefix(f"{DEFAULT_BUS}/")) if ref.kind is Kind.RULE else ref)


def part_id(ref: Ref, *words: str) -> str:
    """The logical id of a part of `ref` that is a resource of its own: `ShopOrdersOrderIdPath`."""
    return logical_name(Ref(ref.kind, " ".join((ref.name, *words)))).removesuffix(_kind_words(ref.kind))


def literal(text: str) -> str:
    """`text` as a fragment."""
    return text.replace("${", "${!")


def fragment(value: Value) -> str:
    """What `value` stands for.

    Raises:
        ValueError: it has no ARN in CloudFormation, or none without waiting for it.
    """
    match value:
        case str():
            return literal(value)
        case Ref():
            return _name(value)
        case Arn():
            return _arn(value.ref, waits=value.waits) + literal(value.suffix)


def expression(value: Value) -> Expression:
    """`value` as a property takes it."""
    return sub(fragment(value))


def sub(text: str) -> Expression:
    """A fragment as a property takes it."""
    if "${" not in text:
        return text
    alone = _VARIABLE.fullmatch(text)
    if alone is None:
        return {"Fn::Sub": text} if _VARIABLE.search(text) else text.replace("${!", "${")
    return {"Fn::GetAtt": [alone[1], alone[2]]} if alone[2] else {"Ref": alone[1]}


def filled_in(data: Any) -> Any:
    """`data` with an expression for each reference in it."""
    if isinstance(data, Ref | Arn):
        return expression(data)
    if isinstance(data, Mapping):
        return {name: filled_in(item) for name, item in data.items()}
    if isinstance(data, tuple | list):
        return [filled_in(item) for item in data]
    return data


def bucket_name(name: str) -> Expression:
    """A name that nobody else on AWS has, where the stack is there."""
    return {"Fn::If": [ON_AWS, {"Fn::Sub": f"{name}-${{AWS::AccountId}}-${{AWS::Region}}"}, name]}


def bucket_arn_by_name(name: str) -> Expression:
    """The bucket's ARN, for those that the bucket itself waits for."""
    own = "arn:${AWS::Partition}:s3:::" + name
    return {
        "Fn::If": [ON_AWS, {"Fn::Sub": f"{own}-${{AWS::AccountId}}-${{AWS::Region}}"}, {"Fn::Sub": own}],
    }


def _name(ref: Ref) -> str:
    if ref.kind is Kind.SECRET:  # `Ref` is its ARN, and no attribute its name
        return literal(ref.name)
    attribute = _NAME_ATTRIBUTES.get(ref.kind)
    return f"${{{logical_id(ref)}{f'.{attribute}' if attribute else ''}}}"


def _arn(ref: Ref, *, waits: bool) -> str:
    if not has_arn(ref.kind):
        raise ValueError(f"{ref} has no ARN")
    if not waits:
        if ref.kind not in _ARNS_BY_NAME:
            raise ValueError(f"{ref}: its ARN is not known by its name alone: add it to `_ARNS_BY_NAME`")
        return _ARNS_BY_NAME[ref.kind].replace("{name}", ref.name)
    if ref.kind in _ARN_FORMATS:
        return _ARN_FORMATS[ref.kind].replace("{name}", _name(ref))
    return f"${{{logical_id(ref)}}}" if ref.kind in _ARN_BY_REF else f"${{{logical_id(ref)}.Arn}}"


def _kind_words(kind: Kind) -> str:
    return logical_name(Ref(kind, ""))
