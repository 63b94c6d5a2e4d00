"""AWS's rules of billing, without an engine: sizes of requests, DynamoDB's units, the counters."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.serialize import JSONSerializer
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

import loadstack_engine
from loadstack_engine.runtime import _loadstack_capacity as capacity
from loadstack_engine.runtime import _loadstack_requests as requests
from loadstack_engine.usage import between_services
from loadstack_engine.usage.harmless import harmless
from loadstack_engine.usage.meter import Meter
from loadstack_engine.usage.pollers import Pollers

KB_64 = 64 * 1024


@pytest.fixture
def usage(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module as function processes have it, beside its own on the path."""
    monkeypatch.syspath_prepend(Path(loadstack_engine.__file__).parent / "runtime")
    before = set(sys.modules)
    import _loadstack_usage as usage

    yield usage
    for name in set(sys.modules) - before:
        if name.startswith("_loadstack_"):
            del sys.modules[name]


@pytest.mark.parametrize(
    ("size", "count"), [(0, 1), (1, 1), (KB_64, 1), (KB_64 + 1, 2), (2 * KB_64, 2), (1024 * 1024, 16)]
)
def test_each_64_kb_is_a_request(size: int, count: int) -> None:
    assert requests.chunks(size) == count


def test_a_batch_is_sized_as_a_whole_with_its_attributes() -> None:
    attribute = {"kind": {"DataType": "String", "StringValue": "x" * 100}}
    entries = [{"Id": str(n), "MessageBody": "m" * 8000, "MessageAttributes": attribute} for n in range(8)]
    assert requests.message_bytes(entries[0]) == 8000 + len("kind") + len("String") + 100
    assert requests.of_sqs("SendMessageBatch", {"Entries": entries}, {}) == 1
    assert requests.of_sqs("SendMessageBatch", {"Entries": [*entries, {"MessageBody": "m" * 700}]}, {}) == 2


