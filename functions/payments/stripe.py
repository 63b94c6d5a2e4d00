"""Stripe's API over HTTP, as much of it as the gateway needs, with the urllib3 that Lambda's runtime carries.

Every POST has an idempotency key, made of the order and the step: it can be sent again whatever became of it. Stripe
keeps a key's first answer, a 5xx too, and marks it when it comes again: then the next key has its turn, `<key>:2` and
so on, the same for everybody who asks. A step that was done in spite of its 5xx is refused under the next key, but for
`create`: that makes a second intent, and the provider lets go of the one that does not count.
https://docs.stripe.com/api/idempotent_requests, https://docs.stripe.com/error-low-level

| answer | means |
|---|---|
| none, 409, 429, 5xx | ProviderUnavailableError: ask again |
| 402 | the card was declined |
| 400 to capture, cancel, refund | done before, or decided otherwise: the intent itself tells |
| all else | GatewayRefusedError: the key is wrong, or the request is |
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from payments.domain import ProviderUnavailableError
from payments.gateway import Intent

CONNECT_S, READ_S = 1.0, 4.0
_ASK_AGAIN = frozenset({HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})
# Test cards: https://docs.stripe.com/testing. How slow or flaky a real gateway is, no token says.
_METHODS = {"tok_declined": "pm_card_chargeCustomerFail"}
_GOOD_METHOD = "pm_card_visa"
_MOST_KEYS = 32  # then nothing helps until Stripe forgets the first one, after a day


class GatewayRefusedError(Exception):
    """The gateway will never do this; the message has its own words, and no secret."""


@dataclass(frozen=True, slots=True)
class Stripe:
    """A `Gateway`. `api_key` is asked for with each request, so that a new one is used without a restart."""

    base: str
    api_key: Callable[[], str]
    currency: str = "usd"
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S), retries=False, maxsize=1
        )
    )

    def create(self, order_id: str, amount_cents: int, token: str) -> Intent:
        """See `Gateway`."""
        status, body = self._post(
            "payment_intents",
            f"{order_id}:authorize",
            {
                "amount": amount_cents,
                "currency": self.currency,
                "payment_method": _METHODS.get(token, _GOOD_METHOD),
                "payment_method_types[]": "card",
                "capture_method": "manual",
                "confirm": "true",
                "metadata[order_id]": order_id,
            },
        )
        if status == HTTPStatus.PAYMENT_REQUIRED:
            return Intent(str(_at(body, "error", "payment_intent").get("id", "")), "requires_payment_method", order_id)
        return _intent(_good(status, body))

    def capture(self, order_id: str, intent_id: str) -> Intent:
        """See `Gateway`."""
        return self._move(order_id, intent_id, "capture")

    def cancel(self, order_id: str, intent_id: str) -> Intent:
        """See `Gateway`."""
        return self._move(order_id, intent_id, "cancel")

    def refund(self, order_id: str, intent_id: str) -> None:
        """See `Gateway`."""
        status, body = self._post("refunds", f"{order_id}:refund", {"payment_intent": intent_id})
        if _at(body, "error").get("code") != "charge_already_refunded":
            _good(status, body)

    def retrieve(self, intent_id: str) -> Intent | None:
        """See `Gateway`."""
        status, body = _read(self._send("GET", f"payment_intents/{quote(intent_id, safe='')}", {}, None))
        return None if status == HTTPStatus.NOT_FOUND else _intent(_good(status, body))

    def _move(self, order_id: str, intent_id: str, step: str) -> Intent:
        path = f"payment_intents/{quote(intent_id, safe='')}/{step}"
        status, body = self._post(path, f"{order_id}:{step}:{intent_id}", {})
        decided = status in (HTTPStatus.BAD_REQUEST, HTTPStatus.PAYMENT_REQUIRED)
        return (self.retrieve(intent_id) if decided else None) or _intent(_good(status, body))

    def _post(self, path: str, key: str, form: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body of the first key's answer that is no 5xx of an earlier request."""
        for number in range(1, _MOST_KEYS + 1):
            numbered = key if number == 1 else f"{key}:{number}"
            headers = {"Idempotency-Key": numbered, "Content-Type": "application/x-www-form-urlencoded"}
            answer = self._send("POST", path, headers, urlencode(form))
            if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR or answer.headers.get("Idempotent-Replayed") != "true":
                return _read(answer)
        raise ProviderUnavailableError(f"POST {path}: {_MOST_KEYS} keys have been answered 5xx")

    def _send(self, method: str, path: str, headers: dict[str, str], body: str | None) -> urllib3.BaseHTTPResponse:
        """The answer, whatever it says. Raises ProviderUnavailableError where there is none."""
        named = {**headers, "Authorization": f"Bearer {self.api_key()}"}
        try:
            return self.http.request(method, f"{self.base}/v1/{path}", headers=named, body=body)
        except urllib3.exceptions.HTTPError as error:
            raise ProviderUnavailableError(f"{method} {path}: {type(error).__name__}") from error


def _read(answer: urllib3.BaseHTTPResponse) -> tuple[int, dict[str, Any]]:
    """Status and body. Raises ProviderUnavailableError where repeating may help."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _ASK_AGAIN:
        raise ProviderUnavailableError(f"the gateway answered {answer.status}")
    try:
        content = json.loads(answer.data)
    except ValueError:
        content = None
    return answer.status, content if isinstance(content, dict) else {}


def _good(status: int, body: dict[str, Any]) -> dict[str, Any]:
    if status == HTTPStatus.OK:
        return body
    error = _at(body, "error")
    raise GatewayRefusedError(f"{status} {error.get('code') or error.get('type')}: {error.get('message')}")


def _intent(body: Mapping[str, Any]) -> Intent:
    """Raises ProviderUnavailableError for an answer that is none."""
    if not isinstance(body.get("id"), str) or not isinstance(body.get("status"), str):
        raise ProviderUnavailableError("the gateway's answer is no payment intent")
    return Intent(body["id"], body["status"], _at(body, "metadata").get("order_id"))


def _at(body: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    found: Any = body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
