"""Seeding and emptying, on moto and with an API that is a small HTTP server."""

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from bootstrap import batches, catalogue
from bootstrap.clients import Clients
from bootstrap.deploy import deploy
from bootstrap.describe import QueueDepth, missing, queue_depths
from bootstrap.errors import ResetError, SeedError
from bootstrap.package import Artifacts
from bootstrap.references import Kind, Ref
from bootstrap.reset import RECREATE_ABOVE, reset
from bootstrap.resources import Queue, Stack
from bootstrap.seed import is_seeded, seed
from bootstrap.shop_archive import ARCHIVE
from bootstrap.state_machines import StateMachine
from bootstrap.streams import StreamMapping
from tests.unit.bootstrap.shop_api import ShopApi


def _items(clients: Clients, table: str) -> list[dict[str, Any]]:
    pages = clients.dynamodb.get_paginator("scan").paginate(TableName=table)
    return [dict(item) for page in pages for item in page["Items"]]


def test_seed_writes_products_stock_and_users(api: ShopApi, clients: Clients) -> None:
    assert seed(clients, api.url) is True
    products = {item["productId"]["S"]: item for item in _items(clients, "products")}
    stock = {item["productId"]["S"]: int(item["stock"]["N"]) for item in _items(clients, "stock")}
    assert len(products) == 201
    assert products.keys() == stock.keys()
    assert set(products["product-001"]) == {"productId", "name", "category", "priceCents", "description", "version"}
    assert (stock["product-001"], stock["flash-1"]) == (1_000_000, 100)
    assert sorted(api.registered) == ["admin@example.com", "demo@example.com"]
    roles = {item["userId"]["S"]: item["role"]["S"] for item in _items(clients, "users") if "role" in item}
    assert roles == {"id-of-admin@example.com": "admin", "id-of-demo@example.com": "customer"}


def test_seed_has_a_connection_for_all_that_it_writes_at_once(clients: Clients) -> None:
    wanted = 2 * batches.WORKERS + len(catalogue.DEMO_USERS)
    assert cast("Any", clients.dynamodb.meta.config).max_pool_connections >= wanted


def test_seed_of_seeded_stack_does_nothing(api: ShopApi, clients: Clients) -> None:
    seed(clients, api.url)
    told: list[str] = []
    assert seed(clients, "http://127.0.0.1:1", lambda resource, what: told.append(what)) is False
    assert told == ["unchanged"]