def test_bytes_count_and_not_characters() -> None:
    assert requests.of_sqs("SendMessage", {"MessageBody": "ü" * (KB_64 // 2)}, {}) == 1
    assert requests.of_sqs("SendMessage", {"MessageBody": "ü" * (KB_64 // 2 + 1)}, {}) == 2


def test_a_receive_is_sized_by_what_it_brings() -> None:
    answer = {"Messages": [{"Body": "m" * KB_64}, {"Body": "m"}]}
    assert requests.of_sqs("ReceiveMessage", {}, answer) == 2
    assert requests.of_sqs("ReceiveMessage", {}, {}) == 1
    assert requests.of_sqs("DeleteMessageBatch", {"Entries": [{}] * 10}, {}) == 1


def test_a_publish_is_sized_as_the_sdk_gives_it_and_as_it_sends_it() -> None:
    nested = {"TopicArn": "t", "Message": "m" * KB_64, "MessageAttributes": {"a": {"DataType": "String"}}}
    form = {"Action": "Publish", "TopicArn": "t", "Message": "m" * KB_64, "MessageAttributes.entry.1.Name": "a"}
    assert requests.of_sns(nested) == requests.of_sns(form) == 2
    assert requests.of_sns({"Message": "m", "TopicArn": "t" * KB_64 * 2}) == 1


def test_events_are_sized_one_by_one_and_by_bus() -> None:
    small = {"Source": "s", "DetailType": "d", "Detail": "{}"}
    large = small | {
        "Detail": "x" * (KB_64 - 2 - 14),
        "Time": "now",
        "EventBusName": "arn:aws:events:r:1:event-bus/shop",
    }
    larger = large | {"Resources": ["r"]}
    assert requests.of_events({"Entries": [small, small, large, larger]}, {}) == {"default": 2, "shop": 3}


def test_events_that_are_refused_are_not_billed() -> None:
    entries = [{"Source": "s", "EventBusName": bus} for bus in ("shop", "shop", "none")]
    answer = {
        "FailedEntryCount": 2,
        "Entries": [{"EventId": "1"}, {"ErrorCode": "InternalFailure"}, {"ErrorCode": "N"}],
    }
    assert requests.of_events({"Entries": entries}, answer) == {"shop": 1}


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"id": {"S": "Grüße"}}, 2 + 7),
        ({"n": {"N": "12345"}}, 1 + 4),
        ({"n": {"N": "-100"}}, 1 + 2),
        ({"n": {"N": "1.25E+20"}}, 1 + 3),
        ({"n": {"N": "1e-20"}}, 1 + 2),
        ({"b": {"BOOL": True}, "z": {"NULL": True}}, 4),
        ({"l": {"L": [{"S": "ab"}, {"S": "c"}]}}, 1 + 3 + 1 + 2 + 1 + 1),
        ({"m": {"M": {"key": {"S": "ab"}}}}, 1 + 3 + 1 + 3 + 2),
        ({"s": {"SS": ["ab", "c"]}}, 1 + 3),
        ({"y": {"B": "MTIzNA=="}}, 1 + 4),
        ({"y": {"B": b"1234"}}, 1 + 4),
        ({"y": {"B": "MTIzNDU2"}}, 1 + 6),
        ({"y": {"BS": ["MQ==", "MTI="]}}, 1 + 3),
    ],
)
def test_items_have_the_size_that_dynamodb_counts(item: dict[str, Any], size: int) -> None:
    assert capacity.item_bytes(item) == size


def test_binary_values_are_sized_as_a_put_sends_them() -> None:
    """In JSON they are text, a third longer."""
    serialized = JSONSerializer().serialize_to_request(
        {"TableName": "orders", "Item": {"id": {"S": "1"}, "data": {"B": b"\x00" * 1000}}},
        Session().get_service_model("dynamodb").operation_model("PutItem"),
    )
    assert capacity.item_bytes(json.loads(serialized["body"])["Item"]) == 2 + 1 + 4 + 1000


def _put(**more: Any) -> dict[str, Any]:
    return {"body": json.dumps({"TableName": "orders", "Item": {"id": {"S": "1"}}, **more}).encode()}


def test_what_a_caller_did_not_ask_for_is_asked_and_taken_out() -> None:
    request = _put()
    asked = capacity.ask("PutItem", request)
    answer = {"ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 2.0, "Table": {"CapacityUnits": 2.0}}}
    assert asked is not None
    assert capacity.take(asked, request, answer) == [("orders", "write_units", 2.0)]
    assert json.loads(request["body"])["ReturnConsumedCapacity"] == "INDEXES"
    assert answer == {}


def test_what_a_caller_asked_for_stays() -> None:
    request = _put(ReturnConsumedCapacity="TOTAL")
    before = dict(request)
    asked = capacity.ask("PutItem", request)
    answer = {"ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 1.0}}
    assert asked is not None
    assert capacity.take(asked, request, answer) == [("orders", "write_units", 1.0)]
    assert (request, "ConsumedCapacity" in answer) == (before, True)


def test_a_caller_who_wants_to_know_nothing_hears_nothing() -> None:
    for request in (_put(ReturnConsumedCapacity="NONE"), _put(Note={"S": '"ReturnConsumedCapacity"'})):
        asked = capacity.ask("PutItem", request)
        answer = {"ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 1.0}}
        assert asked is not None
        assert capacity.take(asked, request, answer) == [("orders", "write_units", 1.0)]
        assert answer == {}


def test_indexes_stand_by_themselves() -> None:
    request = _put()
    asked = capacity.ask("PutItem", request)
    consumed = {
        "TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/orders",
        "CapacityUnits": 4.0,
        "Table": {"CapacityUnits": 1.0},
        "GlobalSecondaryIndexes": {"by-customer": {"CapacityUnits": 2.0}, "by-day": {"CapacityUnits": 0.0}},
        "LocalSecondaryIndexes": {"by-size": {"CapacityUnits": 1.0}},
    }
    assert asked is not None
    assert capacity.take(asked, request, {"ConsumedCapacity": [consumed]}) == [
        ("orders", "write_units", 1.0),
        ("orders/index/by-customer", "write_units", 2.0),
        ("orders/index/by-size", "write_units", 1.0),
    ]


@pytest.mark.parametrize(("existing", "units"), [(None, 1.0), ("x" * 1020, 1.0), ("x" * 1030, 2.0), ("x" * 3000, 3.0)])
def test_a_failed_condition_costs_a_write_of_the_larger_item(existing: str | None, units: float) -> None:
    request = _put(ConditionExpression="attribute_not_exists(id)")
    asked = capacity.ask("PutItem", request)
    answer: dict[str, Any] = {"Error": {"Code": "ConditionalCheckFailedException"}}
    answer |= {"Item": {"id": {"S": existing}}} if existing else {}
    assert asked is not None
    assert asked.item
    assert capacity.take(asked, request, answer) == [("orders", "write_units", units)]
    assert answer == {"Error": {"Code": "ConditionalCheckFailedException"}}


def test_a_caller_gets_the_item_that_it_asked_for_on_a_failed_condition() -> None:
    more = {"ConditionExpression": "a", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    request = _put(**more)
    asked = capacity.ask("PutItem", request)
    answer = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": {"id": {"S": "1"}}}
    assert asked is not None
    assert capacity.take(asked, request, answer) == [("orders", "write_units", 1.0)]
    assert "Item" in answer


def test_a_cancelled_transaction_costs_twice_a_write_of_each_item() -> None:
    actions = [
        {"Put": {"TableName": "orders", "Item": {"id": {"S": "x" * 1500}}}},
        {"ConditionCheck": {"TableName": "stock", "Key": {"id": {"S": "1"}}}},
    ]
    request = {"body": json.dumps({"TransactItems": actions}).encode()}
    asked = capacity.ask("TransactWriteItems", request)
    assert asked is not None
    assert capacity.take(asked, request, {"Error": {"Code": "TransactionCanceledException"}}) == [
        ("orders", "write_units", 4.0),
        ("stock", "write_units", 2.0),
    ]


def _transaction(sizes: list[float | None], told: float) -> list[Any]:
    """Of puts of items of so many kilobytes, and of updates of unknown ones."""
    put = [{"Put": {"TableName": "t", "Item": {"x": {"S": "x" * (int(kb or 0) * 1024 - 100)}}}} for kb in sizes if kb]
    update = [{"Update": {"TableName": "t", "Key": {"id": {"S": "1"}}}} for kb in sizes if not kb]
    request = {"body": json.dumps({"TransactItems": put + update}).encode()}
    asked = capacity.ask("TransactWriteItems", request)
    assert asked is not None
    index = {"i": {"CapacityUnits": 4.0}}
    consumed = {"TableName": "t", "CapacityUnits": told + 4, "Table": {"CapacityUnits": told}}
    return capacity.take(asked, request, {"ConsumedCapacity": [consumed | {"GlobalSecondaryIndexes": index}]})


# What DynamoDB Local 3.3 told of such transactions is in the second column: 4 for each different number of units.
@pytest.mark.parametrize(
    ("sizes", "told", "units"),
    [
        ([1], 4, 2),
        ([1, 1, 1], 4, 6),
        ([2], 8, 4),
        ([1, 2], 12, 6),
        ([2, 3, 1], 24, 12),
        ([None], 4, 2),
        ([None], 8, 4),
        ([None, None], 4, 4),
        ([1, None], 4, 4),
        ([1, None], 16, 8),
        ([2, None], 8, 8),
        ([1, None, None], 16, 8),
        ([None, None], 12, 6),
    ],
)
def test_a_transaction_costs_twice_each_write_whatever_dynamodb_local_tells(
    sizes: list[float | None], told: float, units: float
) -> None:
    assert _transaction(sizes, told) == [("t", "write_units", units), ("t/index/i", "write_units", 1.0)]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8), st.data())
def test_a_transaction_is_never_told_too_dear(sizes: list[int], data: st.DataObject) -> None:
    hidden = data.draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))
    known: list[float | None] = [None if hide else size for size, hide in zip(sizes, hidden, strict=True)]
    (table, _) = _transaction(known, 4.0 * sum(set(sizes)))
    assert 2 * len(sizes) <= table.units <= 2 * sum(sizes)
    if not any(hidden):
        assert table.units == 2 * sum(sizes)


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=3), st.sampled_from(["NONE", "TOTAL", "INDEXES", None]))
def test_a_request_is_the_same_but_for_what_was_asked(fields: dict[str, str], wanted: str | None) -> None:
    original = {"TableName": "t", **fields} | ({"ReturnConsumedCapacity": wanted} if wanted else {})
    request = {"body": json.dumps(original).encode()}
    capacity.ask("GetItem", request)
    changed = json.loads(request["body"])
    assert changed.pop("ReturnConsumedCapacity") == (wanted if wanted in ("TOTAL", "INDEXES") else "INDEXES")
    assert changed == {name: value for name, value in original.items() if name != "ReturnConsumedCapacity"}


