"""Charging, with the ledger in memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.consumer import PaymentReactions
from payments.domain import Decision, Outcome, ProviderUnavailableError
from payments.provider import SLOW_S, SimulatedProvider
from tests.unit.functions.factories import FakePublisher, order_event


class MemoryLedger:
    """`Ledger` in dicts."""

    def __init__(self) -> None:
        self.decisions: dict[str, Decision] = {}
        self.attempts: dict[str, int] = {}

    def decision(self, order_id: str) -> Decision | None:
        """See `Ledger`."""
        return self.decisions.get(order_id)

    def decide(self, order_id: str, decision: Decision) -> Decision:
        """See `Ledger`."""
        return self.decisions.setdefault(order_id, decision)

    def count_attempt(self, order_id: str) -> int:
        """See `Ledger`."""
        self.attempts[order_id] = self.attempts.get(order_id, 0) + 1
        return self.attempts[order_id]


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("tok_ok", "PaymentCaptured"),
        ("tok_slow", "PaymentCaptured"),
        ("tok_flaky", "PaymentCaptured"),
        ("tok_declined", "PaymentDeclined"),
        ("tok_unheard_of", "PaymentDeclined"),
    ],
)
def test_token_decides(token: str, kind: str) -> None:
    publisher = FakePublisher()
    PaymentReactions(SimulatedProvider(MemoryLedger()), publisher).stock_reserved(order_event(token=token))
    ((published, event),) = publisher.published
    assert published == kind
    assert event.data.reason == ("PAYMENT_DECLINED" if kind == "PaymentDeclined" else None)
    assert ("payment-captured" in event.metadata.stages) == (kind == "PaymentCaptured")


def test_slow_token_takes_two_seconds_once() -> None:
    naps: list[float] = []
    provider = SimulatedProvider(MemoryLedger(), sleep=naps.append)
    first = provider.charge("o", 100, "tok_slow")
    assert provider.charge("o", 100, "tok_slow") == first
    assert naps == [SLOW_S] == [2.0]


def test_flaky_token_fails_the_first_attempt_of_each_order() -> None:
    provider = SimulatedProvider(MemoryLedger())
    for order in ("a", "b"):
        with pytest.raises(ProviderUnavailableError):
            provider.charge(order, 100, "tok_flaky")
        assert provider.charge(order, 100, "tok_flaky").outcome is Outcome.CHARGE


def test_provider_that_stays_away_is_tried_four_times() -> None:
    calls: list[str] = []

    class Away:
        def charge(self, order_id: str, amount_cents: int, token: str) -> Decision:
            calls.append(order_id)
            raise ProviderUnavailableError

    publisher = FakePublisher()
    with pytest.raises(ProviderUnavailableError):
        PaymentReactions(Away(), publisher).stock_reserved(order_event())
    assert len(calls) == 4
    assert publisher.published == []


def test_order_without_payment_is_not_charged() -> None:
    event = order_event()
    bare = event.model_copy(update={"data": event.data.model_copy(update={"payment": None})})
    ledger = MemoryLedger()
    with pytest.raises(ValueError, match="without the order's payment"):
        PaymentReactions(SimulatedProvider(ledger), FakePublisher()).stock_reserved(bare)
    assert ledger.decisions == {}


@given(
    st.sampled_from(["tok_ok", "tok_slow", "tok_flaky", "tok_declined"]),
    st.integers(0, 3),
    st.integers(1, 10**9),
)
def test_redeliveries_publish_one_and_the_same_decision(token: str, failures: int, total: int) -> None:
    ledger, publisher = MemoryLedger(), FakePublisher(failures)
    service = PaymentReactions(SimulatedProvider(ledger, sleep=lambda _: None), publisher)
    for _ in range(failures):
        with pytest.raises(ConnectionError):
            service.stock_reserved(order_event(token=token, total=total))
    for _ in range(2):
        service.stock_reserved(order_event(token=token, total=total))
    assert publisher.published[0] == publisher.published[1]
    assert [decision.amount_cents for decision in ledger.decisions.values()] == [total]
