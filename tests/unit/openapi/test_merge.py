"""Putting the documents of services together."""

from typing import Any

import pytest

from openapi.errors import ConflictError
from openapi.merge import merge

FRAME = {"openapi": "3.1.0"}


def _document(path: str, method: str = "get", name: str = "read", **schemas: Any) -> dict[str, Any]:
    refs = {f"x{each}": {"$ref": f"#/components/schemas/{each}"} for each in schemas}
    operation = {"operationId": name, "responses": {"200": {"description": "OK", "content": {"json": refs}}}}
    return {"tags": [{"name": path}], "paths": {path: {method: operation}}, "components": {"schemas": schemas}}


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"title": {"type": "string", "title": "Title"}}, "title": "Thing", **more}


def test_schema_that_two_mean_alike_is_there_once_without_pydantics_titles() -> None:
    whole = merge(FRAME, {"a": _document("/a", name="a", Thing=_text()), "b": _document("/b", name="b", Thing=_text())})

    plain = {"type": "object", "properties": {"title": {"type": "string"}}}
    assert whole["components"]["schemas"] == {"Thing": plain}
    assert list(whole["paths"]) == ["/a", "/b"]


def test_schema_that_two_mean_differently_gets_their_names_also_where_it_is_referred_to() -> None:
    holder = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    documents = {
        "a": _document("/a", name="a", Thing=_text(), Things=holder),
        "b": _document("/b", name="b", Thing=_text(minProperties=1), Things=holder),
    }

    whole = merge(FRAME, documents)

    schemas = whole["components"]["schemas"]
    assert sorted(schemas) == ["AThing", "AThings", "BThing", "BThings"]
    assert schemas["BThings"]["items"] == {"$ref": "#/components/schemas/BThing"}
    content = whole["paths"]["/a"]["get"]["responses"]["200"]["content"]["json"]
    assert content["xThings"] == {"$ref": "#/components/schemas/AThings"}


def test_page_is_named_after_what_is_on_it() -> None:
    whole = merge(FRAME, {"a": _document("/a", Page_Thing_=_text())})

    assert list(whole["components"]["schemas"]) == ["ThingPage"]


def test_paths_and_methods_are_in_an_order_of_their_own() -> None:
    documents = {
        "a": _document("/b", "delete", "one"),
        "b": _document("/a", "post", "two"),
        "c": _document("/b", "get", "three"),
    }

    paths = merge(FRAME, documents)["paths"]

    assert [(path, list(operations)) for path, operations in paths.items()] == [
        ("/a", ["post"]),
        ("/b", ["get", "delete"]),
    ]


@pytest.mark.parametrize("other", [_document("/a", "get", "other"), _document("/b", "get", "read")])
def test_operation_or_name_that_two_have_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(ConflictError, match=r"GET /a"):
        merge(FRAME, {"a": _document("/a"), "b": other})
