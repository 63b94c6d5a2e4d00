"""What every contender offers once it is set up, and the way to set up an emulator: with boto3, as a user would."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import boto3
from botocore.config import Config

from benchmarks import archives
from benchmarks.orders import TABLE

_ROLE = "arn:aws:iam::000000000000:role/bench"
_QUEUE = "bench-orders"
_ACTIVE_LIMIT_S = 30.0


class Stack(Protocol):
    """The paths of the API, the database, and the queue between the two functions of the order flow."""

    @property
    def ping_path(self) -> str: ...

    @property
    def log_path(self) -> str:
        """Ping with a line of output."""

    @property
    def orders_path(self) -> str: ...

    @property
    def dynamodb(self) -> Any: ...

    def pending(self) -> int:
        """Messages between the two functions."""

    def purge(self) -> None:
        """Drop these messages."""


class Clients:
    """boto3 clients of an endpoint, without retries, that wait for a slow answer."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._made:
            config = Config(
                retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=120, max_pool_connections=64
            )
            client: Callable[..., Any] = self._session.client
            self._made[service] = client(service, endpoint_url=self._endpoint, config=config)
        return self._made[service]

    def close(self) -> None:
        for client in self._made.values():
            client.close()


@dataclass(frozen=True)
class EmulatedStack:
    """Functions, API, bus, queue and table on an emulator."""

    aws: Clients
    ping_path: str
    log_path: str
    orders_path: str
    queue_url: str

    @property
    def dynamodb(self) -> Any:
        return self.aws("dynamodb")

    def pending(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.aws("sqs").get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)
        return sum(int(answer["Attributes"].get(name, 0)) for name in names)

    def purge(self) -> None:
        self.aws("sqs").purge_queue(QueueUrl=self.queue_url)


def create(aws: Clients) -> EmulatedStack:
    """Deploy ping and the order flow: a REST API, two functions, a rule, a queue with its mapping, a table."""
    create_table(aws("dynamodb"))
    functions = {name: create_function(aws, name, TABLE=TABLE) for name in ("ping", "accept", "finish")}
    queue_url, queue_arn = create_queue(aws, _QUEUE)
    aws("events").put_rule(Name="bench", EventPattern='{"source": ["bench"]}')
    aws("events").put_targets(Rule="bench", Targets=[{"Id": "queue", "Arn": queue_arn}])
    aws("lambda").create_event_source_mapping(EventSourceArn=queue_arn, FunctionName=functions["finish"], BatchSize=10)
    routes = {("GET", "ping"): "ping", ("GET", "log"): "ping", ("POST", "orders"): "accept"}
    api = _create_api(aws("apigateway"), {route: functions[name] for route, name in routes.items()})
    base = f"/_aws/execute-api/{api}/dev"
    return EmulatedStack(aws, f"{base}/ping", f"{base}/log", f"{base}/orders", queue_url)


def create_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "orderId", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "orderId", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def create_function(
    aws: Clients, name: str, layers: tuple[str, ...] = (), timeout_s: int = 30, **variables: str
) -> str:
    """Deploy ``functions/NAME.py`` under its name, and wait until it is active; its ARN."""
    answer = aws("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=_ROLE,
        Handler=f"{name}.handler",
        Code={"ZipFile": archives.function(name)},
        Layers=list(layers),
        MemorySize=512,
        Timeout=timeout_s,
        Environment={"Variables": variables},
    )
    deadline = time.monotonic() + _ACTIVE_LIMIT_S
    while aws("lambda").get_function(FunctionName=name)["Configuration"]["State"] != "Active":
        if time.monotonic() > deadline:
            raise TimeoutError(f"function {name} is not active after {_ACTIVE_LIMIT_S:.0f} s")
        time.sleep(0.1)
    return str(answer["FunctionArn"])


@contextmanager
def function(aws: Clients, name: str, layers: tuple[str, ...] = (), timeout_s: int = 30) -> Iterator[str]:
    """A function for a while."""
    arn = create_function(aws, name, layers, timeout_s)
    try:
        yield arn
    finally:
        aws("lambda").delete_function(FunctionName=name)


def create_queue(aws: Clients, name: str) -> tuple[str, str]:
    """Its URL and its ARN."""
    url = aws("sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": "180"})["QueueUrl"]
    answer = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def _create_api(gateway: Any, routes: dict[tuple[str, str], str]) -> str:
    """A REST API with the stage ``dev``; each route is a method and a path of one word, to a function's ARN."""
    api: str = gateway.create_rest_api(name="bench")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    for (method, word), arn in routes.items():
        resource = gateway.create_resource(restApiId=api, parentId=root, pathPart=word)["id"]
        place = {"restApiId": api, "resourceId": resource, "httpMethod": method}
        gateway.put_method(**place, authorizationType="NONE")
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
        gateway.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    gateway.create_deployment(restApiId=api, stageName="dev")
    return api
