"""The page and what it loads."""

import re
from typing import Any

import pytest
import yaml

from apidocs.api import app
from apidocs.files import PAGE, read
from tests.unit.functions.factories import Context, api_event


def get(path: str) -> dict[str, Any]:
    """What the function answers."""
    return app.resolve(api_event("GET", path), Context())


def content_type(response: dict[str, Any]) -> str:
    """Its one Content-Type."""
    (value,) = response["multiValueHeaders"]["Content-Type"]
    return str(value)


def test_page_is_html_and_all_that_it_loads_is_there() -> None:
    response = get("/docs")
    assert (response["statusCode"], content_type(response)) == (200, "text/html; charset=utf-8")

    loaded = re.findall(r"\"(docs/[^\"]+)\"", response["body"])

    assert len(loaded) == 3
    for name in loaded:
        assert get(f"/{name}")["statusCode"] == 200


def test_page_names_nothing_elsewhere() -> None:
    page = read(PAGE)
    assert page is not None
    assert "//" not in page.text.replace("// ", "")


def test_description_is_yaml_with_the_apis_routes() -> None:
    response = get("/docs/openapi.yaml")

    assert content_type(response) == "application/yaml; charset=utf-8"
    description = yaml.safe_load(response["body"])
    assert "/orders" in description["paths"]
    assert not [path for path in description["paths"] if path.startswith("/docs")]


@pytest.mark.parametrize("name", ["x", "..", "__init__.py", "page.html.bak", "a" * 65])
def test_other_file_is_404(name: str) -> None:
    assert get(f"/docs/{name}")["statusCode"] == 404
