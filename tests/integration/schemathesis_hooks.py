"""What schemathesis cannot read in the description: whose token an operation takes, and which inputs to spare."""

import os
from typing import Any

import schemathesis


@schemathesis.auth(refresh_interval=None)
class Token:
    """An admin's for what asks for one, a customer's for the rest that asks for any."""

    def get(self, case: Any, context: Any) -> str | None:
        security = case.operation.definition.raw.get("security")
        if not security:
            return None
        return os.environ["SHOP_ADMIN" if "admin" in security[0]["bearer"] else "SHOP_CUSTOMER"]

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """1.0 is an integer to JSON Schema and none to the shop: 1 is sent instead."""
    match body:
        case dict():
            return {name: map_body(context, value) for name, value in body.items()}
        case list():
            return [map_body(context, value) for value in body]
        case float() if body.is_integer():
            return int(body)
        case _:
            return body


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """The one whose token is used is still needed: the stateful phase would have learnt the id."""
    if case.method == "DELETE" and case.path_parameters.get("userId") == os.environ["SHOP_CUSTOMER_ID"]:
        case.path_parameters["userId"] = "somebody-else"
