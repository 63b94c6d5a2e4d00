"""What a message carries of how it came to be."""

import json
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.stub import Stubber

from common.consumer import consume, on_bus_events
from common.events import EventPublisher, EventType, OrderEvent
from common.http import resolver
from common.trail import Invocation, Trail, current, follow
from tests.event_schemas import check_event
from tests.unit.functions.factories import Context, api_event, bus_record, order_event, sqs_event, sqs_record

STAMPS = {
    "ApproximateReceiveCount": "2",
    "SentTimestamp": "1795256130123",
    "ApproximateFirstReceiveTimestamp": "1795256130130",
}


def trail() -> Trail:
    """That of a message that is published now."""
    found = current()
    assert found is not None
    return found


def record_with(given: Trail | None) -> dict[str, Any]:
    """An SQS record of an event that came with this trail."""
    event = order_event()
    return bus_record("OrderPlaced", event.model_copy(update={"trail": given})) | {"attributes": STAMPS}


def test_record_leaves_its_stamps() -> None:
    seen: list[Trail] = []
    context = Context()
    record = sqs_record("{}") | {"attributes": STAMPS}
    consume(sqs_event(record), context, lambda _: seen.append(trail()))
    (leg,) = seen[0]["legs"]
    assert leg == {
        "function": "test",
        "requestId": context.aws_request_id,
        "queuedAt": 1795256130123,
        "receivedAt": 1795256130130,
        "attempt": 2,
        "startedAt": leg["startedAt"],
        "takenAt": leg["takenAt"],
    }
    assert leg["startedAt"] <= leg["takenAt"] <= seen[0]["publishedAt"]
    assert current() is None


def test_legs_before_go_first_and_the_service_does_not_see_them() -> None:
    seen: list[tuple[OrderEvent, Trail]] = []
    first = Invocation("cart", "r-1", 5)
    with first.serving_request({"requestTimeEpoch": 4}):
        before = trail()
    consume(
        sqs_event(record_with(before)),
        Context(),
        on_bus_events({"OrderPlaced": lambda event: seen.append((event, trail()))}),
    )
    ((event, after),) = seen
    assert event == order_event()
    assert [leg["function"] for leg in after["legs"]] == ["cart", "test"]
    assert after["legs"][0] == before["legs"][0]
    assert after["legs"][1]["publishedAt"] == before["publishedAt"]


def test_records_of_a_batch_have_trails_of_their_own() -> None:
    seen: list[Trail] = []

    def react(_: OrderEvent) -> None:
        seen.append(trail())
        raise ConnectionError

    before = {"publishedAt": 1, "legs": []}
    records = sqs_event(record_with(before), record_with(None), record_with(before))
    consume(records, Context(), on_bus_events({"OrderPlaced": react}))
    assert [len(each["legs"]) for each in seen] == [1, 1, 1]
    assert [each["legs"][0].get("publishedAt") for each in seen] == [1, None, 1]
    assert len({each["legs"][0]["startedAt"] for each in seen}) == 1
    assert current() is None


def test_request_leaves_its_stamp() -> None:
    app = resolver()
    seen: list[Trail] = []

    @app.get("/things")
    def things() -> dict[str, str]:
        seen.append(trail())
        return {}

    event = api_event("GET", "/things")
    event["requestContext"]["requestTimeEpoch"] = 1795256130123
    assert app.resolve(event, Context())["statusCode"] == 200
    (leg,) = seen[0]["legs"]
    assert (leg["function"], leg["receivedAt"], leg["startedAt"]) == ("test", 1795256130123, leg["takenAt"])
    assert leg.keys().isdisjoint({"queuedAt", "attempt", "publishedAt"})
    assert current() is None


def test_nothing_is_carried_where_nothing_is_handled() -> None:
    follow({"publishedAt": 1, "legs": []})
    assert current() is None
    assert "trail" not in json.loads(order_event().with_trail().to_json())


@pytest.mark.parametrize("handled", [True, False])
def test_publisher_puts_it_on_the_message_as_the_schema_says(handled: bool) -> None:
    client = boto3.client("events")
    sent: list[dict[str, Any]] = []
    client.meta.events.register(  # type: ignore[no-untyped-call]
        "before-parameter-build.events.PutEvents", lambda params, **_: sent.extend(params["Entries"])
    )

    def publish(_: SQSRecord | None = None) -> None:
        with Stubber(client) as stub:
            stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": []})
            EventPublisher(client, "shop", "s").publish(EventType.ORDER_PLACED, [order_event()])

    if handled:
        consume(sqs_event(sqs_record("{}") | {"attributes": STAMPS}), Context(), publish)
    else:
        publish()
    detail = json.loads(sent[0]["Detail"])
    check_event("OrderPlaced", detail)
    assert ("trail" in detail) == handled
    if handled:
        assert detail["trail"]["legs"][0]["queuedAt"] == 1795256130123


def test_log_line_of_a_record_tells_its_leg_and_what_it_comes_from(log_lines: list[dict[str, Any]]) -> None:
    with Invocation("cart", "r-1", 5).serving_request({"requestTimeEpoch": 4}):
        given = trail()
    consume(sqs_event(record_with(given)), Context(), on_bus_events({"OrderPlaced": lambda event: None}))
    (line,) = log_lines
    assert (line["message"], line["order_id"], line["event_type"]) == ("record done", "order-1", "OrderPlaced")
    told = line["leg"]
    assert told == {
        "publishedAt": given["publishedAt"],
        "queuedAt": 1795256130123,
        "receivedAt": 1795256130130,
        "attempt": 2,
        "startedAt": told["startedAt"],
        "takenAt": told["takenAt"],
        "cause": "r-1",
    }


def test_log_line_of_a_record_that_failed_tells_its_leg_too(log_lines: list[dict[str, Any]]) -> None:
    def fail(event: OrderEvent) -> None:
        raise ConnectionError

    consume(sqs_event(record_with(None)), Context(), on_bus_events({"OrderPlaced": fail}))
    (line,) = log_lines
    assert (line["level"], line["leg"]["attempt"], "cause" in line["leg"]) == ("ERROR", 2, False)
