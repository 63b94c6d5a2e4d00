"""Small functions, deployed on the spot."""

import base64
import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT
from tests.conftest import Aws, free_port
from tests.engine import messaging
from tests.engine.functions import archive
from tests.engine.rest_api import RestApi

ROLE = "arn:aws:iam::000000000000:role/test"


@dataclass(frozen=True)
class Invoked:
    """What a caller of ``Invoke`` sees."""

    payload: Any
    error: str | None
    log: str


@dataclass(frozen=True)
class Function:
    name: str
    arn: str
    client: Any

    def invoke(self, event: Any = None, **arguments: Any) -> Invoked:
        answer = self.client.invoke(
            FunctionName=self.name, Payload=json.dumps(event).encode(), LogType="Tail", **arguments
        )
        log = base64.b64decode(answer["LogResult"]).decode()
        return Invoked(json.loads(answer["Payload"].read()), answer.get("FunctionError"), log)


@pytest.fixture
def deploy(aws: Any) -> Iterator[Callable[..., Function]]:
    """``deploy(source)`` creates a function from the text of its module; further arguments are CreateFunction's."""
    client = aws("lambda")
    created: list[str] = []

    def create(source: str | dict[str, str], **arguments: Any) -> Function:
        files = source if isinstance(source, dict) else {"app.py": source}
        name = f"test-{uuid.uuid4().hex[:8]}"
        defaults = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Timeout": 10}
        answer = client.create_function(FunctionName=name, Code={"ZipFile": archive(files)}, **(defaults | arguments))
        created.append(name)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05})
        return Function(name, answer["FunctionArn"], client)

    yield create
    for name in created:
        with contextlib.suppress(client.exceptions.ResourceNotFoundException):  # the test deleted it
            client.delete_function(FunctionName=name)


@pytest.fixture
def rest_api(aws: Any, engine: Any) -> Iterator[Callable[..., RestApi]]:
    """``rest_api()`` creates an empty REST API; arguments are CreateRestApi's."""
    client = aws("apigateway")
    created: list[RestApi] = []

    def create(**arguments: Any) -> RestApi:
        created.append(RestApi.create(client, engine.endpoint, **arguments))
        return created[-1]

    yield create
    for api in created:
        client.delete_rest_api(restApiId=api.id)


@pytest.fixture
def create_queue(aws: Any) -> Iterator[Callable[..., messaging.Queue]]:
    """``create_queue(FifoQueue="true")``; gone after the test."""
    created: list[messaging.Queue] = []

    def create(**attributes: str) -> messaging.Queue:
        created.append(messaging.create_queue(aws, **attributes))
        return created[-1]

    yield create
    for queue in created:
        queue.client.delete_queue(QueueUrl=queue.url)


@pytest.fixture
def queue(create_queue: Callable[..., messaging.Queue]) -> messaging.Queue:
    return create_queue()


@pytest.fixture
def bus(aws: Any) -> Iterator[messaging.Bus]:
    with messaging.bus_of(aws) as bus:
        yield bus


@pytest.fixture(scope="session")
def other_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostEngine]:
    """A second LocalStack, for tests that take from it what others need."""
    engine = HostEngine(tmp_path_factory.mktemp("other").resolve(), free_port(), DEVELOPMENT)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def other_aws(other_engine: HostEngine) -> Aws:
    return Aws(other_engine.endpoint)
