"""Events shaped as AWS sends them, and fakes of what stands around a service."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from common.auth import Principal, issue
from common.dynamodb import to_wire
from common.events import BusEvent, EventType, Line, Metadata, OrderAnnouncement, OrderData, OrderEvent, Payment
from tests.event_schemas import check_announcement, check_event

SECRET = "5e" * 32
ALICE = Principal("alice", "alice@example.com", "customer")
BOB = Principal("bob", "bob@example.com", "customer")
ADMIN = Principal("admin", "admin@example.com", "admin")
ACCEPTED_AT = "2026-11-21T10:15:30.123Z"


class Context(LambdaContext):
    """Lambda's context; `remaining_ms` is what is left of the invocation."""

    def __init__(self, remaining_ms: int = 5000) -> None:
        self._function_name = "test"
        self._memory_limit_in_mb = 256
        self._invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:test"
        self._aws_request_id = str(uuid.uuid4())
        self.remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]
        """Milliseconds until the time-out."""
        return self.remaining_ms


def bearer(principal: Principal = ALICE) -> dict[str, str]:
    """The header of a signed-in customer."""
    return {"Authorization": f"Bearer {issue(principal, SECRET)}"}


def api_event(
    method: str,
    path: str,
    body: object = None,
    *,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    raw_body: str | None = None,
) -> dict[str, Any]:
    """A REST API proxy event, as API Gateway sends it to Lambda."""
    sent = {"Host": "127.0.0.1:4566", **(headers or {})}
    text = raw_body if raw_body is not None else (None if body is None else json.dumps(body))
    if text is not None:
        sent.setdefault("Content-Type", "application/json")
    service = path.split("/")[1]
    return {
        "resource": f"/{service}" if path.count("/") == 1 else f"/{service}/{{proxy+}}",
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": query and {name: [value] for name, value in query.items()},
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "shop",
            "httpMethod": method,
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "test"},
            "path": f"/dev{path}",
            "protocol": "HTTP/1.1",
            "requestId": str(uuid.uuid4()),
            "resourcePath": path,
            "stage": "dev",
        },
        "body": text,
        "isBase64Encoded": False,
    }


def answer(response: dict[str, Any]) -> tuple[int, Any]:
    """Status and parsed body of what a handler returned."""
    return response["statusCode"], json.loads(response["body"])


def details(response: dict[str, Any]) -> dict[str, str]:
    """The details of a 400, by field."""
    assert response["statusCode"] == 400, response
    return {entry["field"]: entry["message"] for entry in json.loads(response["body"])["error"]["details"]}


def sqs_record(body: str, **attributes: str) -> dict[str, Any]:
    """One record of an SQS event."""
    return {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795256130123"},
        "messageAttributes": {name: {"stringValue": value, "dataType": "String"} for name, value in attributes.items()},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
        "awsRegion": "us-east-1",
    }


def bus_record(kind: str, event: BusEvent, **extra: object) -> dict[str, Any]:
    """One record of an SQS event that a rule of the bus put there; `extra` goes into the detail."""
    envelope = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": "shop.test",
        "account": "000000000000",
        "time": "2026-11-21T10:15:30Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {**json.loads(event.to_json()), **extra},
    }
    return sqs_record(json.dumps(envelope))


def sqs_event(*records: dict[str, Any]) -> dict[str, Any]:
    """What an SQS event source mapping sends."""
    return {"Records": list(records)}


