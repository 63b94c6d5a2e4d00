"""A real gateway's provider: the ledger and the gateway agree, whatever comes, fails and dies."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tenacity import wait_none

from payments.charging import Charging
from payments.consumer import PaymentReactions
from payments.domain import Entry, Kind, Payment, ProviderUnavailableError, Status
from payments.gateway import GatewayProvider, Intent
from payments.provider import OtherProviderError, SimulatedProvider
from tests.unit.functions.factories import FakePublisher, order_event
from tests.unit.functions.interleaving import SCHEDULES, side_by_side
from tests.unit.functions.payments.fake_gateway import FakeGateway
from tests.unit.functions.payments.memory import MemoryLedger

RESERVED, CANCELLED, EXPIRED, TOLD = "StockReserved", "OrderCancelled", "ReservationExpired", "webhook"
AT = "2026-11-21T10:15:31.000Z"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between attempts."""
    for method in (Charging.charge, Charging.void, Charging.give_back):
        monkeypatch.setattr(method.retry, "wait", wait_none())  # type: ignore[attr-defined]  # tenacity's


def reactions_at(gateway: FakeGateway, ledger: MemoryLedger, bus: FakePublisher) -> PaymentReactions:
    return PaymentReactions(Charging(GatewayProvider(ledger, gateway)), bus)


@settings(deadline=None)
@given(
    st.sampled_from(["tok_ok", "tok_declined"]),
    st.booleans(),
    st.lists(st.sampled_from([RESERVED, RESERVED, CANCELLED, EXPIRED, TOLD]), min_size=1, max_size=6),
    st.lists(st.sampled_from(["", "", "", "lost", "late"]), max_size=12),
    SCHEDULES,
)
def test_gateway_and_ledger_agree_and_nobody_pays_twice(
    token: str, undecided: bool, messages: list[str], faults: list[str], schedule: list[tuple[int, bool]]
) -> None:
    gateway, ledger, bus = FakeGateway(iter(faults), undecided), MemoryLedger(), FakePublisher()
    reactions, order = reactions_at(gateway, ledger, bus), order_event("o", token=token, total=100)
    provider = GatewayProvider(ledger, gateway)

    def told() -> None:
        if gateway.intents:
            payment = provider.settle("o", gateway.authorize_late("o"))
            reactions.settled(order, payment, is_pending=CANCELLED not in messages)

    def deliver(message: str) -> None:
        """As SQS and Stripe do: what fails comes again."""
        while True:
            try:
                return told() if message == TOLD else reactions.by_type()[message](order)
            except ProviderUnavailableError:
                continue

    def always() -> None:
        kinds = ledger.kinds("o")
        assert len(gateway.intents) <= 1
        assert gateway.balance("o") in (0, 100)
        assert len(kinds & {Kind.CHARGE, Kind.DECLINE, Kind.VOID}) <= 1
        assert Kind.CHARGE not in kinds or gateway.intents["pi_o"].status == "succeeded"
        assert Kind.REFUND not in kinds or gateway.balance("o") == 0
        assert "PaymentCaptured" not in bus.types() or Kind.CHARGE in kinds
        assert "PaymentDeclined" not in bus.types() or kinds & {Kind.DECLINE, Kind.VOID, Kind.REFUND}

    side_by_side([partial(deliver, message) for message in messages], schedule, always)

    assert gateway.balance("o") == ledger.balance("o")
    if {RESERVED, CANCELLED, EXPIRED} & set(messages) and not (undecided and not {CANCELLED, EXPIRED} & set(messages)):
        assert gateway.held("o") == 0
    if CANCELLED in messages:
        assert gateway.balance("o") == 0
    if EXPIRED in messages and CANCELLED not in messages:
        assert set(bus.types()) == {"PaymentCaptured" if gateway.balance("o") else "PaymentDeclined"}


def run(*messages: str, token: str = "tok_ok", **gateway: object) -> tuple[FakeGateway, MemoryLedger, FakePublisher]:
    """What there is after these messages about one order of 25.00."""
    made, ledger, bus = FakeGateway(**gateway), MemoryLedger(), FakePublisher()  # type: ignore[arg-type]
    reactions = reactions_at(made, ledger, bus)
    for message in messages:
        reactions.by_type()[message](order_event(token=token, total=2500))
    return made, ledger, bus


def test_order_is_charged_at_the_gateway_once() -> None:
    gateway, ledger, bus = run(RESERVED, RESERVED)
    assert gateway.asked == ["create order-1", "capture order-1"]
    assert gateway.balance("order-1") == ledger.balance("order-1") == 2500
    assert bus.published == [bus.published[0]] * 2
    assert {entry.reference for entry in ledger.entries["order-1"].values()} == {"pi_order-1"}


def test_declined_card_is_not_asked_again() -> None:
    gateway, ledger, bus = run(RESERVED, RESERVED, token="tok_declined")
    assert gateway.asked == ["create order-1"]
    assert (bus.types(), ledger.kinds("order-1")) == (["PaymentDeclined"] * 2, {Kind.DECLINE})


def test_cancelled_order_is_refunded_at_the_gateway_once() -> None:
    gateway, ledger, bus = run(RESERVED, CANCELLED, CANCELLED)
    assert gateway.balance("order-1") == ledger.balance("order-1") == 0
    assert bus.types() == ["PaymentCaptured", "PaymentRefunded", "PaymentRefunded"]
    assert ledger.kinds("order-1") == {Kind.AUTHORIZATION, Kind.CHARGE, Kind.REFUND}


@pytest.mark.parametrize(("first", "said"), [(CANCELLED, []), (EXPIRED, ["PaymentDeclined"])])
def test_order_that_nobody_asked_for_is_barred_without_the_gateway(first: str, said: list[str]) -> None:
    gateway, ledger, bus = run(first, RESERVED)
    assert gateway.asked == []
    assert (ledger.kinds("order-1"), bus.types()) == ({Kind.VOID}, said)