def test_seed_of_an_account_as_its_docs_have_it(
    api: ShopApi, clients: Clients, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (root / "docs" / "deploying-to-aws.md").read_text()
    (snippet,) = re.findall(r"<<'PYTHON'\n(.*?)\nPYTHON\n", page, re.DOTALL)
    settings = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"}
    for name, value in {**settings, "AWS_ENDPOINT_URL": clients.endpoint}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(sys, "argv", ["-", api.url])
    exec(compile(snippet, "docs/deploying-to-aws.md", "exec"), {})
    assert is_seeded(clients)
    assert sorted(api.registered) == ["admin@example.com", "demo@example.com"]


def test_seed_that_was_interrupted_is_done_again(api: ShopApi, clients: Clients) -> None:
    seed(clients, api.url)
    clients.dynamodb.delete_item(TableName="products", Key={"productId": {"S": "flash-1"}})
    clients.dynamodb.delete_item(TableName="products", Key={"productId": {"S": "product-200"}})
    assert seed(clients, api.url) is True  # the users are answered 409
    assert len(_items(clients, "products")) == 201


def test_seed_with_failing_api_is_told_and_not_marked_as_done(api: ShopApi, clients: Clients) -> None:
    api.status = 500
    with pytest.raises(SeedError, match=r"^seed: POST .*/dev/users answered 500: .*make logs FUNCTION=users\.$"):
        seed(clients, api.url)
    api.status = 201
    assert seed(clients, api.url) is True


def test_gateways_errors_are_tried_again(api: ShopApi, clients: Clients) -> None:
    api.failures = 2
    assert seed(clients, api.url) is True
    assert api.failures == 0


def test_seed_without_api_is_told(api: ShopApi, clients: Clients) -> None:
    with pytest.raises(SeedError, match="did not answer"):
        seed(clients, "http://127.0.0.1:1/dev")


@pytest.mark.usefixtures("empty")
def test_seed_without_stack_is_told(clients: Clients) -> None:
    with pytest.raises(SeedError, match=r"DynamoDB did not take the catalogue: .*ResourceNotFound"):
        seed(clients, "http://127.0.0.1:1/dev")


class HalfTaking:
    """A DynamoDB that hands half of every batch back, `times` times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.taken: list[Any] = []

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:
        [(table, requests)] = RequestItems.items()
        half = len(requests) // 2 if self.times else len(requests)
        self.times = max(self.times - 1, 0)
        self.taken += requests[:half]
        return {"UnprocessedItems": {table: requests[half:]} if requests[half:] else {}}


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "sleep", lambda seconds: None)


@pytest.mark.usefixtures("no_pause")
def test_items_that_were_handed_back_are_sent_again() -> None:
    dynamodb: Any = HalfTaking(times=5)
    batches.put(dynamodb, "stock", [{"n": {"N": str(n)}} for n in range(60)])
    assert sorted(int(each["PutRequest"]["Item"]["n"]["N"]) for each in dynamodb.taken) == list(range(60))


@pytest.mark.usefixtures("no_pause")
def test_items_that_are_always_handed_back_raise() -> None:
    dynamodb: Any = HalfTaking(times=1_000)
    with pytest.raises(batches.ThrottledError, match="table stock did not take"):
        batches.put(dynamodb, "stock", [{"n": {"N": str(n)}} for n in range(30)])


class Busy(HalfTaking):
    """Refuses whole calls with an error, `times` times."""

    def __init__(self, times: int, code: str) -> None:
        super().__init__(times)
        self.code = code

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:
        if self.times:
            self.times -= 1
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "BatchWriteItem")
        return super().batch_write_item(RequestItems)


@pytest.mark.usefixtures("no_pause")
def test_batch_that_was_refused_whole_is_sent_again_when_the_table_is_busy() -> None:
    dynamodb: Any = Busy(3, "ProvisionedThroughputExceededException")
    batches.put(dynamodb, "stock", [{"n": {"N": "1"}}])
    assert len(dynamodb.taken) == 1
    with pytest.raises(ClientError, match="ValidationException"):
        batches.put(cast("Any", Busy(1, "ValidationException")), "stock", [{"n": {"N": "1"}}])


def test_no_items_are_no_call() -> None:
    dynamodb: Any = None
    batches.put(dynamodb, "stock", [])


@pytest.mark.parametrize("extra", [1, RECREATE_ABOVE + 1])
def test_reset_empties_tables_queues_and_logs_and_seeds(
    api: ShopApi, data: Stack, clients: Clients, extra: int
) -> None:
    seed(clients, api.url)
    orders = [{"orderId": {"S": f"order-{n}"}} for n in range(extra)]
    batches.put(clients.dynamodb, "orders", orders)
    clients.dynamodb.put_item(TableName="payments", Item={"orderId": {"S": "1"}, "entry": {"S": "charge"}})
    for queue in ("orders", "orders-dlq"):
        clients.sqs.send_message(QueueUrl=_url(clients, queue), MessageBody="{}")
    clients.logs.create_log_stream(logGroupName="/aws/lambda/orders", logStreamName="today")

    reset(clients, lambda: data, api.url)

    assert [_items(clients, table) for table in ("orders", "payments")] == [[], []]
    assert len(_items(clients, "products")) == 201
    assert {depth.total for depth in queue_depths(clients, data).values()} == {0}
    assert clients.logs.describe_log_streams(logGroupName="/aws/lambda/orders")["logStreams"] == []
    assert missing(clients, data) == []
    assert not deploy(clients, data, Artifacts({}, {})).changed


@pytest.fixture
def saga(data: Stack, clients: Clients) -> Stack:
    """Besides what holds data: the bus's archive, and a state machine that waits."""
    clients.events.create_event_bus(Name="shop")
    deploy(clients, Stack("archive", (ARCHIVE,)), Artifacts({}, {}))
    waits = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3_600, "End": True}}}
    role = "arn:aws:iam::123456789012:role/order-saga"
    clients.stepfunctions.create_state_machine(name="order-saga", definition=json.dumps(waits), roleArn=role)
    machine = StateMachine("order-saga", waits, Ref(Kind.ROLE, "order-saga"), Ref(Kind.QUEUE, "order-saga-dlq"))
    return Stack("saga", (*data.resources, ARCHIVE, machine))


def test_reset_leaves_no_execution_and_no_event_to_replay(api: ShopApi, saga: Stack, clients: Clients) -> None:
    [machine] = clients.stepfunctions.list_state_machines()["stateMachines"]
    clients.stepfunctions.start_execution(stateMachineArn=machine["stateMachineArn"], name="order-1")
    event: Any = {"EventBusName": "shop", "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": "{}"}
    clients.events.put_events(Entries=[event])
    assert clients.events.describe_archive(ArchiveName=ARCHIVE.name)["EventCount"] == 1

    for _ in range(2):
        reset(clients, lambda: saga, api.url)

    found = clients.events.describe_archive(ArchiveName=ARCHIVE.name)
    assert (found["EventCount"], found["RetentionDays"], "shop." in found["EventPattern"]) == (0, 1, True)
    executions = clients.stepfunctions.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    assert [each["status"] for each in executions] == ["ABORTED"]