def stream_record(
    order_id: str, before: str | None, after: str | None, items: Sequence[tuple[str, int, int]] = (("p1", 1, 100),)
) -> dict[str, Any]:
    """A record of the stream of orders: an order of these lines (product, quantity, price) went from one status to the
    other; None is no order.
    """
    change: dict[str, Any] = {
        "Keys": {"orderId": {"S": order_id}},
        "SequenceNumber": str(uuid.uuid4().int % 10**21).zfill(21),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    for name, status in (("OldImage", before), ("NewImage", after)):
        if status is not None:
            change[name] = _image(order_id, status, items)
    kind = "INSERT" if before is None else "REMOVE" if after is None else "MODIFY"
    return {"eventID": str(uuid.uuid4()), "eventName": kind, "eventSource": "aws:dynamodb", "dynamodb": change}


def _image(order_id: str, status: str, items: Sequence[tuple[str, int, int]]) -> dict[str, Any]:
    stages = {"accepted": ACCEPTED_AT}
    if status in ("CONFIRMED", "CANCELLED"):
        stages["confirmed"] = "2026-11-21T10:15:31.000Z"
    return to_wire(
        {
            "orderId": order_id,
            "customerId": "alice",
            "customerEmail": "alice@example.com",
            "items": [{"productId": name, "quantity": count, "priceCents": price} for name, count, price in items],
            "totalCents": sum(count * price for _, count, price in items),
            "payment": {"method": "card", "token": "tok_ok"},
            "status": status,
            "placedAt": ACCEPTED_AT,
            "stages": stages,
            "correlationId": "corr-1",
        }
    )


def stream_records(*order_ids: str) -> dict[str, Any]:
    """A batch of the stream: these orders become CONFIRMED."""
    return {"Records": [stream_record(order_id, "PENDING", "CONFIRMED") for order_id in order_ids]}


def topic_record(announcement: OrderAnnouncement) -> SQSRecord:
    """An announcement as it arrives with raw message delivery."""
    return SQSRecord(sqs_record(announcement.to_json(), **announcement.attributes()))


def lines(*wanted: tuple[str, int]) -> tuple[Line, ...]:
    """Lines of an order, each for 100 cents."""
    return tuple(Line(product_id=name, quantity=quantity, price_cents=100) for name, quantity in wanted)


def order_event(
    order_id: str = "order-1", *, items: tuple[Line, ...] = (), token: str = "tok_ok", total: int = 100
) -> OrderEvent:
    """An event of an order that has just been accepted."""
    return OrderEvent(
        metadata=Metadata(correlation_id="corr-1", stages={"accepted": ACCEPTED_AT}),
        data=OrderData(
            order_id=order_id,
            customer_id="alice",
            customer_email="alice@example.com",
            items=items or lines(("p1", 1)),
            total_cents=total,
            payment=Payment(method="card", token=token),
        ),
    )


def with_unknown_fields(message: Any) -> Any:
    """`message` as a later version may send it: with a field that nobody knows in every object.

    Not in `stages`, whose names are data.
    """
    if isinstance(message, list):
        return [with_unknown_fields(each) for each in message]
    if not isinstance(message, dict):
        return message
    known = {name: value if name == "stages" else with_unknown_fields(value) for name, value in message.items()}
    return known | {"notInvented": {"yet": ["anything", None, 1.5]}}


def record_with_unknown_fields(record: dict[str, Any]) -> dict[str, Any]:
    """An SQS record whose body has them, at every level."""
    return record | {"body": json.dumps(with_unknown_fields(json.loads(record["body"])))}


def stream_record_with_unknown_fields(record: dict[str, Any]) -> dict[str, Any]:
    """A record of the stream of orders as it may come later: with attributes that nobody knows, beside the order's own,
    one of them a number with a fraction, and with fields of its own.
    """
    images = {
        name: {**record["dynamodb"][name], "notInvented": {"M": {"share": {"N": "0.5"}}}}
        for name in ("OldImage", "NewImage")
        if name in record["dynamodb"]
    }
    return with_unknown_fields(record) | {"dynamodb": with_unknown_fields(record["dynamodb"]) | images}


@dataclass
class FakePublisher[E: BusEvent = OrderEvent]:
    """A `Publisher` that keeps what it is given, if the schemas allow it; the first `failures` calls raise."""

    failures: int = 0
    published: list[tuple[EventType, E]] = field(default_factory=list)

    def publish(self, kind: EventType, events: Sequence[E]) -> None:
        """See `Publisher`."""
        if self.failures > 0:
            self.failures -= 1
            raise ConnectionError("the bus is away")
        for event in events:
            check_event(kind.value, json.loads(event.to_json()))
        self.published += [(kind, event) for event in events]

    def types(self) -> list[str]:
        """The types of what was published, in order."""
        return [kind.value for kind, _ in self.published]


@dataclass
class FakeAnnouncer:
    """An `Announcer` that keeps what it is given, if the schemas allow it; the first `failures` calls raise."""

    failures: int = 0
    announced: list[OrderAnnouncement] = field(default_factory=list)

    def announce(self, announcements: Sequence[OrderAnnouncement]) -> None:
        """See `Announcer`."""
        if self.failures > 0:
            self.failures -= 1
            raise ConnectionError("the topic is away")
        for announcement in announcements:
            check_announcement(json.loads(announcement.to_json()))
        self.announced += announcements

    def stages(self) -> list[str]:
        """The stages that were announced, in order."""
        return [announcement.stage for announcement in self.announced]
