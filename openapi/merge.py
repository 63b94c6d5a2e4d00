"""Several OpenAPI documents as one, in a form that is the same on every day and reads well."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from openapi.errors import ConflictError

type Document = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_OPERATION = ("tags", "summary", "description", "operationId", "security", "parameters", "requestBody", "responses")
# What Powertools adds for validation errors of its own shape, which the services do not answer with.
_POWERTOOLS_SCHEMAS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


def merge(frame: Mapping[str, Any], documents: Mapping[str, Document]) -> Document:
    """`frame` (openapi, info, servers) with the paths, tags and components of the services' documents.

    A schema that two services name alike and mean differently gets their names before its own, in both.

    Raises:
        ConflictError: two services have the same operation, or the same name for two.
    """
    plain = {name: _plain(document) for name, document in documents.items() if document["paths"]}
    parts = list(_without_clashes(plain).values())
    paths: dict[str, Document] = defaultdict(dict)
    components: dict[str, Document] = defaultdict(dict)
    for part in parts:
        for path, operations in part["paths"].items():
            if twice := paths[path].keys() & operations.keys():
                raise ConflictError(f"{min(twice).upper()} {path} is there twice.")
            paths[path] |= operations
        for kind, named in part["components"].items():
            components[kind] |= named
    _refuse_repeated_ids(paths)
    components["responses"] = _share_errors(paths)
    return {
        **frame,
        "tags": [tag for part in parts for tag in part["tags"]],
        "paths": {path: _in_order(paths[path]) for path in sorted(paths)},
        "components": {kind: dict(sorted(components[kind].items())) for kind in sorted(components)},
    }


def _plain(document: Document) -> Document:
    """Without what Powertools and pydantic add: their errors, titles, empty lists, `Page_Product_` for ProductPage."""
    for name in _POWERTOOLS_SCHEMAS:
        document["components"]["schemas"].pop(name, None)
    renamed = json.loads(re.sub(r"\bPage_(\w+?)_\b", r"\1Page", json.dumps(document)))
    plain: Document = _tidy(renamed)
    return plain


def _without_clashes(documents: dict[str, Document]) -> dict[str, Document]:
    """Again until none is left: a page of what has got another name has to get one too."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for document in documents.values():
        for name, schema in document["components"]["schemas"].items():
            meanings[name].add(json.dumps(schema, sort_keys=True))
    clashes = [name for name, different in meanings.items() if len(different) > 1]
    if not clashes:
        return documents
    return _without_clashes(
        {service: _prefixed(document, clashes, service.title()) for service, document in documents.items()}
    )


def _prefixed(document: Document, names: Sequence[str], prefix: str) -> Document:
    text = json.dumps(document)
    for name in names:
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{prefix}{name}"')
    renamed: Document = json.loads(text)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {f"{prefix}{n}" if n in names else n: each for n, each in schemas.items()}
    return renamed


def _refuse_repeated_ids(paths: Mapping[str, Document]) -> None:
    seen: dict[str, str] = {}
    for path, operations in paths.items():
        for method, operation in operations.items():
            where = f"{method.upper()} {path}"
            if (other := seen.setdefault(operation["operationId"], where)) != where:
                raise ConflictError(f"{where} and {other} have the same name, {operation['operationId']}: rename one.")


def _share_errors(paths: Mapping[str, Document]) -> Document:
    """Error answers by their codes, `NotFoundOrUnknownProduct`; the operations then refer to them.

    One with the codes of another, but other words, stays where it is.
    """
    shared: Document = {}
    for operations in paths.values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if codes := re.findall(r"^`([A-Z_]+)`:", response["description"], re.MULTILINE):
                    name = "Or".join(code.title().replace("_", "") for code in codes)
                    if shared.setdefault(name, response) == response:
                        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return shared


def _in_order(operations: Mapping[str, Document]) -> Document:
    return {
        method: {field: operations[method][field] for field in _OPERATION if field in operations[method]}
        for method in _METHODS
        if method in operations
    }


def _tidy(value: Any) -> Any:
    match value:
        case {"name": name, "in": place, **rest}:
            return {"name": name, "in": place, **_tidy(rest)}
        case dict():
            return {name: _tidy(each) for name, each in value.items() if not _says_nothing(name, each)}
        case list():
            return [_tidy(each) for each in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _says_nothing(name: str, value: Any) -> bool:
    match name:
        case "title":
            return isinstance(value, str)  # a property of that name is an object
        case "required" | "content":
            return not value
        case _:
            return False
