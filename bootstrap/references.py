"""How one declared resource points to another: by kind and name, never by a string.

So the order of creation, ARNs and a SAM template can all be derived from the same data. Three forms of a
value exist wherever AWS takes a string:

    "INFO"                             a literal
    Ref(Kind.TABLE, "orders")          its name (`!Ref` in a template)
    Ref(Kind.TABLE, "orders").arn()    its ARN  (`!GetAtt … .Arn`), with a suffix such as "/index/*"
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

DEFAULT_BUS = "default"


class Kind(StrEnum):
    """What a resource is. The value is the word that people read in messages."""

    TABLE = "table"
    QUEUE = "queue"
    QUEUE_POLICY = "queue policy"
    EVENT_BUS = "event bus"
    ARCHIVE = "archive"
    RULE = "rule"
    TOPIC = "topic"
    SUBSCRIPTION = "subscription"
    SECRET = "secret"
    EMAIL_IDENTITY = "email identity"
    ROLE = "role"
    LAYER = "layer"
    LOG_GROUP = "log group"
    FUNCTION = "function"
    EVENT_SOURCE_MAPPING = "event source mapping"
    STREAM_MAPPING = "stream mapping"
    PERMISSION = "permission"
    REST_API = "rest api"
    ALARM = "alarm"
    DASHBOARD = "dashboard"
    STATE_MACHINE = "state machine"
    BUCKET = "bucket"
    BUCKET_NOTIFICATION = "bucket notification"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the stack lives: what an ARN needs besides the resource's name."""

    region: str = "us-east-1"
    account: str = "000000000000"


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to a declared resource; as a value it stands for the resource's name."""

    kind: Kind
    name: str

    def arn(self, suffix: str = "") -> "Arn":
        return Arn(self, suffix)

    def arn_by_name(self) -> "Arn":
        """The ARN, without waiting for the resource: for those that it waits for itself."""
        return Arn(self, waits=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Arn:
    """The ARN of a declared resource, with `suffix` appended (`/index/*`, `:*`).

    Who names it is created after the resource, where it `waits`; if not, before or after.
    """

    ref: Ref
    suffix: str = ""
    waits: bool = True


type Value = str | Ref | Arn

_ARN_FORMATS: Mapping[Kind, str] = {
    Kind.TABLE: "arn:aws:dynamodb:{region}:{account}:table/{name}",
    Kind.QUEUE: "arn:aws:sqs:{region}:{account}:{name}",
    Kind.EVENT_BUS: "arn:aws:events:{region}:{account}:event-bus/{name}",
    Kind.ARCHIVE: "arn:aws:events:{region}:{account}:archive/{name}",
    Kind.RULE: "arn:aws:events:{region}:{account}:rule/{name}",
    Kind.TOPIC: "arn:aws:sns:{region}:{account}:{name}",
    Kind.SECRET: "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
    Kind.EMAIL_IDENTITY: "arn:aws:ses:{region}:{account}:identity/{name}",
    Kind.ROLE: "arn:aws:iam::{account}:role/{name}",
    Kind.LAYER: "arn:aws:lambda:{region}:{account}:layer:{name}",
    Kind.LOG_GROUP: "arn:aws:logs:{region}:{account}:log-group:{name}",
    Kind.FUNCTION: "arn:aws:lambda:{region}:{account}:function:{name}",
    Kind.ALARM: "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    Kind.STATE_MACHINE: "arn:aws:states:{region}:{account}:stateMachine:{name}",
    Kind.BUCKET: "arn:aws:s3:::{name}",
    Kind.REST_API: "arn:aws:execute-api:{region}:{account}:{name}",
}


def has_arn(kind: Kind) -> bool:
    """Whether resources of this kind have an ARN that follows from their name."""
    return kind in _ARN_FORMATS


def arn_of(ref: Ref, place: Place, *, name: str | None = None) -> str:
    """The ARN of `ref`; `name` replaces its name where AWS gives an id of its own (REST APIs).

    Raises:
        ValueError: the kind has no ARN that follows from its name (a policy, a mapping, a permission).
    """
    if not has_arn(ref.kind):
        raise ValueError(f"{ref} has no ARN")
    # The ARN of a rule on the default bus does not name the bus.
    plain = name or (ref.name.removeprefix(f"{DEFAULT_BUS}/") if ref.kind is Kind.RULE else ref.name)
    return _ARN_FORMATS[ref.kind].format(region=place.region, account=place.account, name=plain)


def resolve(value: Value, arn: Callable[[Ref], str]) -> str:
    """The string that `value` stands for, where `arn` gives a resource's ARN."""
    match value:
        case str():
            return value
        case Ref():
            return value.name
        case Arn():
            return arn(value.ref) + value.suffix


def refs_in(value: Any, *, awaited: bool = False) -> Iterator[Ref]:
    """Every reference in `value`, however deep in dataclasses, mappings, tuples and lists; with `awaited`, those alone
    whose resource must be there first.
    """
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, Arn):
        if value.waits or not awaited:
            yield value.ref
    elif is_dataclass(value):
        for item in fields(value):
            yield from refs_in(getattr(value, item.name), awaited=awaited)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from refs_in(item, awaited=awaited)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from refs_in(item, awaited=awaited)


def logical_name(ref: Ref) -> str:
    """A CloudFormation logical id, letters and digits only: `queue orders-dlq` is `OrdersDlqQueue`."""
    words = re.findall(r"[A-Za-z0-9]+", f"{ref.name} {ref.kind}")
    return "".join(word[0].upper() + word[1:] for word in words)
