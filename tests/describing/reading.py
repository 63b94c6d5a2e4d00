"""What the readers share: how pages are read, what is dropped, and how documents become comparable."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

type Aws = Callable[[str], Any]
"""A boto3 client by the name of its service."""

type Described = dict[str, dict[str, Any]]
"""By section (`queues`), by name: what AWS tells of it."""

ABSENT = "(none)"
"""Where AWS answers that there is no such configuration."""


def pages(client: Any, operation: str, key: str, **arguments: Any) -> list[Any]:
    """What all pages of an operation list; of one without pages, its one answer."""
    if client.can_paginate(operation):
        found = client.get_paginator(operation).paginate(**arguments)
        return [item for page in found for item in page.get(key) or ()]
    return list(getattr(client, operation)(**arguments).get(key) or ())


def asked(ask: Callable[[], Any], *, absent: Iterable[str]) -> Any:
    """What `ask` answers; ABSENT where the error's code is one of these. Other errors are errors."""
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] in set(absent):
            return ABSENT
        raise


def without(found: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """`found` but for these fields, and what every answer has of its own making."""
    return {name: value for name, value in found.items() if name not in {*names, "ResponseMetadata"}}


def last(arn: str) -> str:
    """The name at the end of an ARN or a URL."""
    return arn.rstrip("/").rsplit(":", 1)[-1].rsplit("/", 1)[-1]


def tags(found: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags by key: AWS lists them in any order."""
    return {each["Key"]: each["Value"] for each in found}


def parsed(text: str) -> Any:
    """The JSON that a field holds as text, where it does: blanks and the order of keys say nothing."""
    with suppress(ValueError, TypeError):
        return json.loads(text)
    return text


def policy(document: Any) -> Any:
    """A policy as IAM understands it: one action is a list of one, keys of conditions have no case, and the order of
    statements, actions and resources says nothing.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    document = parsed(document) if isinstance(document, str) else document
    if not isinstance(document, dict):
        return document
    statements = [_statement(each) for each in _listed(document.get("Statement", []))]
    return {**document, "Statement": sorted(statements, key=lambda each: json.dumps(each, sort_keys=True))}


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(statement)
    for name in ("Action", "Resource", "NotAction", "NotResource"):
        if name in made:
            made[name] = sorted(_listed(made[name]))
    if isinstance(made.get("Principal"), dict):
        made["Principal"] = {name: sorted(_listed(value)) for name, value in made["Principal"].items()}
    if "Condition" in made:
        made["Condition"] = {
            operator: {key.lower(): sorted(_listed(value)) for key, value in keys.items()}
            for operator, keys in made["Condition"].items()
        }
    return made


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
