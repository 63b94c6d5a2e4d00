"""What a resolver says of its routes in OpenAPI."""

from http import HTTPStatus
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Header, Path

from common.errors import ApiError
from common.http import ADMIN, BEARER, raises
from common.http.openapi import describe
from common.model import Model, RequestModel
from common.paging import DEFAULT_LIMIT, Cursor, Limit, Page


class TakenError(ApiError):
    """It is taken.

    This is said to developers only.
    """

    status = HTTPStatus.CONFLICT
    code = "TAKEN"


class GoneError(ApiError):
    """It is no more."""

    status = HTTPStatus.NOT_FOUND
    code = "GONE"


class Thing(RequestModel):
    """What is sent."""

    thing_name: str


class View(Model):
    """What is answered."""

    thing_name: str


@pytest.fixture
def routes(app: APIGatewayRestResolver) -> APIGatewayRestResolver:
    @app.get("/things")
    def list_things(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[View]:
        """All things, i.e. many. The order
        means nothing."""
        return Page(items=[])

    @app.post("/things", status_code=201, security=BEARER, responses=raises(TakenError))
    def add_thing(body: Thing) -> View:
        """Add one."""
        return View(thing_name=body.thing_name)

    @app.delete("/things/<thing_id>", status_code=204, security=ADMIN, responses=raises(GoneError))
    def remove_thing(
        thing_id: Annotated[str, Path()], version: Annotated[str | None, Header(alias="If-Match")]
    ) -> None:
        """Remove one."""

    return app


@pytest.fixture
def described(routes: APIGatewayRestResolver) -> dict[str, Any]:
    return describe(routes, "shop")


def test_operation_is_named_and_told_by_its_function(described: dict[str, Any]) -> None:
    operation = described["paths"]["/things"]["get"]

    assert (operation["operationId"], operation["tags"]) == ("listThings", ["shop"])
    assert (operation["summary"], operation["description"]) == ("All things, i.e. many.", "The order means nothing.")


def test_answers_are_those_of_the_middlewares_and_the_routes_own(described: dict[str, Any]) -> None:
    answers = {
        (method, path): set(operation["responses"])
        for path, item in described["paths"].items()
        for method, operation in item.items()
    }

    assert answers == {
        ("get", "/things"): {"200", "400", "503"},
        ("post", "/things"): {"201", "400", "401", "409", "413", "503"},
        ("delete", "/things/{thingId}"): {"204", "400", "401", "403", "404", "503"},
    }


def test_errors_of_one_status_are_told_together(described: dict[str, Any]) -> None:
    responses = described["paths"]["/things/{thingId}"]["delete"]["responses"]

    assert responses["404"]["description"].splitlines() == [
        "`NOT_FOUND`: There is nothing here, or it belongs to somebody else.",
        "`GONE`: It is no more.",
    ]
    assert responses["404"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}


def test_answer_without_a_body_has_no_content(described: dict[str, Any]) -> None:
    assert described["paths"]["/things/{thingId}"]["delete"]["responses"]["204"]["content"] == {}


def test_parameters_are_as_they_are_sent(described: dict[str, Any]) -> None:
    limit, cursor, correlation = described["paths"]["/things"]["get"]["parameters"]
    path_id, version, _ = described["paths"]["/things/{thingId}"]["delete"]["parameters"]

    assert {name: limit["schema"][name] for name in ("minimum", "maximum", "default")} == {
        "minimum": 1,
        "maximum": 100,
        "default": 20,
    }
    assert (cursor["schema"]["type"], cursor["required"]) == ("string", False)
    assert correlation == {"$ref": "#/components/parameters/CorrelationId"}
    assert (path_id["name"], version["name"]) == ("thingId", "If-Match")


def test_describing_leaves_the_routes_as_they_are(routes: APIGatewayRestResolver) -> None:
    assert describe(routes, "shop") == describe(routes, "shop")