def _sent(usage: Any, service: str, operation: str, request: dict[str, Any], answer: dict[str, Any]) -> Any:
    usage.metered(service, operation, request, lambda: (SimpleNamespace(status_code=200), answer))
    return {tuple(place): amount for *place, amount in usage.USED.take()}


def test_calls_of_a_function_go_where_they_are_billed(usage: Any) -> None:
    bucket = {"context": {"s3_redirect": {"bucket": "images"}}}
    queue = {"body": b'{"QueueUrl": "http://localhost/000000000000/payments", "MessageBody": "m"}'}
    topic = {"body": {"TopicArn": "arn:aws:sns:us-east-1:000000000000:order-events", "Message": "m"}}
    mail = {"body": {"Destination.ToAddresses.member.1": "a", "Destination.CcAddresses.member.1": "b", "Source": "c"}}

    assert _sent(usage, "sqs", "SendMessage", queue, {}) == {("sqs", "payments", "functions", "SendMessage"): 1}
    assert _sent(usage, "sns", "Publish", topic, {}) == {("sns", "order-events", "publishes"): 1}
    assert _sent(usage, "ses", "SendEmail", mail, {}) == {("ses", "mails"): 2}
    assert _sent(usage, "secretsmanager", "GetSecretValue", {"body": b"{}"}, {}) == {("secretsmanager", "calls"): 1}
    assert _sent(usage, "s3", "PutObject", bucket | {"body": b"12345"}, {}) == {
        ("s3", "images", "put_requests"): 1,
        ("s3", "images", "bytes_in"): 5,
    }
    assert _sent(usage, "s3", "GetObject", bucket, {"ContentLength": 7}) == {
        ("s3", "images", "get_requests"): 1,
        ("s3", "images", "bytes_out"): 7,
    }
    assert _sent(usage, "s3", "DeleteObject", bucket, {}) == {}


