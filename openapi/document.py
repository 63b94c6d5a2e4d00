"""docs/openapi.yaml: what it says, and as which text."""

from collections.abc import Iterable
from typing import Any

import yaml

from bootstrap.rest_api import RestApi
from bootstrap.shop import SHOP
from openapi import gateway, services
from openapi.merge import merge

_HEADER = "# Made from the code by make openapi. Not edited by hand.\n"
_FRAME = {
    "openapi": "3.1.0",
    "info": {
        "title": "Shop API",
        "version": "1.0.0",
        "summary": "The shop that Loadstack runs",
        "description": (
            "JSON in and out; money is integer cents; times are ISO 8601 UTC with milliseconds. "
            "Sign in with POST /users/login (demo@example.com / demo-password, admin@example.com / admin-password) "
            "and send its token as `Authorization: Bearer <token>`."
        ),
    },
    "servers": [
        {"url": "..", "description": "Where this description is served from"},
        {"url": "http://127.0.0.1:4566/_aws/execute-api/shop/dev", "description": "A sandbox on its usual port"},
    ],
}


def build(names: Iterable[str] | None = None) -> dict[str, Any]:
    """The description of these services' APIs; by default of all, and of what API Gateway does itself.

    Raises ConflictError.
    """
    documents = {name: services.document(name) for name in (names or services.names())}
    if names is None:
        (api,) = SHOP.of(RestApi)
        documents["gateway"] = gateway.document(api)
    return merge(_FRAME, documents)


def render(document: dict[str, Any]) -> str:
    """`document` as YAML, without anchors."""
    return _HEADER + yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes shared values out each time, and several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
