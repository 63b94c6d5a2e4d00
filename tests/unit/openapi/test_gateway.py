"""The description of what API Gateway does itself."""

from bootstrap.resources import Stack
from bootstrap.rest_api import RestApi
from bootstrap.shop import SHOP
from openapi import gateway


def _api(shop: Stack) -> RestApi:
    (api,) = shop.of(RestApi)
    return api


def test_route_without_a_function_is_described_by_its_declaration() -> None:
    document = gateway.document(_api(SHOP))

    operation = document["paths"]["/async/orders"]["post"]
    assert set(document["paths"]) == {"/async/orders", "/products/{productId}/image"}
    assert list(operation["responses"]) == ["202", "400", "401", "413", "503"]
    accepted = operation["responses"]["202"]["content"]["application/json"]["schema"]
    assert accepted["properties"] == {"messageId": {"type": "string"}}
    assert operation["security"] == [{"bearer": []}]


def test_body_is_the_model_that_api_gateway_checks() -> None:
    api = _api(SHOP)
    (model,) = api.models

    schemas = gateway.document(api)["components"]["schemas"]

    assert list(schemas) == ["AsyncOrderRequest"]
    assert schemas["AsyncOrderRequest"]["properties"] == model.schema["properties"]


def test_api_of_functions_alone_has_nothing_to_describe() -> None:
    api = _api(SHOP)
    functions = tuple(route for route in api.routes if route.function)

    assert gateway.document(RestApi(api.name, api.stage, functions))["paths"] == {}
