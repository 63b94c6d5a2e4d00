"""Streams: a table's, and the mappings that read them, on moto."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bootstrap.clients import Clients
from bootstrap.context import Context, Outcome
from bootstrap.deploy import Report, deploy
from bootstrap.describe import missing
from bootstrap.observed import Observed
from bootstrap.package import Artifacts
from bootstrap.references import Kind, Ref
from bootstrap.reset import RECREATE_ABOVE, empty_table
from bootstrap.resources import Folder, Function, LogGroup, Queue, Resource, Role, Stack, Table
from bootstrap.shop_services import allow
from bootstrap.shop_streams import SALES, allow_reading_stream
from bootstrap.streams import StreamMapping
from bootstrap.validate import mistakes

TABLE = Table("orders", {"orderId": "S"}, hash_key="orderId", stream="NEW_AND_OLD_IMAGES")
DLQ = Queue("worker-stream-dlq")
ROLE = Role("worker", (allow_reading_stream(TABLE.ref), allow(DLQ.ref, "sqs:SendMessage")))
LOGS = LogGroup("/aws/lambda/worker")
FUNCTION = Function("worker", "worker.handler.handler", Folder("worker", "worker"), ROLE.ref, LOGS.ref)
MAPPING = StreamMapping(TABLE.ref, FUNCTION.ref, DLQ.ref, SALES)
GOOD = (TABLE, DLQ, ROLE, LOGS, FUNCTION, MAPPING)
type Ship = Callable[..., Report]


def with_(*changed: Resource) -> Stack:
    """GOOD, where a resource of the same reference is replaced."""
    refs = {each.ref for each in changed}
    return Stack("streams", (*(each for each in GOOD if each.ref not in refs), *changed))


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        (replace(TABLE, stream=None), "stream mapping orders:worker: table orders has no stream: give it one"),
        (replace(MAPPING, dead_letters=None), "stream mapping orders:worker: has no dead-letter queue"),
        (replace(MAPPING, table=DLQ.ref), "stream mapping {}:worker: its source must be a table, and queue worker-str"),
        (replace(MAPPING, function=Ref(Kind.FUNCTION, "no")), "refers to function no, which is not declared"),
        (replace(MAPPING, dead_letters=TABLE.ref), "its dead-letter queue must be a queue, and table orders is not"),
        (replace(ROLE, statements=ROLE.statements[1:]), "may not read the stream of table orders: allow dynamodb:Desc"),
        (
            replace(ROLE, statements=ROLE.statements[:1]),
            "role worker may not send to queue worker-stream-dlq: allow sqs",
        ),
        (replace(MAPPING, batch_size=0), "its batch size is 0: AWS takes 1 to 10000"),
        (replace(MAPPING, maximum_batching_window=301), "its batching window is 301: AWS takes 0 to 300"),
        (replace(MAPPING, maximum_retry_attempts=-2), "its maximum of retry attempts is -2: AWS takes -1 to 10000"),
        (replace(MAPPING, filters=SALES * 3), "has 6 filters: AWS takes 5"),
        (replace(MAPPING, filters=({},)), "a filter of it has 2 characters: AWS takes up to 4096"),
    ],
)
def test_mistake_gives_one_line(changed: Resource, mistake: str, tmp_path: Any) -> None:
    lines = mistakes(with_(changed), tmp_path)
    told = mistake.format("worker-stream-dlq")
    assert [line for line in lines if told in line], lines


def test_good_mapping_has_no_mistakes(tmp_path: Any) -> None:
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "handler.py").touch()
    assert mistakes(with_(), tmp_path) == []


@pytest.fixture
def ship(empty: None, clients: Clients, artifacts: Callable[..., Artifacts], monkeypatch: pytest.MonkeyPatch) -> Ship:
    """Deploy a stack to an empty account."""
    monkeypatch.setattr(Context.wait_until, "__kwdefaults__", {"timeout_s": 0.5, "every_s": 0.01})
    return lambda stack: deploy(clients, stack, artifacts(stack))


def mappings(clients: Clients) -> list[Any]:
    return clients.lambda_.list_event_source_mappings(FunctionName="worker")["EventSourceMappings"]


def test_mapping_is_created_once_with_what_is_declared(ship: Ship, clients: Clients) -> None:
    assert MAPPING.ref in missing(clients, with_())
    assert len(ship(with_()).with_outcome(Outcome.CREATED)) == len(GOOD)
    assert not ship(with_()).changed
    assert missing(clients, with_()) == []
    [found] = mappings(clients)
    stream = clients.dynamodb.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    assert (found["EventSourceArn"], found["BatchSize"]) == (stream, 100)
    assert [each["Pattern"].count("CONFIRMED") for each in found["FilterCriteria"]["Filters"]] == [2, 2]
    assert found["DestinationConfig"]["OnFailure"]["Destination"].endswith(":worker-stream-dlq")


def test_changed_mapping_is_updated_in_place(ship: Ship, clients: Clients) -> None:
    ship(with_())
    assert ship(with_(replace(MAPPING, batch_size=10))).with_outcome(Outcome.UPDATED) == (MAPPING.ref,)
    [found] = mappings(clients)
    assert found["BatchSize"] == 10


def test_table_gets_and_loses_its_stream_in_place(ship: Ship, clients: Clients) -> None:
    def view() -> str | None:
        found = clients.dynamodb.describe_table(TableName="orders")["Table"]
        return found.get("StreamSpecification", {}).get("StreamViewType")

    for stream in (None, "NEW_IMAGE", "NEW_AND_OLD_IMAGES", None):
        ship(Stack("table", (replace(TABLE, stream=stream),)))
        assert view() == stream
        assert not ship(Stack("table", (replace(TABLE, stream=stream),))).changed


def test_mapping_follows_the_table_to_another_stream(ship: Ship, clients: Clients) -> None:
    ship(with_())
    [before] = mappings(clients)
    ship(with_(replace(TABLE, stream="NEW_IMAGE")))
    [after] = mappings(clients)
    assert after["EventSourceArn"] != before["EventSourceArn"]
    assert after["UUID"] != before["UUID"]


def test_table_with_a_stream_is_emptied_and_keeps_its_stream(ship: Ship, clients: Clients) -> None:
    ship(Stack("table", (TABLE,)))
    before = clients.dynamodb.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    for number in range(RECREATE_ABOVE + 1):
        clients.dynamodb.put_item(TableName="orders", Item={"orderId": {"S": str(number)}})
    empty_table(Context(clients, Artifacts({}, {}), Observed(clients)), TABLE)
    assert clients.dynamodb.scan(TableName="orders")["Count"] == 0
    assert clients.dynamodb.describe_table(TableName="orders")["Table"]["LatestStreamArn"] == before
