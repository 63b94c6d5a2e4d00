"""What the gateway tells: signed, looked after, and harmless when it comes again."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments import api, wiring
from payments import handler as entry
from payments.charging import Charging
from payments.consumer import PaymentReactions
from payments.domain import Payment, ProviderUnavailableError
from payments.gateway import GatewayProvider
from payments.signature import TOLERANCE_S, BadSignatureError, check, parse
from payments.webhooks import StoredOrder, Webhook
from payments.wiring import MissingKeyError
from tests.unit.functions.factories import Context, FakePublisher, answer, api_event, order_event
from tests.unit.functions.payments.fake_gateway import FakeGateway
from tests.unit.functions.payments.memory import MemoryLedger

SECRET, NOW = "whsec_test", 1_795_000_000
PATH = "/payments/webhooks/stripe"


def signed(body: str, secret: str = SECRET, at: int = NOW) -> str:
    """The header as Stripe makes it."""
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.{body}'.encode(), hashlib.sha256).hexdigest()}"


def told(kind: str = "payment_intent.amount_capturable_updated", order_id: str = "order-1", **changes: Any) -> str:
    about = {"id": f"pi_{order_id}", "object": "payment_intent", "metadata": {"order_id": order_id}} | changes
    return json.dumps({"id": "evt_1", "type": kind, "data": {"object": about}})


class Shop:
    """One order that waits, payments at a gateway that decides late, and its webhook."""

    def __init__(self) -> None:
        self.gateway, self.ledger, self.bus = FakeGateway(undecided=True), MemoryLedger(), FakePublisher()
        self.provider = GatewayProvider(self.ledger, self.gateway)
        self.reactions = PaymentReactions(Charging(self.provider), self.bus)
        self.order = StoredOrder(order_event(total=2500), is_pending=True)
        self.reactions.stock_reserved(self.order.event)
        self.secret: str | None = SECRET
        self.webhook = Webhook(lambda: self.secret, self.provider, self, self.reactions, clock=lambda: NOW)

    def get(self, order_id: str) -> StoredOrder | None:
        """See `StoredOrders`."""
        return self.order if order_id == "order-1" else None


@pytest.fixture
def shop() -> Iterator[Shop]:
    found = Shop()
    api.app.dependency_overrides[api.webhook] = lambda: found.webhook
    yield found
    api.app.dependency_overrides.clear()


def post(body: str, header: str | None = None) -> tuple[int, Any]:
    """Stripe calls."""
    event = api_event("POST", PATH, headers={"Stripe-Signature": signed(body) if header is None else header})
    return answer(entry.handler(event | {"body": body}, Context()))


def test_late_authorization_is_captured_and_told_once_for_all(shop: Shop) -> None:
    shop.gateway.authorize_late("order-1")
    assert [post(told()) for _ in range(2)] == [(200, {"received": True})] * 2
    assert shop.gateway.asked.count("capture order-1") == 1
    assert shop.bus.types() == ["PaymentCaptured"] * 2
    assert shop.bus.published[0] == shop.bus.published[1]


def test_what_is_told_is_looked_after_and_not_believed(shop: Shop) -> None:
    assert post(told("payment_intent.succeeded", status="succeeded"))[0] == 200
    assert shop.bus.types() == []
    assert shop.gateway.balance("order-1") == 0


@pytest.mark.parametrize(
    "body",
    [
        told("charge.refunded"),
        told(order_id="another"),
        told(metadata={}),
        told(metadata=None),
        told(order_id="x" * 65),
        "[]",
        "7",
        '{"type": "payment_intent.succeeded"}',
    ],
)
def test_what_is_none_of_ours_is_taken_and_left(shop: Shop, body: str) -> None:
    asked = list(shop.gateway.asked)
    assert post(body) == (200, {"received": True})
    assert shop.gateway.asked == asked


def test_intent_that_the_gateway_does_not_have_changes_nothing(shop: Shop) -> None:
    assert post(told(id="pi_of_somebody_else")) == (200, {"received": True})
    assert shop.gateway.asked[-1] == "retrieve pi_of_somebody_else"
    assert shop.bus.types() == []


@pytest.mark.parametrize(
    "header",
    [
        signed(told(), "other"),
        signed(told() + " "),
        signed(told(), at=NOW - TOLERANCE_S - 1),
        signed(told(), at=NOW + TOLERANCE_S + 1),
        "t=1",
        f"v1={'0' * 64}",
        f"t=x,v1={'0' * 64}",
        f"t={'9' * 400},v1=é",
        "é",
        "",
    ],
)
def test_request_that_is_not_signed_well_is_refused(shop: Shop, header: str) -> None:
    shop.gateway.authorize_late("order-1")
    status, body = post(told(), header)
    assert (status, body["error"]["code"]) == (400, "BAD_SIGNATURE")
    assert shop.bus.types() == []


def test_without_a_secret_nothing_is_taken(shop: Shop) -> None:
    shop.secret = None
    status, body = post(told())
    assert (status, body["error"]["code"]) == (400, "BAD_SIGNATURE")
    assert "STRIPE_WEBHOOK_SECRET" in body["error"]["message"]


def test_malformed_header_is_refused_before_the_secret_is_fetched(shop: Shop) -> None:
    def fetch() -> str:
        raise AssertionError("nobody needs it")

    shop.webhook = replace(shop.webhook, secret=fetch)
    assert post(told(), "t=1")[0] == 400


@pytest.mark.parametrize(
    "kept", ["p7?as-it-is-made", '{"apiKey": "sk"}', '{"webhookSecret": ""}', '{"webhookSecret": null}', "[]", "7"]
)
def test_secret_without_the_webhooks_is_none(monkeypatch: pytest.MonkeyPatch, kept: str) -> None:
    monkeypatch.setenv("STRIPE_SECRET_ID", "shop/stripe")
    monkeypatch.setattr(wiring, "_secrets", lambda: SimpleNamespace(get=lambda name, max_age: kept))
    assert wiring.webhook_secret() is None


def test_missing_api_key_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_ID", "shop/stripe")
    monkeypatch.setattr(wiring, "_secrets", lambda: SimpleNamespace(get=lambda name, max_age: "as-it-is-made"))
    with pytest.raises(MissingKeyError, match="STRIPE_API_KEY"):
        wiring.api_key()


def test_signature_of_either_secret_is_good_while_it_is_changed() -> None:
    old, new = signed("body", "old"), signed("body", "new")
    check(parse(f"{old},v1={new.partition('v1=')[2]},v0=ignored"), b"body", "new", NOW)


def test_missing_header_is_named(shop: Shop) -> None:
    status, body = answer(entry.handler(api_event("POST", PATH) | {"body": told()}, Context()))
    assert (status, body["error"]["details"][0]["field"].lower()) == (400, "stripe-signature")


def test_gateway_that_does_not_answer_is_asked_to_tell_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> Payment:
        raise ProviderUnavailableError

    monkeypatch.setattr(GatewayProvider, "settle", away)
    status, body = post(told())
    assert (status, body["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")


def test_without_a_gateway_there_is_no_such_route() -> None:
    status, body = post(told())
    assert (status, body["error"]["code"]) == (404, "NOT_FOUND")


@given(st.text(max_size=80), st.binary(max_size=80))
def test_any_other_header_is_refused(header: str, body: bytes) -> None:
    with pytest.raises(BadSignatureError):
        check(parse(header), body, SECRET, NOW)
