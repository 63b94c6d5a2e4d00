"""Routes that the HTTP front answers without the gateway."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from loadstack_engine.front.hot_routes import HOT_ROUTES
from loadstack_engine.front.messages import HttpRequest, HttpResponse
from tests.engine.front.client import seen


@pytest.fixture
def hot() -> Iterator[Callable[[Any], None]]:
    added: list[Any] = []

    def add(route: Any) -> None:
        added.append(route)
        HOT_ROUTES.add(route)

    yield add
    for route in added:
        HOT_ROUTES.remove(route)


def test_hot_route_answers_in_place_of_the_gateway(serve, connect, hot):
    def route(request: HttpRequest) -> HttpResponse | None:
        if request.path != "/hot":
            return None
        text = f"{request.method} {request.query} {request.fields['x-a']}".encode()
        return HttpResponse(201, [("X-Hot", "1")], text + (request.content or b""))

    hot(route)
    client = connect(serve())

    answer = client.ask(b"POST /hot?a=b HTTP/1.1\r\nHost: a\r\nX-A: c\r\nContent-Length: 1\r\n\r\n!")
    other = client.ask(b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n")

    assert (answer.status, answer.header("X-Hot"), answer.body) == (201, "1", b"POST a=b c!")
    assert seen(other)["path"] == "/other"


def test_failing_hot_route_is_500_and_the_gateway_is_not_asked(serve, connect, hot):
    asked = threading.Event()

    def handler(chain: Any, context: Any, response: Any) -> None:
        asked.set()

    def route(request: HttpRequest) -> HttpResponse | None:
        raise ValueError("hot")

    hot(route)

    assert connect(serve(handler)).ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 500
    assert not asked.is_set()
