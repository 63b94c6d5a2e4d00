"""What is committed is what the code says now. Not so: `make openapi` writes it anew."""

from pathlib import Path

from bootstrap.rest_api import RestApi
from bootstrap.shop import SHOP
from openapi import client, document, services
from openapi.paths import CLIENT, DESCRIPTION


def _texts(folder: Path) -> dict[str, str]:
    files = [each for each in folder.rglob("*") if each.is_file() and each.suffix != ".pyc"]
    return {str(each.relative_to(folder)): each.read_text() for each in files}


def test_description_is_what_the_services_declare() -> None:
    assert document.render(document.build()) == DESCRIPTION.read_text(), "make openapi writes it anew"


def test_description_is_the_same_each_time() -> None:
    assert document.render(document.build()) == document.render(document.build())


def test_client_is_what_the_description_gives(tmp_path: Path) -> None:
    client.generate(DESCRIPTION, tmp_path / "shop_client")

    assert _texts(tmp_path / "shop_client") == _texts(CLIENT), "make openapi writes it anew"


def test_each_service_with_routes_is_described_and_can_be_alone() -> None:
    whole = document.build()

    for name in services.names():
        alone = document.build([name])["paths"]
        assert alone
        for path, operations in alone.items():
            assert operations.keys() <= whole["paths"][path].keys()


def test_each_operation_tells_what_it_does() -> None:
    for path, operations in document.build()["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"].strip(), f"{method} {path}: the route's function has no docstring"
            assert operation["operationId"]
            assert "400" in operation["responses"]


def test_each_described_path_is_routed_by_api_gateway() -> None:
    (api,) = SHOP.of(RestApi)
    routed = {route.path.removesuffix("/{proxy+}") for route in api.routes}

    for path in document.build()["paths"]:
        parts = path.split("/")
        assert routed & {"/".join(parts[:length]) for length in range(2, len(parts) + 1)}, path
