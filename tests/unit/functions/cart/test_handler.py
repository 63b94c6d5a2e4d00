"""The two kinds of events that the cart is invoked with."""

import pytest

from cart import handler as entry
from cart.reminding import Reminding
from cart.shopping import Shopping
from common.events import CartEvent, Payment
from tests.unit.functions.cart.memory import MemoryCarts
from tests.unit.functions.factories import ACCEPTED_AT, ALICE, Context, FakePublisher, answer, api_event

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def test_schedule_publishes_what_the_checkout_could_not(
    shopping: Shopping,
    reminding: Reminding,
    carts: MemoryCarts,
    publisher: FakePublisher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entry, "shopping", lambda: shopping)
    monkeypatch.setattr(entry, "reminding", lambda: reminding)
    publisher.failures = 1
    shopping.put("alice", "p1", 1, ACCEPTED_AT)
    checkout = shopping.check_out(ALICE, Payment(method="card", token="tok_ok"), "corr-1", ACCEPTED_AT)
    assert publisher.published == []
    monkeypatch.setattr("common.clock.now", lambda: checkout.due_at)
    assert entry.handler(SCHEDULED, Context()) == {"due": 1, "published": 1, "abandoned": 0}
    assert [(kind.value, event) for kind, event in publisher.published] == [("CartCheckedOut", checkout.event())]
    assert carts.checkouts == {}
    assert entry.handler(SCHEDULED, Context()) == {"due": 0, "published": 0, "abandoned": 0}


def test_schedule_tells_of_carts_that_are_left(
    shopping: Shopping, reminding: Reminding, told: FakePublisher[CartEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry, "shopping", lambda: shopping)
    monkeypatch.setattr(entry, "reminding", lambda: reminding)
    shopping.put("alice", "p1", 2, "2020-01-01T00:00:00.000Z")
    assert entry.handler(SCHEDULED, Context()) == {"due": 0, "published": 0, "abandoned": 1}
    assert entry.handler(SCHEDULED, Context()) == {"due": 0, "published": 0, "abandoned": 0}
    assert told.types() == ["CartAbandoned"]


@pytest.mark.usefixtures("shopping")
def test_anything_else_is_a_request() -> None:
    assert answer(entry.handler(api_event("GET", "/cart"), Context()))[0] == 401
