"""Charging, giving back and never charging, with the ledger in memory."""

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common import clock
from common.consumer import on_bus_events
from payments.charging import Charging
from payments.consumer import PaymentReactions
from payments.domain import Kind, Payment, ProviderUnavailableError, Status
from payments.provider import SLOW_S, SimulatedProvider
from tests.unit.functions.factories import (
    ACCEPTED_AT,
    FakePublisher,
    bus_record,
    order_event,
    record_with_unknown_fields,
)
from tests.unit.functions.payments.memory import MemoryLedger


@pytest.fixture
def ledger() -> MemoryLedger:
    """The provider's books."""
    return MemoryLedger()


@pytest.fixture
def publisher() -> FakePublisher:
    """The bus."""
    return FakePublisher()


@pytest.fixture
def service(ledger: MemoryLedger, publisher: FakePublisher) -> PaymentReactions:
    """The service under test."""
    return PaymentReactions(Charging(SimulatedProvider(ledger, sleep=lambda _: None)), publisher)


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
def test_token_decides(service: PaymentReactions, publisher: FakePublisher, token: str, kind: str) -> None:
    service.stock_reserved(order_event(token=token))
    ((published, event),) = publisher.published
    assert published == kind
    assert event.data.reason == ("PAYMENT_DECLINED" if kind == "PaymentDeclined" else None)
    assert ("payment-captured" in event.metadata.stages) == (kind == "PaymentCaptured")


def test_slow_token_takes_two_seconds_once(ledger: MemoryLedger) -> None:
    naps: list[float] = []
    provider = SimulatedProvider(ledger, sleep=naps.append)
    first = provider.authorize("o", 100, "tok_slow")
    assert first.status is Status.AUTHORIZED
    assert provider.authorize("o", 100, "tok_slow") == first
    assert naps == [SLOW_S] == [2.0]


def test_flaky_token_fails_the_first_attempt_of_each_order(ledger: MemoryLedger) -> None:
    provider = SimulatedProvider(ledger)
    for order in ("a", "b"):
        with pytest.raises(ProviderUnavailableError):
            provider.authorize(order, 100, "tok_flaky")
        assert provider.authorize(order, 100, "tok_flaky").status is Status.AUTHORIZED


