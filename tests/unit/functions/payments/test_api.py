"""The route of payments, and what the function is invoked with."""

from collections.abc import Iterator
from typing import Any

import pytest

from common.auth import Principal
from payments import api
from payments import handler as entry
from payments.charging import Charging
from payments.consumer import PaymentReactions
from payments.provider import SimulatedProvider
from tests.unit.functions.factories import (
    ALICE,
    BOB,
    Context,
    FakePublisher,
    answer,
    api_event,
    bearer,
    bus_record,
    order_event,
    sqs_event,
)
from tests.unit.functions.payments.memory import MemoryLedger


class MemoryOwners:
    """`Owners` in a dict."""

    def of(self, order_id: str) -> str | None:
        """See `Owners`."""
        return {"order-1": "alice"}.get(order_id)


@pytest.fixture
def ledger() -> Iterator[MemoryLedger]:
    """The ledger behind the API."""
    books = api.Books(MemoryLedger(), MemoryOwners())
    api.app.dependency_overrides[api.books] = lambda: books
    yield books.ledger
    api.app.dependency_overrides.clear()


@pytest.fixture
def service(ledger: MemoryLedger) -> PaymentReactions:
    """What moves the money."""
    return PaymentReactions(Charging(SimulatedProvider(ledger)), FakePublisher())


def get(order_id: str, who: Principal = ALICE) -> tuple[int, Any]:
    """Ask for the payments of an order."""
    return answer(entry.handler(api_event("GET", f"/orders/{order_id}/payments", headers=bearer(who)), Context()))


def test_ledger_tells_what_moved_in_the_order_of_time(service: PaymentReactions) -> None:
    assert get("order-1") == (200, {"items": []})
    service.stock_reserved(order_event(total=2500))
    service.order_cancelled(order_event(total=2500))
    status, body = get("order-1")
    assert status == 200
    assert [(each["type"], each["amountCents"]) for each in body["items"]] == [("charge", 2500), ("refund", 2500)]
    assert body["items"][0]["at"] <= body["items"][1]["at"]
    assert {frozenset(each) for each in body["items"]} == {frozenset({"type", "amountCents", "at"})}


@pytest.mark.parametrize("ends", ["order_cancelled", "reservation_expired"])
def test_what_moved_no_money_is_not_listed(service: PaymentReactions, ends: str) -> None:
    getattr(service, ends)(order_event())
    assert get("order-1") == (200, {"items": []})


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(("order_id", "who"), [("order-1", BOB), ("order-2", ALICE), ("x" * 65, ALICE)])
def test_order_of_others_or_of_nobody_is_404(order_id: str, who: Principal) -> None:
    status, body = get(order_id, who)
    assert (status, body["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.usefixtures("ledger")
def test_route_without_a_token_is_401() -> None:
    response = entry.handler(api_event("GET", "/orders/order-1/payments"), Context())
    assert response["statusCode"] == 401


def test_records_go_to_the_consumer(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(entry, "on_record", lambda record: seen.append(record.message_id))
    record = bus_record("StockReserved", order_event())
    assert entry.handler(sqs_event(record), Context()) == {"batchItemFailures": []}
    assert seen == [record["messageId"]]
