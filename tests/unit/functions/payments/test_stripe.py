"""What goes over the wire to Stripe, and what its answers mean, with a real server on the loopback."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
import urllib3

from payments.domain import ProviderUnavailableError
from payments.gateway import Intent
from payments.stripe import GatewayRefusedError, Stripe

KEY = "sk_test_very_secret"


@dataclass
class Server:
    """Answers each request with the next of `answers`: status, body and headers; None for no answer at all."""

    base: str
    answers: list[tuple[Any, ...] | None] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)

    def stripe(self, patience_s: float = 30, **settings: Any) -> Stripe:
        """A client of it that waits so long for an answer."""
        http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=30, read=patience_s), retries=False)
        return Stripe(self.base, lambda: KEY, http=http, **settings)


@pytest.fixture
def server() -> Iterator[Server]:
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
            found.requests.append((f"{self.command} {self.path}", form, dict(self.headers.items())))
            answer = found.answers.pop(0)
            if answer is None:
                released.wait(30)
                return
            body = answer[1] if isinstance(answer[1], bytes) else json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            for name, value in dict(*answer[2:]).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        found = Server(f"http://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        released.set()
        listening.shutdown()
        thread.join()


def intent(status: str) -> dict[str, Any]:
    return {"id": "pi_1", "status": status, "metadata": {"order_id": "o-1"}}


def error(code: str, **more: Any) -> dict[str, Any]:
    return {"error": {"type": "card_error", "code": code, "message": "In words.", **more}}


def test_order_becomes_an_intent_that_is_captured_by_hand(server: Server) -> None:
    server.answers = [(200, intent("requires_capture")), (200, intent("succeeded")), (200, {"id": "re_1"})]
    stripe = server.stripe()
    assert stripe.create("o-1", 2500, "tok_ok") == Intent("pi_1", "requires_capture", "o-1")
    assert stripe.capture("o-1", "pi_1").status == "succeeded"
    stripe.refund("o-1", "pi_1")
    assert [(line, form) for line, form, _ in server.requests] == [
        (
            "POST /v1/payment_intents",
            {
                "amount": "2500",
                "currency": "usd",
                "payment_method": "pm_card_visa",
                "payment_method_types[]": "card",
                "capture_method": "manual",
                "confirm": "true",
                "metadata[order_id]": "o-1",
            },
        ),
        ("POST /v1/payment_intents/pi_1/capture", {}),
        ("POST /v1/refunds", {"payment_intent": "pi_1"}),
    ]
    keys = [headers["Idempotency-Key"] for _, _, headers in server.requests]
    assert keys == ["o-1:authorize", "o-1:capture:pi_1", "o-1:refund"]
    assert {headers["Authorization"] for _, _, headers in server.requests} == {f"Bearer {KEY}"}


@pytest.mark.parametrize("named", [{}, {"payment_intent": {"id": "pi_1"}}])
def test_declined_card_is_an_answer(server: Server, named: dict[str, Any]) -> None:
    server.answers = [(402, error("card_declined", **named))]
    found = server.stripe().create("o-1", 2500, "tok_declined")
    assert found == Intent("pi_1" if named else "", "requires_payment_method", "o-1")
    assert server.requests[0][1]["payment_method"] == "pm_card_chargeCustomerFail"


@pytest.mark.parametrize("step", ["capture", "cancel"])
def test_step_that_comes_too_late_gives_what_the_intent_became(server: Server, step: str) -> None:
    became = {"capture": "canceled", "cancel": "succeeded"}[step]
    server.answers = [(400, error("payment_intent_unexpected_state")), (200, intent(became))]
    assert getattr(server.stripe(), step)("o-1", "pi_1") == Intent("pi_1", became, "o-1")
    assert [line for line, _, _ in server.requests] == [
        f"POST /v1/payment_intents/pi_1/{step}",
        "GET /v1/payment_intents/pi_1",
    ]


def test_intent_that_there_is_not_is_none(server: Server) -> None:
    server.answers = [(404, error("resource_missing")), (401, error("api_key_expired"))]
    assert server.stripe().retrieve("pi_1") is None
    with pytest.raises(GatewayRefusedError, match="api_key_expired"):
        server.stripe().retrieve("pi_1")


@pytest.mark.parametrize(
    "answer",
    [None, (500, {}), (503, b"<html>"), (429, error("rate_limit")), (409, error("idempotency_key_in_use")), (200, [])],
    ids=["no-answer", "500", "503", "429", "409", "no-intent"],
)
def test_answer_that_may_change_is_asked_for_again(server: Server, answer: Any) -> None:
    server.answers = [answer]
    with pytest.raises(ProviderUnavailableError):
        server.stripe(patience_s=0.2 if answer is None else 30).create("o-1", 2500, "tok_ok")


def test_gateway_that_is_not_there_is_asked_again() -> None:
    with pytest.raises(ProviderUnavailableError, match=r"^POST payment_intents: NewConnectionError$"):
        Stripe("http://127.0.0.1:1", lambda: KEY).create("o-1", 2500, "tok_ok")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refusal_tells_the_gateways_words_and_no_key(server: Server, status: int) -> None:
    server.answers = [(status, error("parameter_invalid"))]
    with pytest.raises(GatewayRefusedError, match=rf"^{status} parameter_invalid: In words\.$") as caught:
        server.stripe().create("o-1", 2500, "tok_ok")
    assert KEY not in repr(caught.value)


KEPT = (500, {}, {"Idempotent-Replayed": "true"})


def keys_of(server: Server) -> list[str]:
    return [headers["Idempotency-Key"] for line, _, headers in server.requests if line.startswith("POST")]


def test_5xx_that_stripe_keeps_is_passed_over_with_the_next_key(server: Server) -> None:
    stripe = server.stripe()
    server.answers = [(500, {}), KEPT, (503, {}), KEPT, KEPT, (200, intent("requires_capture"))]
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            stripe.create("o-1", 2500, "tok_ok")
    assert stripe.create("o-1", 2500, "tok_ok").status == "requires_capture"
    first, second, third = (f"o-1:authorize{number}" for number in ("", ":2", ":3"))
    assert keys_of(server) == [first, first, second, first, second, third]


@pytest.mark.parametrize("step", ["capture", "cancel"])
def test_step_that_was_done_in_spite_of_its_5xx_is_found(server: Server, step: str) -> None:
    became = {"capture": "succeeded", "cancel": "canceled"}[step]
    server.answers = [KEPT, (400, error("payment_intent_unexpected_state")), (200, intent(became))]
    assert getattr(server.stripe(), step)("o-1", "pi_1").status == became
    assert keys_of(server) == [f"o-1:{step}:pi_1", f"o-1:{step}:pi_1:2"]


def test_refund_that_was_made_in_spite_of_its_5xx_is_found(server: Server) -> None:
    server.answers = [KEPT, (400, error("charge_already_refunded"))]
    server.stripe().refund("o-1", "pi_1")
    assert keys_of(server) == ["o-1:refund", "o-1:refund:2"]


def test_keys_come_to_an_end(server: Server) -> None:
    server.answers = [KEPT] * 40
    with pytest.raises(ProviderUnavailableError, match="32 keys"):
        server.stripe().refund("o-1", "pi_1")
    assert len(set(keys_of(server))) == 32


def test_answer_that_comes_again_and_is_no_5xx_stands(server: Server) -> None:
    server.answers = [(200, intent("succeeded"), {"Idempotent-Replayed": "true"})]
    assert server.stripe().capture("o-1", "pi_1").status == "succeeded"


def test_second_refund_is_done_already(server: Server) -> None:
    server.answers = [(400, error("charge_already_refunded")), (400, error("other"))]
    server.stripe().refund("o-1", "pi_1")
    with pytest.raises(GatewayRefusedError):
        server.stripe().refund("o-1", "pi_1")


def test_id_from_outside_stays_in_its_place(server: Server) -> None:
    server.answers = [(200, intent("succeeded"))]
    server.stripe().retrieve("../refunds?x=1")
    assert server.requests[0][0] == "GET /v1/payment_intents/..%2Frefunds%3Fx%3D1"


def test_new_key_is_used_without_a_restart(server: Server) -> None:
    keys: Iterator[str] = iter(["old", "new"])
    next_key: Callable[[], str] = lambda: next(keys)  # noqa: E731
    stripe = Stripe(server.base, next_key)
    server.answers = [(200, intent("succeeded"))] * 2
    stripe.retrieve("pi_1"), stripe.retrieve("pi_1")
    assert [headers["Authorization"] for _, _, headers in server.requests] == ["Bearer old", "Bearer new"]
