"""Stripe's payment intents on the loopback, with what a test wants to go wrong.

The real API's rules as far as the shop meets them: idempotency keys, one capture or one cancellation an intent,
declined cards, signed webhooks. https://docs.stripe.com/api/payment_intents
"""

import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

KEY, WEBHOOK_SECRET = "sk_test_of_the_tests", "whsec_of_the_tests"
_STEPS = {"payment_intents": "create", "capture": "capture", "cancel": "cancel", "refunds": "refund"}


@dataclass
class FakeStripe:
    """`faults` are for each step (create, capture, cancel, refund) the statuses of its first answers, sent when all is
    done already; they are kept as other answers are, and come again marked so, as Stripe's do. `undecided`: cards are
    neither authorized nor declined until `authorize`.
    """

    base: str = ""
    faults: dict[str, list[int]] = field(default_factory=dict)
    undecided: bool = False
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: Counter[str] = field(default_factory=Counter)
    did: list[str] = field(default_factory=list)
    _answers: dict[str, tuple[Any, tuple[int, Any]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def all_of(self, order_id: str) -> list[dict[str, Any]]:
        """The order's intents."""
        return [each for each in self.intents.values() if each["metadata"]["order_id"] == order_id]

    def of(self, order_id: str) -> dict[str, Any]:
        """The order's only intent."""
        (intent,) = self.all_of(order_id)
        return intent

    def authorize(self, order_id: str) -> str:
        """The bank has answered: the webhook's body that tells so."""
        intent = self.of(order_id)
        intent["status"] = "requires_capture"
        return told(intent)

    def answer(self, method: str, path: str, form: dict[str, str], headers: Any) -> tuple[int, Any, bool]:
        """What the API answers, and whether it has answered so before."""
        if headers.get("Authorization") != f"Bearer {KEY}":
            return 401, _error("unauthorized"), False
        with self._lock:
            if method == "GET":
                return *self._retrieved(path), False
            key = headers["Idempotency-Key"]
            if is_known := key in self._answers:
                asked, answer = self._answers[key]
                assert asked == (path, form), "Stripe refuses a key that was another request's"
            else:
                answer = self._done(path, form)
                if faults := self.faults.get(_STEPS.get(path.rsplit("/", 1)[1], "")):
                    answer = faults.pop(0), {}
                self._answers[key] = (path, form), answer
            return *answer, is_known

    def _retrieved(self, path: str) -> tuple[int, Any]:
        intent = self.intents.get(path.rsplit("/", 1)[1])
        return (200, intent) if intent else (404, _error("resource_missing"))

    def _done(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        match path.removeprefix("/v1/").split("/"):
            case ["payment_intents"]:
                return self._created(form)
            case ["payment_intents", name, "capture"]:
                return self._moved(name, {"requires_capture"}, "succeeded")
            case ["payment_intents", name, "cancel"]:
                return self._moved(name, {"requires_capture", "processing", "requires_payment_method"}, "canceled")
            case ["refunds"]:
                if self.refunds[form["payment_intent"]]:
                    return 400, _error("charge_already_refunded")
                self.refunds[form["payment_intent"]] += 1
                return 200, {"id": "re_1"}
        return 404, _error("unknown")

    def _created(self, form: dict[str, str]) -> tuple[int, Any]:
        assert (form["capture_method"], form["confirm"]) == ("manual", "true")
        is_declined = form["payment_method"] == "pm_card_chargeCustomerFail"
        status = "processing" if self.undecided else "requires_capture"
        intent = {
            "id": f"pi_{len(self.intents)}",
            "amount": int(form["amount"]),
            "status": "requires_payment_method" if is_declined else status,
            "metadata": {"order_id": form["metadata[order_id]"]},
        }
        self.intents[intent["id"]] = intent
        self.did.append("create")
        return (402, _error("card_declined")) if is_declined else (200, intent)

    def _moved(self, name: str, before: set[str], after: str) -> tuple[int, Any]:
        intent = self.intents[name]
        if intent["status"] not in before:
            return 400, _error("payment_intent_unexpected_state")
        intent["status"] = after
        self.did.append(after)
        return 200, intent


def told(intent: dict[str, Any]) -> str:
    """The webhook's body about an authorized intent."""
    return json.dumps({"type": "payment_intent.amount_capturable_updated", "data": {"object": intent}})


def signed(body: str, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    """The header of a webhook that is sent now."""
    now = int(time.time())
    signature = hmac.new(secret.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={now},v1={signature}", "Content-Type": "application/json; charset=utf-8"}


@contextmanager
def running() -> Iterator[FakeStripe]:
    """It answers within."""
    stripe = FakeStripe()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
            status, body, is_replayed = stripe.answer(self.command, self.path, form, self.headers)
            content = json.dumps(body).encode()
            self.send_response(status)
            if is_replayed:
                self.send_header("Idempotent-Replayed", "true")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stripe.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield stripe
        finally:
            server.shutdown()
            thread.join()


def _error(code: str) -> dict[str, Any]:
    return {"error": {"type": "invalid_request_error", "code": code, "message": "In words."}}