def test_request_whose_answer_was_lost_is_found_and_cancelled() -> None:
    """Four attempts are made, all of them without an answer: the money is on hold, and the ledger does not know."""
    with pytest.raises(ProviderUnavailableError):
        run(RESERVED, faults=iter(["late"] * 4))
    gateway, ledger, bus = FakeGateway(iter(["late"] * 4)), MemoryLedger(), FakePublisher()
    reactions = reactions_at(gateway, ledger, bus)
    with pytest.raises(ProviderUnavailableError):
        reactions.stock_reserved(order_event())
    assert (gateway.held("order-1") > 0, ledger.entries) == (True, {})
    reactions.reservation_expired(order_event())
    assert (gateway.held("order-1"), gateway.balance("order-1")) == (0, 0)
    assert bus.types() == ["PaymentDeclined"]


def test_gateway_that_decides_late_is_followed() -> None:
    gateway, ledger, bus = run(RESERVED, undecided=True)
    assert bus.types() == []
    provider, reactions = GatewayProvider(ledger, gateway), reactions_at(gateway, ledger, bus)
    intent = gateway.authorize_late("order-1")
    for _ in range(2):
        reactions.settled(order_event(), provider.settle("order-1", intent), is_pending=True)
    assert bus.types() == ["PaymentCaptured"] * 2
    assert gateway.balance("order-1") == ledger.balance("order-1") == 2500


def test_late_authorization_of_an_order_that_waits_no_longer_is_cancelled() -> None:
    gateway, ledger, bus = run(RESERVED, undecided=True)
    payment = GatewayProvider(ledger, gateway).settle("order-1", gateway.authorize_late("order-1"))
    reactions_at(gateway, ledger, bus).settled(order_event(), payment, is_pending=False)
    assert (gateway.held("order-1"), bus.types()) == (0, [])
    assert Kind.VOID in ledger.kinds("order-1")


@pytest.mark.parametrize(("order_id", "intent_id"), [("order-1", "pi_other"), ("order-2", "pi_order-1")])
def test_intent_that_is_not_the_orders_changes_nothing(order_id: str, intent_id: str) -> None:
    gateway, ledger, _ = run(RESERVED)
    gateway.intents["pi_other"] = Intent("pi_other", "requires_capture", "other")
    run_before = ledger.entries["order-1"].copy()
    GatewayProvider(ledger, gateway).settle(order_id, intent_id)
    assert ledger.entries == {"order-1": run_before}
    assert gateway.intents["pi_other"].status == "requires_capture"


@pytest.mark.parametrize("messages", [[RESERVED], [RESERVED, CANCELLED], [RESERVED, EXPIRED]])
def test_second_hold_of_an_order_is_let_go_when_it_is_told(messages: list[str]) -> None:
    gateway, ledger, _ = run(*messages)
    gateway.intents["pi_second"] = Intent("pi_second", "requires_capture", "order-1")
    before = ledger.entries["order-1"].copy()
    for _ in range(2):
        GatewayProvider(ledger, gateway).settle("order-1", "pi_second")
    assert gateway.intents["pi_second"].status == "canceled"
    assert gateway.asked.count("cancel order-1") == 1
    assert ledger.entries["order-1"] == before


def test_what_another_provider_entered_is_not_looked_for_here() -> None:
    gateway, ledger = FakeGateway(), MemoryLedger()
    provider = GatewayProvider(ledger, gateway)
    ledger.entries["o"] = {"authorization": Entry(Kind.AUTHORIZATION, 100, AT)}
    assert provider.capture("o", ledger.entries["o"]["authorization"]).status is Status.VOIDED
    charge = Entry(Kind.CHARGE, 100, AT)
    assert provider.refund("o", charge).status is Status.REFUNDED
    assert gateway.asked == []


@pytest.mark.parametrize("message", [RESERVED, CANCELLED, EXPIRED])
@pytest.mark.parametrize("first", [[""], []], ids=["authorized", "asked"])
def test_simulated_provider_moves_no_real_money(message: str, first: list[str]) -> None:
    """The gateway has authorized, and the ledger knows it or not; then PAYMENT_PROVIDER is changed."""
    gateway, ledger, bus = FakeGateway(iter([*first, *["late"] * 4])), MemoryLedger(), FakePublisher()
    with pytest.raises(ProviderUnavailableError):
        reactions_at(gateway, ledger, bus).stock_reserved(order_event())
    before = dict(ledger.entries.get("order-1", {}))
    with pytest.raises(OtherProviderError):
        PaymentReactions(Charging(SimulatedProvider(ledger)), bus).by_type()[message](order_event())
    assert ledger.entries.get("order-1", {}) == before
    assert bus.types() == []


def test_simulated_provider_refunds_no_real_charge() -> None:
    _, ledger, bus = run(RESERVED)
    with pytest.raises(OtherProviderError):
        PaymentReactions(Charging(SimulatedProvider(ledger)), bus).order_cancelled(order_event())


def test_simulated_provider_goes_on_where_the_gateway_never_was_asked() -> None:
    _, ledger, bus = run(CANCELLED)
    PaymentReactions(Charging(SimulatedProvider(ledger)), bus).stock_reserved(order_event())
    assert ledger.kinds("order-1") == {Kind.VOID}


def test_refund_is_not_dated_before_its_charge() -> None:
    ahead = Entry(Kind.CHARGE, 100, "2999-01-01T00:00:00.000Z")
    payment: Payment = GatewayProvider(MemoryLedger(), FakeGateway()).refund("o", ahead)
    assert payment.refund
    assert payment.refund.at == ahead.at
