"""The three kinds of events that orders is invoked with, and its announcements on SNS."""

from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from common.events import PublishError, Stage
from orders import handler as entry
from orders.outbox import SnsAnnouncer
from tests.unit.functions.factories import Context, api_event, bus_record, order_event, sqs_event
from tests.unit.functions.orders.test_consumer import pending

TOPIC = "arn:aws:sns:us-east-1:000000000000:order-events"


def test_event_goes_to_its_part_by_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(entry, "on_record", lambda record: seen.append(record.message_id))
    monkeypatch.setattr(entry, "sweep", lambda *_: seen.append("sweep"))
    record = bus_record("StockReserved", order_event())
    assert entry.handler(sqs_event(record), Context()) == {"batchItemFailures": []}
    entry.handler({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}, Context())
    assert seen == [record["messageId"], "sweep"]
    assert entry.handler(api_event("GET", "/orders"), Context())["statusCode"] == 401


@pytest.fixture
def client() -> Any:
    """A client that is never connected."""
    return boto3.client("sns")


def test_announcement_has_the_attributes_to_filter_by(client: Any) -> None:
    def text(value: str) -> dict[str, str]:
        return {"DataType": "String", "StringValue": value}

    attributes = {"correlationId": text("corr-1"), "stage": text("accepted"), "status": text("PENDING")}
    message = {"Id": "0", "Message": ANY, "MessageAttributes": attributes}
    with Stubber(client) as stub:
        expected = {"TopicArn": TOPIC, "PublishBatchRequestEntries": [message]}
        stub.add_response("publish_batch", {"Successful": [], "Failed": []}, expected)
        SnsAnnouncer(client, TOPIC).announce([pending().announcement(Stage.ACCEPTED)])
        stub.assert_no_pending_responses()


def test_announcement_that_is_not_taken_raises(client: Any) -> None:
    failed = {"Id": "0", "Code": "InternalError", "SenderFault": False}
    with Stubber(client) as stub:
        stub.add_response("publish_batch", {"Successful": [], "Failed": [failed]})
        with pytest.raises(PublishError, match="InternalError"):
            SnsAnnouncer(client, TOPIC).announce([pending().announcement(Stage.ACCEPTED)])
