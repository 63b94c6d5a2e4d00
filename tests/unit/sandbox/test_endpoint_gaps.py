"""What an endpoint lacks, as it answers."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from sandbox import endpoint_gaps
from sandbox.errors import NotRunningError
from sandbox.target import Target

API = "/_aws/execute-api/shop/dev"

# Status, body and headers that a complete endpoint answers, by method and path.
COMPLETE: dict[str, tuple[int, Any, dict[str, str]]] = {
    f"POST {API}/users/login": (200, {"token": "t"}, {}),
    f"GET {API}/orders": (401, {"error": {"code": "UNAUTHORIZED"}}, {}),
    f"GET {API}/no-such-route": (404, {"error": {"code": "NOT_FOUND"}}, {}),
    f"POST {API}/async/orders": (413, {"error": {"code": "PAYLOAD_TOO_LARGE"}}, {}),
    f"PUT {API}/products/-/image": (403, {"error": {"code": "FORBIDDEN"}}, {}),
    "GET /_loadstack/health": (200, {"status": "ready"}, {}),
    "GET /_aws/ses": (200, {"messages": []}, {}),
}
ABSENT = (404, "<Error/>", {})


@pytest.fixture
def endpoint() -> Iterator[Callable[..., Target]]:
    """Start an endpoint that is complete but for these answers."""
    servers = []

    def start(**changes: Any) -> Target:
        answers = COMPLETE | changes

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, body, headers = answers.get(f"{self.command} {self.path}", ABSENT)
                content = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return Target(f"http://127.0.0.1:{server.server_port}", None)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_endpoint_that_has_all_lacks_nothing(endpoint: Callable[..., Target]) -> None:
    assert endpoint_gaps.find(endpoint()) == []


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        (f"GET {API}/orders", (401, {}, {"X-Correlation-Id": "x"}), "asks no authorizer"),
        (
            f"GET {API}/no-such-route",
            (403, {"message": "Missing Authentication Token"}, {}),
            "an unknown route gets 403",
        ),
        (f"POST {API}/async/orders", (401, {"error": {"code": "UNAUTHORIZED"}}, {}), "POST /async/orders does not"),
        (f"POST {API}/async/orders", (413, "#if(x) {}", {}), "POST /async/orders does not"),
        (f"PUT {API}/products/-/image", (401, {"error": {"code": "UNAUTHORIZED"}}, {}), "there are no pictures"),
        (f"PUT {API}/products/-/image", (202, {"uploadId": "x"}, {}), "there are no pictures"),
        ("GET /_loadstack/health", ABSENT, "no figures of functions"),
        ("GET /_aws/ses", ABSENT, "mails"),
    ],
)
def test_each_gap_is_told_in_a_line(endpoint: Callable[..., Target], question: str, answer: Any, said: str) -> None:
    (gap,) = endpoint_gaps.find(endpoint(**{question: answer}))

    assert said in gap
    assert "\n" not in gap


def test_mails_are_found_where_the_endpoint_shows_them(endpoint: Callable[..., Target]) -> None:
    ours, theirs = endpoint(), endpoint(**{"GET /_aws/ses": ABSENT, "GET /_ministack/ses/messages": (200, {}, {})})

    assert endpoint_gaps.mail_url(ours) == f"{ours.endpoint}/_aws/ses"
    assert endpoint_gaps.mail_url(theirs) == f"{theirs.endpoint}/_ministack/ses/messages"
    assert endpoint_gaps.mail_url(endpoint(**{"GET /_aws/ses": ABSENT})) is None


def test_endpoint_that_is_gone_is_not_one_that_lacks_something() -> None:
    with pytest.raises(NotRunningError, match="got no answer"):
        endpoint_gaps.mail_url(Target("http://127.0.0.1:1", None))