def test_reset_lets_no_change_of_before_into_the_consumers_tables(
    api: ShopApi, data: Stack, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = StreamMapping(Ref(Kind.TABLE, "orders"), Ref(Kind.FUNCTION, "payments"), None, maximum_batching_window=2)
    seed(clients, api.url)
    clients.dynamodb.put_item(TableName="orders", Item={"orderId": {"S": "1"}})
    waited: list[float] = []

    def consume(seconds: float) -> None:
        waited.append(seconds)
        assert _items(clients, "orders") == []  # nothing more can come
        clients.dynamodb.put_item(TableName="payments", Item={"orderId": {"S": "1"}, "entry": {"S": "charge"}})

    monkeypatch.setattr("bootstrap.reset.time.sleep", consume)
    reset(clients, lambda: Stack(data.name, (*data.resources, mapping)), api.url)

    assert max(waited) > mapping.maximum_batching_window
    assert _items(clients, "payments") == []


def test_reset_passes_over_what_is_not_there(api: ShopApi, data: Stack, clients: Clients) -> None:
    clients.sqs.delete_queue(QueueUrl=_url(clients, "orders"))
    clients.logs.delete_log_group(logGroupName="/aws/lambda/orders")
    clients.dynamodb.delete_table(TableName="orders")
    reset(clients, lambda: data, api.url)


def test_reset_that_is_refused_names_the_resource(
    api: ShopApi, data: Stack, clients: Clients, refuse: Callable[[str], None]
) -> None:
    refuse("PurgeQueue")
    with pytest.raises(ResetError, match=r"^queue [a-z-]+: AccessDenied: no"):
        reset(clients, lambda: data, api.url)


@pytest.fixture
def refuse(clients: Clients) -> Iterator[Callable[[str], None]]:
    """Make an SQS operation answer AccessDenied."""
    names: list[str] = []

    def answer(**_: object) -> Any:
        class Response:
            status_code = 403

        return Response(), {"Error": {"Code": "AccessDenied", "Message": "no"}}

    def refuse(operation: str) -> None:
        names.append(f"before-call.sqs.{operation}")
        clients.sqs.meta.events.register(names[-1], answer)

    yield refuse
    for name in names:
        clients.sqs.meta.events.unregister(name, answer)


def _url(clients: Clients, queue: str) -> str:
    return clients.sqs.get_queue_url(QueueName=queue)["QueueUrl"]


@pytest.mark.usefixtures("tables")
def test_queue_depths_count_what_is_visible_in_flight_and_delayed(data: Stack, clients: Clients) -> None:
    url = _url(clients, "orders")
    for delay in (0, 0, 60):
        clients.sqs.send_message(QueueUrl=url, MessageBody="{}", DelaySeconds=delay)
    clients.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)
    depths = queue_depths(clients, data)
    assert depths["orders"] == QueueDepth(visible=1, in_flight=1, delayed=1)
    assert depths["payments"].total == 0
    assert depths.keys() == {queue.name for queue in data.of(Queue)}


@pytest.mark.usefixtures("empty")
def test_missing_of_empty_account_is_all_that_is_declared(shop: Stack, clients: Clients) -> None:
    assert missing(clients, shop) == [resource.ref for resource in shop.resources]
    assert queue_depths(clients, shop) == {}


@pytest.mark.usefixtures("empty")
def test_missing_of_deployed_shop_is_what_was_deleted(
    shop: Stack, clients: Clients, artifacts: Callable[[Stack], Artifacts]
) -> None:
    deploy(clients, shop, artifacts(shop))
    assert missing(clients, shop) == []
    clients.lambda_.delete_function(FunctionName="users")
    clients.events.delete_event_bus(Name="shop")
    assert set(missing(clients, shop)) >= {
        Ref(Kind.FUNCTION, "users"),
        Ref(Kind.PERMISSION, "users:api"),
        Ref(Kind.EVENT_BUS, "shop"),
        Ref(Kind.RULE, "shop/orders"),
    }


class _Engine(BaseHTTPRequestHandler):
    """An endpoint with the engine's route: it answers ``answer`` and nothing else."""

    answer: tuple[int, bytes] = (200, b"")

    def do_POST(self) -> None:
        status, body = self.answer
        self.send_response(status if self.path == "/_loadstack/reset" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


def test_reset_of_an_engine_that_could_not_empty_a_service(data: Stack) -> None:
    failed = {"status": "failed", "took_ms": 1, "failed": {"dynamodb": "it does not run"}}
    handler = type("Engine", (_Engine,), {"answer": (500, json.dumps(failed).encode())})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with pytest.raises(ResetError, match="dynamodb: it does not run"):
            reset(Clients(f"http://127.0.0.1:{server.server_port}"), data, "http://127.0.0.1:1")
        server.shutdown()
        thread.join()
