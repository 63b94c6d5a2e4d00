"""One mail an order and status, with Powertools' idempotency on a store in memory."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
from hypothesis import given
from hypothesis import strategies as st

from common import clock
from common.events import CartData, CartEvent, CartMetadata, OrderAnnouncement, TimelineEntry
from notifications.consumer import Notifications
from notifications.domain import Mail, mail_about, money
from notifications.once import Once
from tests.unit.functions.factories import (
    ACCEPTED_AT,
    Context,
    FakePublisher,
    bus_record,
    lines,
    record_with_unknown_fields,
    topic_record,
)


class MemoryPersistence(BasePersistenceLayer):
    """Powertools' store in a dict."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.records: dict[str, DataRecord] = {}

    def _get_record(self, idempotency_key: str) -> DataRecord:
        try:
            return self.records[idempotency_key]
        except KeyError:
            raise IdempotencyItemNotFoundError from None

    def _put_record(self, data_record: DataRecord) -> None:
        found = self.records.get(data_record.idempotency_key)
        now_ms = dt.datetime.now().timestamp() * 1000
        over = found is not None and (found.in_progress_expiry_timestamp or now_ms + 1) < now_ms
        if found is not None and not (found.status == "INPROGRESS" and over):
            raise IdempotencyItemAlreadyExistsError(old_data_record=found)
        self.records[data_record.idempotency_key] = data_record

    def _update_record(self, data_record: DataRecord) -> None:
        self.records[data_record.idempotency_key] = data_record

    def _delete_record(self, data_record: DataRecord) -> None:
        del self.records[data_record.idempotency_key]


class FakeMailer:
    """A `Mailer` that keeps the mails; the first `failures` calls raise `error`."""

    def __init__(self, failures: int = 0, error: type[BaseException] = ConnectionError) -> None:
        self.failures = failures
        self.error = error
        self.sent: list[Mail] = []

    def send(self, mail: Mail) -> None:
        """See `Mailer`."""
        if self.failures > 0:
            self.failures -= 1
            raise self.error
        self.sent.append(mail)


def announcement(stage: str = "confirmed", **changes: Any) -> OrderAnnouncement:
    """The topic says that order-1 has reached `stage`."""
    values: Mapping[str, Any] = {
        "order_id": "order-1",
        "customer_id": "alice",
        "customer_email": "alice@example.com",
        "correlation_id": "corr-1",
        "stage": stage,
        "status": stage.upper(),
        "reason": None,
        "at": ACCEPTED_AT,
        "total_cents": 199_905,
        "timeline": (TimelineEntry(stage="accepted", at=ACCEPTED_AT),),
        **changes,
    }
    return OrderAnnouncement(**values)


def service(
    mailer: FakeMailer, publisher: FakePublisher, remaining_ms: int = 5000, once: Once | None = None
) -> Notifications:
    """The service, in an invocation with so much time left."""
    once = once or Once(MemoryPersistence())
    once.register(Context(remaining_ms))
    return Notifications(once, mailer, publisher)


def test_mail_goes_out_and_everybody_is_told() -> None:
    mailer, publisher = FakeMailer(), FakePublisher()
    service(mailer, publisher).on_record(topic_record(announcement()))
    (mail,) = mailer.sent
    assert (mail.to, mail.subject) == ("alice@example.com", "Your order order-1 is confirmed")
    assert "$1,999.05" in mail.body
    assert mail.body.endswith("\nReference: corr-1\n")
    ((kind, event),) = publisher.published
    assert (kind, event.data.order_id, event.metadata.correlation_id) == (
        "OrderNotified",
        "order-1",
        "corr-1",
    )
    assert list(event.metadata.stages) == ["accepted", "notified"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [("OUT_OF_STOCK", "out of stock"), ("PAYMENT_DECLINED", "declined"), (None, "cannot")],
)
def test_rejection_names_its_reason(reason: str | None, words: str) -> None:
    mail = mail_about(announcement("rejected", reason=reason))
    assert mail is not None
    assert words in mail.body


def test_redelivery_sends_no_mail_and_tells_the_same_time() -> None:
    mailer, publisher = FakeMailer(), FakePublisher(failures=1)
    notifications = service(mailer, publisher)
    with pytest.raises(ConnectionError):
        notifications.on_record(topic_record(announcement()))
    for _ in range(2):
        notifications.on_record(topic_record(announcement()))
    assert len(mailer.sent) == 1
    assert publisher.published[0] == publisher.published[1]


def test_each_status_and_each_order_has_its_mail() -> None:
    mailer = FakeMailer()
    notifications = service(mailer, FakePublisher())
    for stage in ("confirmed", "cancelled", "confirmed"):
        for order_id in ("a", "b"):
            notifications.on_record(topic_record(announcement(stage, order_id=order_id)))
    assert [(mail.about, mail.status) for mail in mailer.sent] == [
        ("a", "CONFIRMED"),
        ("b", "CONFIRMED"),
        ("a", "CANCELLED"),
        ("b", "CANCELLED"),
    ]