class AwayProvider:
    """A `PaymentProvider` that never answers."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def authorize(self, *_: object) -> Payment:
        """See `PaymentProvider`."""
        return self._fail("authorize")

    def capture(self, *_: object) -> Payment:
        """See `PaymentProvider`."""
        return self._fail("capture")

    def void(self, *_: object) -> Payment:
        """See `PaymentProvider`."""
        return self._fail("void")

    def refund(self, *_: object) -> Payment:
        """See `PaymentProvider`."""
        return self._fail("refund")

    def _fail(self, call: str) -> Payment:
        self.calls.append(call)
        raise ProviderUnavailableError


@pytest.mark.parametrize(
    ("kind", "call"), [("StockReserved", "authorize"), ("OrderCancelled", "void"), ("ReservationExpired", "void")]
)
def test_provider_that_stays_away_is_tried_four_times(publisher: FakePublisher, kind: str, call: str) -> None:
    provider = AwayProvider()
    with pytest.raises(ProviderUnavailableError):
        PaymentReactions(Charging(provider), publisher).by_type()[kind](order_event())
    assert provider.calls == [call] * 4
    assert publisher.published == []


@pytest.mark.parametrize("kind", ["StockReserved", "OrderCancelled", "ReservationExpired"])
def test_no_attempt_begins_when_the_functions_time_would_not_do(
    publisher: FakePublisher, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Each attempt takes a gateway's time-out of 5 s."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    class SlowProvider(AwayProvider):
        """Takes its time."""

        def _fail(self, call: str) -> Payment:
            now[0] += 5
            return super()._fail(call)

    provider = SlowProvider()
    with pytest.raises(ProviderUnavailableError):
        PaymentReactions(Charging(provider), publisher).by_type()[kind](order_event())
    assert len(provider.calls) == 2


def test_order_without_payment_is_not_charged(service: PaymentReactions, ledger: MemoryLedger) -> None:
    event = order_event()
    bare = event.model_copy(update={"data": event.data.model_copy(update={"payment": None})})
    with pytest.raises(ValueError, match="without its payment"):
        service.stock_reserved(bare)
    assert ledger.entries == {}


def test_cancelled_order_gets_its_charge_back_once(
    service: PaymentReactions, ledger: MemoryLedger, publisher: FakePublisher
) -> None:
    service.stock_reserved(order_event(total=2500))
    for _ in range(2):
        service.order_cancelled(order_event(total=2500))
    assert publisher.types() == ["PaymentCaptured", "PaymentRefunded", "PaymentRefunded"]
    assert publisher.published[1] == publisher.published[2]
    assert ledger.kinds("order-1") == {Kind.AUTHORIZATION, Kind.CHARGE, Kind.REFUND}
    assert [entry.amount_cents for entry in Payment(**ledger.entries["order-1"]).moved] == [2500, 2500]


def test_order_cancelled_before_it_is_charged_never_is(
    service: PaymentReactions, ledger: MemoryLedger, publisher: FakePublisher
) -> None:
    service.order_cancelled(order_event())
    service.stock_reserved(order_event())
    assert ledger.kinds("order-1") == {Kind.VOID}
    assert publisher.published == []


@pytest.mark.parametrize("token", ["tok_ok", "tok_declined"])
def test_charge_that_a_void_overtakes_is_not_made(token: str, ledger: MemoryLedger, publisher: FakePublisher) -> None:
    slow = order_event(token=token)

    class Overtaken(MemoryLedger):
        """The cancellation comes when the provider has read that there is nothing yet."""

        def payment(self, order_id: str) -> Payment:
            """See `Ledger`."""
            before = super().payment(order_id)
            PaymentReactions(Charging(SimulatedProvider(ledger)), publisher).order_cancelled(slow)
            return before

    overtaken = Overtaken()
    overtaken.entries = ledger.entries
    PaymentReactions(Charging(SimulatedProvider(overtaken)), publisher).stock_reserved(slow)
    assert Kind.VOID in ledger.kinds("order-1")
    assert Kind.CHARGE not in ledger.kinds("order-1")
    assert publisher.published == []


@pytest.mark.parametrize(("token", "kind"), [("tok_ok", "PaymentCaptured"), ("tok_declined", "PaymentDeclined")])
def test_expired_reservation_is_answered_with_what_stands(
    service: PaymentReactions, publisher: FakePublisher, token: str, kind: str
) -> None:
    service.stock_reserved(order_event(token=token))
    for _ in range(2):
        service.reservation_expired(order_event(token=token))
    assert publisher.types() == [kind] * 3
    assert publisher.published == [publisher.published[0]] * 3


def test_expired_reservation_is_not_charged_any_more(
    service: PaymentReactions, ledger: MemoryLedger, publisher: FakePublisher
) -> None:
    service.reservation_expired(order_event())
    service.stock_reserved(order_event())
    assert ledger.kinds("order-1") == {Kind.VOID}
    assert publisher.types() == ["PaymentDeclined"]


def test_expired_reservation_of_a_refunded_order_is_not_paid(
    service: PaymentReactions, publisher: FakePublisher
) -> None:
    service.stock_reserved(order_event())
    service.order_cancelled(order_event())
    service.reservation_expired(order_event())
    assert publisher.types() == ["PaymentCaptured", "PaymentRefunded", "PaymentDeclined"]


def test_refund_is_not_dated_before_its_charge(ledger: MemoryLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = SimulatedProvider(ledger)
    monkeypatch.setattr("common.clock.now", lambda: "2026-11-21T10:00:01.000Z")
    authorization = provider.authorize("o", 100, "tok_ok").authorization
    assert authorization
    charge = provider.capture("o", authorization).outcome
    assert charge
    monkeypatch.setattr("common.clock.now", lambda: "2026-11-21T10:00:00.000Z")
    refund = provider.refund("o", charge).refund
    assert refund
    assert refund.at == charge.at


@pytest.mark.parametrize("kind", ["StockReserved", "OrderCancelled", "ReservationExpired"])
@pytest.mark.parametrize("is_charged", [True, False])
def test_event_of_a_later_version_is_handled_the_same(
    monkeypatch: pytest.MonkeyPatch, kind: str, is_charged: bool
) -> None:
    monkeypatch.setattr(clock, "now", lambda: ACCEPTED_AT)
    plain = bus_record(kind, order_event())
    outcomes = []
    for record in (plain, record_with_unknown_fields(plain)):
        publisher, ledger = FakePublisher(), MemoryLedger()
        service = PaymentReactions(Charging(SimulatedProvider(ledger)), publisher)
        if is_charged:
            service.stock_reserved(order_event())
        on_bus_events(service.by_type())(SQSRecord(record))
        outcomes.append((publisher.published, ledger.entries))
    assert outcomes[0] == outcomes[1]
