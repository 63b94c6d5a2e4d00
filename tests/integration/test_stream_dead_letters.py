"""Records of a stream that fail for good: what the dead-letter queue tells of them, and how they are sent back."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from rich.console import Console

from sandbox import dlq, redrive
from sandbox.dead_letters.errors import RedriveError
from sandbox.target import Target
from tests.conftest import Aws
from tests.integration.conftest import Customer
from tests.waiting import until

FUNCTION, QUEUE = "recommendations", "recommendations-stream-dlq"


@pytest.fixture
def broken(aws: Aws) -> Callable[[], Any]:
    """A context in which the consumer fails at once and for good."""
    lambda_ = aws("lambda")
    listed = lambda_.list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"]
    [mapping] = [each["UUID"] for each in listed]

    def set_up(variables: dict[str, str], retries: int) -> None:
        lambda_.update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": variables})
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=FUNCTION, WaiterConfig={"Delay": 1})
        lambda_.update_event_source_mapping(UUID=mapping, MaximumRetryAttempts=retries)
        until(lambda: lambda_.get_event_source_mapping(UUID=mapping)["State"] == "Enabled")

    @contextmanager
    def breaking() -> Iterator[None]:
        variables = lambda_.get_function_configuration(FunctionName=FUNCTION)["Environment"]["Variables"]
        set_up(variables | {"RECOMMENDATIONS_TABLE": "no-such-table"}, 0)
        try:
            yield
        finally:
            set_up(variables, 20)

    return breaking


@pytest.fixture
def run(stack: Target) -> Callable[..., str]:
    """What a command prints."""

    def call(command: Any, *arguments: Any) -> str:
        console = Console(record=True, width=250, file=io.StringIO())
        command.run(stack, *arguments, console)
        return console.export_text()

    return call


def test_records_that_failed_are_told_and_sent_back(
    aws: Aws,
    customer: Customer,
    anonymous: Customer,
    product: Callable[[int], str],
    broken: Callable[[], Any],
    run: Callable[..., str],
) -> None:
    one, two = product(10), product(10)

    def recommended() -> list[str]:
        return [each["productId"] for each in anonymous.call("GET", f"/products/{one}/recommendations").json()["items"]]

    with broken():
        order_id = customer.place((one, 1), (two, 1)).json()["orderId"]
        customer.order_once(order_id, "CONFIRMED")
        told = until(lambda: text if "failed: " in (text := run(dlq, QUEUE)) else "")
        with pytest.raises(RedriveError, match=f"{QUEUE}: {FUNCTION} failed again, with .*ResourceNotFound"):
            run(redrive, QUEUE)
    assert "failed in stream mapping orders:recommendations" in told
    assert "of the table orders" in told
    assert "RetryAttemptsExhausted after" in told
    assert "recommendations failed: ResourceNotFoundException: " in told
    assert "sent from" in until(lambda: run(redrive, QUEUE))
    assert "No dead letters" in run(dlq, QUEUE)
    assert recommended() == [two]


def test_records_that_are_gone_stay_told(aws: Aws, run: Callable[..., str]) -> None:
    stream = aws("dynamodb").describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    shard = aws("dynamodbstreams").describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    numbers = f'"startSequenceNumber": "{1:021}", "endSequenceNumber": "{2:021}"'
    info = f'{{"streamArn": "{stream}", "shardId": "{shard}", {numbers}, "batchSize": 2}}'
    url = aws("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"]
    aws("sqs").send_message(QueueUrl=url, MessageBody=f'{{"DDBStreamBatchInfo": {info}}}')
    with pytest.raises(RedriveError, match="are gone, as a stream keeps them for 24 hours"):
        run(redrive, QUEUE)
    assert "2 changes of the table orders" in run(dlq, QUEUE)
    aws("sqs").purge_queue(QueueUrl=url)