def test_mail_that_failed_goes_out_with_the_redelivery() -> None:
    mailer, publisher = FakeMailer(failures=1), FakePublisher()
    notifications = service(mailer, publisher)
    with pytest.raises(ConnectionError):
        notifications.on_record(topic_record(announcement()))
    assert publisher.published == []
    notifications.on_record(topic_record(announcement()))
    assert len(mailer.sent) == 1


def test_mail_of_an_invocation_that_died_goes_out_when_its_time_is_up() -> None:
    once = Once(MemoryPersistence())
    dying = service(FakeMailer(1, KeyboardInterrupt), FakePublisher(), remaining_ms=-1, once=once)
    with pytest.raises(KeyboardInterrupt):
        dying.on_record(topic_record(announcement()))
    mailer = FakeMailer()
    service(mailer, FakePublisher(), once=once).on_record(topic_record(announcement()))
    assert len(mailer.sent) == 1


def test_mail_in_the_making_elsewhere_is_left_alone() -> None:
    once = Once(MemoryPersistence())
    dying = service(FakeMailer(1, KeyboardInterrupt), FakePublisher(), remaining_ms=60_000, once=once)
    with pytest.raises(KeyboardInterrupt):
        dying.on_record(topic_record(announcement()))
    mailer = FakeMailer()
    with pytest.raises(IdempotencyAlreadyInProgressError):
        service(mailer, FakePublisher(), once=once).on_record(topic_record(announcement()))
    assert mailer.sent == []


def test_stage_without_mail_is_passed_over() -> None:
    mailer, publisher = FakeMailer(), FakePublisher()
    service(mailer, publisher).on_record(topic_record(announcement("accepted", status="PENDING")))
    assert (mailer.sent, publisher.published) == ([], [])


def test_announcement_of_a_later_version_is_handled_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: ACCEPTED_AT)
    outcomes = []
    record = topic_record(announcement()).raw_event
    for each in (record, record_with_unknown_fields(record)):
        mailer, publisher = FakeMailer(), FakePublisher()
        service(mailer, publisher).on_record(SQSRecord(each))
        outcomes.append((mailer.sent, publisher.published))
    assert outcomes[0] == outcomes[1]


def cart_left(version: int = 7, **envelope: Any) -> dict[str, Any]:
    """A record of the bus: alice has left her cart."""
    event = CartEvent(
        metadata=CartMetadata(correlation_id="corr-9"),
        data=CartData(
            customer_id="alice",
            customer_email="alice@example.com",
            cart_version=version,
            items=lines(("p1", 2), ("p2", 1)),
            total_cents=199_905,
        ),
    )
    record = bus_record("CartAbandoned", event)
    return record | {"body": json.dumps(json.loads(record["body"]) | envelope)}


def test_cart_that_is_left_gets_one_mail_a_version_and_nobody_is_told() -> None:
    mailer, publisher = FakeMailer(), FakePublisher()
    notifications = service(mailer, publisher)
    for version in (7, 7, 8, 7):
        notifications.on_record(SQSRecord(cart_left(version)))
    assert [mail.status for mail in mailer.sent] == ["ABANDONED 7", "ABANDONED 8"]
    mail = mailer.sent[0]
    assert (mail.to, mail.subject) == ("alice@example.com", "There is something in your cart")
    assert "3 articles, today for $1,999.05" in mail.body
    assert mail.body.endswith("\nReference: corr-9\n")
    assert publisher.published == []


def test_cart_of_a_later_version_of_the_event_is_handled_the_same() -> None:
    mails = []
    for record in (cart_left(), record_with_unknown_fields(cart_left())):
        mailer = FakeMailer()
        service(mailer, FakePublisher()).on_record(SQSRecord(record))
        mails += mailer.sent
    assert mails[0] == mails[1]


def test_replayed_event_is_counted_and_sends_nothing_twice(log_lines: list[dict[str, Any]]) -> None:
    mailer = FakeMailer()
    notifications = service(mailer, FakePublisher())
    for extra in ({}, {"replay-name": "r-1"}):
        notifications.on_record(SQSRecord(cart_left(**extra)))
    assert [line["replay"] for line in log_lines if line["message"] == "replayed"] == ["r-1"]
    assert len(mailer.sent) == 1


def test_address_that_looks_like_an_event_is_an_announcement_still() -> None:
    mailer = FakeMailer()
    address = '"detail-type"@example.com'
    service(mailer, FakePublisher()).on_record(topic_record(announcement(customer_email=address)))
    assert [mail.to for mail in mailer.sent] == [address]


@given(st.integers(0, 10**12))
def test_money_reads_back(cents: int) -> None:
    dollars, _, rest = money(cents).removeprefix("$").replace(",", "").partition(".")
    assert int(dollars) * 100 + int(rest) == cents
    assert len(rest) == 2
