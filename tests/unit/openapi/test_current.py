"""What is committed is what the code says now. Not so: `make openapi` writes it anew."""

from pathlib import Path

from bootstrap.rest_api import RestApi, Route
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

    alone = [document.build([name])["paths"] for name in services.names()]

    assert whole["paths"].keys() - {path for paths in alone for path in paths} == {
        "/async/orders",
        "/products/{productId}/image",
    }  # API Gateway's own
    for paths in alone:
        for path, operations in paths.items():
            assert operations.keys() <= whole["paths"][path].keys()


def test_each_operation_tells_what_it_does() -> None:
    for path, operations in document.build()["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"].strip(), f"{method} {path}: the route's function has no docstring"
            assert operation["operationId"]
            assert "400" in operation["responses"]


def _routed(api: RestApi, method: str, path: str) -> Route:
    """The route that API Gateway takes: fixed parts go before variable ones, a method of its own before ANY."""
    parts = path.split("/")

    def fits(route: Route) -> bool:
        own = route.path.split("/")
        own = own[:-1] + ["{}"] * (len(parts) - len(own) + 1) if own[-1] == "{proxy+}" else own
        return len(own) == len(parts) and all(a == b or a.startswith("{") for a, b in zip(own, parts, strict=True))

    candidates = [route for route in api.routes if route.method in ("ANY", method) and fits(route)]
    return min(candidates, key=lambda route: (route.path.count("{"), "proxy+" in route.path, route.method == "ANY"))


def test_each_operation_is_routed_to_its_service_and_guarded_where_it_asks_for_a_token() -> None:
    (api,) = SHOP.of(RestApi)

    for path, operations in document.build()["paths"].items():
        for method, operation in operations.items():
            route = _routed(api, method.upper(), path)
            assert route.function is None or [route.function.name] == operation["tags"], f"{method} {path}"
            assert bool(route.authorizer) == ("security" in operation), f"{method} {path}"