def test_a_call_that_fails_is_not_billed_and_one_that_is_odd_is_made(usage: Any) -> None:
    queue = {"body": b'{"QueueUrl": "q", "MessageBody": "m"}'}
    failed = SimpleNamespace(status_code=400), {"Error": {"Code": "QueueDoesNotExist"}}
    assert usage.metered("sqs", "SendMessage", queue, lambda: failed) == failed
    assert usage.USED.take() == []
    assert _sent(usage, "sqs", "SendMessage", {"body": b"no json"}, {}) == {}
    assert _sent(usage, "dynamodb", "GetItem", {"body": "text"}, {}) == {}


def test_amounts_are_summed_until_they_are_taken(usage: Any) -> None:
    place = ("dynamodb", "orders", "read_units")
    usage.USED.add([(place, 0.5), (place, 0.5), (("ses", "mails"), 1)])
    usage.USED.add([(place, 2)])
    assert sorted(usage.USED.take()) == [["dynamodb", "orders", "read_units", 3.0], ["ses", "mails", 1]]
    assert usage.USED.take() == []


def test_a_meter_nests_by_places_and_begins_anew() -> None:
    meter = Meter()
    meter.add(("sqs", "payments", "poller", "ReceiveMessage"))
    meter.add_all([(("sqs", "payments", "poller", "ReceiveMessage"), 2), (("ses", "mails"), 1)])
    meter.newest(("lambda", "orders", "memory_mb"), 512)
    meter.newest(("lambda", "orders", "memory_mb"), 256)
    meter.most(("lambda", "orders", "max_memory_used_mb"), 90)
    meter.most(("lambda", "orders", "max_memory_used_mb"), 80)
    began = meter.since
    assert meter.as_dict() == {
        "lambda": {"orders": {"max_memory_used_mb": 90, "memory_mb": 256}},
        "ses": {"mails": 1},
        "sqs": {"payments": {"poller": {"ReceiveMessage": 3}}},
    }

    meter.clear()

    assert (meter.as_dict(), meter.since > began) == ({}, True)


def test_nothing_is_counted_where_it_is_turned_off() -> None:
    meter, pollers = Meter(on=False), Pollers(on=False)
    meter.add(("ses", "mails"))
    meter.newest(("lambda", "orders", "memory_mb"), 256)
    meter.most(("lambda", "orders", "max_memory_used_mb"), 80)
    made: list[int] = []
    meter.add_all((("ses", "mails"), made.append(1) or 1) for _ in range(2))
    pollers.start("one", "payments")
    pollers.stop("one")
    assert (meter.as_dict(), made, pollers.seconds()) == ({}, [], {})


def test_the_setting_turns_counting_off() -> None:
    code = """
from loadstack_engine.usage.meter import USAGE
from loadstack_engine.usage.pollers import POLLERS
USAGE.add(("ses", "mails"))
POLLERS.start("one", "payments")
print(USAGE.as_dict(), POLLERS.seconds())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"LOADSTACK_USAGE": "0"}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "{} {}\n"


def test_counting_that_fails_is_told_once_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    counted: list[int] = []

    @harmless
    def count(value: Any) -> None:
        counted.append(len(value))

    for value in ("ab", None, None, "c"):
        count(value)

    assert counted == [2, 1]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_call_between_services_is_made_though_it_cannot_be_counted() -> None:
    between_services.count("sns", "sqs", "SendMessage", {"QueueUrl": 7}, None)  # raises nothing


def test_pollers_count_the_time_that_mappings_are_enabled() -> None:
    now = [100.0]
    pollers = Pollers(lambda: now[0])
    pollers.start("one", "payments")
    now[0] += 8
    pollers.start("other", "payments")
    now[0] += 2
    pollers.stop("one")
    pollers.stop("one")
    now[0] += 10
    assert pollers.seconds() == {"payments": 22.0}

    pollers.clear()
    now[0] += 4

    assert pollers.seconds() == {"payments": 4.0}
