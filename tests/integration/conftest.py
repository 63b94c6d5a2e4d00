"""The whole shop on a real LocalStack, and customers of it."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.flows import Flow
from bootstrap.resources import Role
from bootstrap.shop import stack as declared
from bootstrap.ways import Way
from sandbox import ways
from sandbox.errors import UsageError
from sandbox.iam import command as iam
from sandbox.target import Target
from sandbox.up import bring_up
from tests.conftest import FLOW, Aws
from tests.integration.wire import Wire
from tests.waiting import until

FINAL = {"CONFIRMED", "REJECTED", "CANCELLED"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests of the shop its flow: choreography, and those marked `both_flows` saga as well, in the slow tier."""
    if "flow" not in metafunc.fixturenames:
        return
    usual = [pytest.param(FLOW or Flow.CHOREOGRAPHY, id=pytest.HIDDEN_PARAM)]
    saga = [pytest.param(Flow.SAGA, id="saga", marks=pytest.mark.slow)]
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    if "saga" in marks:
        flows = saga
    elif "both_flows" in marks and FLOW is None:
        flows = [*usual, *saga]
    else:
        flows = usual
    metafunc.parametrize("flow", flows, indirect=True, scope="session")


@pytest.fixture(scope="session")
def flow(request: pytest.FixtureRequest) -> Flow:
    """Which way the shop's orders go."""
    chosen: Flow = request.param
    return chosen


@pytest.fixture(autouse=True)
def _only_choreography(request: pytest.FixtureRequest) -> None:
    if FLOW is Flow.SAGA and request.node.get_closest_marker("choreography"):
        pytest.skip("is about the events by which services tell each other what comes next")


@pytest.fixture(scope="session")
def listening(endpoint: str, flow: Flow) -> Iterator[tuple[Target, Wire]]:
    """The shop, and what goes over its bus and topic: all of it is checked, whatever the tests do."""
    target = Target(endpoint, None)
    bring_up(target, Console(quiet=True), flow)
    wire = Wire(Aws(endpoint))
    yield target, wire
    wire.close()
    assert not wire.faults, "\n".join(wire.faults)


@pytest.fixture(scope="session")
def stack(listening: tuple[Target, Wire], flow: Flow) -> Iterator[Target]:
    """The shop. Whatever the tests had it do, each of its roles had a grant for."""
    target = listening[0]
    yield target
    refused = without_grant(target, {role.name for role in declared(flow).of(Role)})
    assert not refused, "\n".join(refused)


def without_grant(target: Target, roles: set[str]) -> list[str]:
    """Calls of these roles that AWS would refuse; none where the endpoint records no calls."""
    try:
        recorded = iam.record_of(target)
    except UsageError:
        return []
    missing = iam.held(target, recorded).missing
    return [str(each) for each in missing if each.call.role in roles]


@pytest.fixture(scope="session")
def by_our_deployers(stack: Target) -> None:
    """Skips the test on a stack that CloudFormation made: that has what the template says, and no more."""
    if ways.of(Clients(stack.endpoint)) is Way.TEMPLATE:
        pytest.skip("changes the shop to what the template does not say")


@pytest.fixture(scope="session")
def wire(listening: tuple[Target, Wire]) -> Wire:
    """Everything that goes over the bus and the topic."""
    return listening[1]


class Customer:
    """A registered, logged-in customer with plain methods for the API's routes; ``anonymous`` has no token."""

    def __init__(self, api_url: str, email: str, token: str | None) -> None:
        self.api_url = api_url
        self.email = email
        self._session = requests.Session()
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: Any = None, **arguments: Any) -> requests.Response:
        json = {"json": body} if body is not None else {}
        return self._session.request(method, f"{self.api_url}{path}", timeout=30, **json, **arguments)

    def place(self, *lines: tuple[str, int], token: str = "tok_ok", **headers: str) -> requests.Response:
        items = [{"productId": product, "quantity": quantity} for product, quantity in lines]
        body = {"items": items, "payment": {"method": "card", "token": token}}
        return self.call(
            "POST", "/orders", body, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    def order(self, order_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"/orders/{order_id}")
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def order_once(self, order_id: str, *statuses: str) -> dict[str, Any]:
        """The order when it is in one of these statuses; final ones by default."""
        wanted = set(statuses) or FINAL
        return until(lambda: (order := self.order(order_id))["status"] in wanted and order)

    def order_at(self, order_id: str, stage: str) -> dict[str, Any]:
        """The order when it has reached ``stage``."""

        def reached() -> dict[str, Any] | None:
            order = self.order(order_id)
            return order if stage in [entry["stage"] for entry in order["timeline"]] else None

        return until(reached)

    def products(self, category: str | None = None) -> list[dict[str, Any]]:
        """All products, or those of a category, page by page."""
        wanted = {"limit": "100", **({"category": category} if category else {})}
        page = self.call("GET", "/products", params=wanted).json()
        found: list[dict[str, Any]] = page["items"]
        while page.get("cursor"):
            page = self.call("GET", "/products", params={**wanted, "cursor": page["cursor"]}).json()
            found += page["items"]
        return found


@pytest.fixture(scope="session")
def register(stack: Target) -> Callable[[], Customer]:
    """Make a new customer."""

    def create() -> Customer:
        email = f"{uuid.uuid4().hex[:12]}@example.com"
        anonymous = Customer(stack.api_url, "", None)
        user = {"email": email, "password": "a-long-password", "name": "Test"}
        assert anonymous.call("POST", "/users", user).status_code == 201
        answer = anonymous.call("POST", "/users/login", {"email": email, "password": "a-long-password"})
        return Customer(stack.api_url, email, answer.json()["token"])

    return create


@pytest.fixture(scope="session")
def customer(register: Callable[[], Customer]) -> Customer:
    return register()


@pytest.fixture
def anonymous(stack: Target) -> Customer:
    return Customer(stack.api_url, "", None)


@pytest.fixture(scope="session")
def admin(stack: Target) -> Customer:
    login = {"email": "admin@example.com", "password": "admin-password"}
    answer = Customer(stack.api_url, "", None).call("POST", "/users/login", login)
    return Customer(stack.api_url, login["email"], answer.json()["token"])


@pytest.fixture
def product(admin: Customer) -> Callable[[int], str]:
    """Add a product of 999 cents with the given stock; returns its id."""

    def create(stock: int) -> str:
        thing = {"name": "Thing", "category": "tests", "priceCents": 999, "stock": stock, "description": "For a test"}
        answer = admin.call("POST", "/products", thing)
        assert answer.status_code == 201, answer.text
        product_id: str = answer.json()["productId"]
        return product_id

    return create


@pytest.fixture
def stock(aws: Any) -> Callable[[str], int]:
    """What can still be bought of a product."""

    def read(product_id: str) -> int:
        answer = aws("dynamodb").get_item(TableName="stock", Key={"productId": {"S": product_id}}, ConsistentRead=True)
        return int(answer["Item"]["stock"]["N"])

    return read


@pytest.fixture
def moved(aws: Any) -> Callable[[str], list[tuple[str, int]]]:
    """What the ledger says of an order's money: ("charge" or "refund", cents)."""

    def read(order_id: str) -> list[tuple[str, int]]:
        answer = aws("dynamodb").query(
            TableName="payments",
            KeyConditionExpression="orderId = :order",
            ExpressionAttributeValues={":order": {"S": order_id}},
            ConsistentRead=True,
        )
        entries = [(item["type"]["S"], int(item["amountCents"]["N"])) for item in answer["Items"] if "type" in item]
        return sorted(entry for entry in entries if entry[0] in ("charge", "refund"))

    return read


@pytest.fixture
def charges(moved: Callable[[str], list[tuple[str, int]]]) -> Callable[[str], list[int]]:
    """The amounts in cents that an order was charged."""
    return lambda order_id: [cents for kind, cents in moved(order_id) if kind == "charge"]


@pytest.fixture
def mails(stack: Target) -> Callable[[str], list[dict[str, Any]]]:
    """The mails that an address got."""

    def read(address: str) -> list[dict[str, Any]]:
        return [mail for mail in all_mails(stack.endpoint) if mail["Destination"]["ToAddresses"] == [address]]

    return read


def all_mails(endpoint: str) -> list[dict[str, Any]]:
    """What SES sent, as LocalStack shows it, also where ministack does."""
    answer = requests.get(f"{endpoint}/_aws/ses", timeout=30)
    if answer.ok:
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found
    theirs = requests.get(f"{endpoint}/_ministack/ses/messages", timeout=30).json()["messages"]
    return [
        {
            "Subject": mail["Subject"],
            "Destination": {"ToAddresses": mail["To"]},
            "Body": {"text_part": mail["BodyText"]},
            "Source": mail["Source"],
        }
        for mails in theirs.values()
        for mail in mails
    ]


def figures(endpoint: str) -> dict[str, dict[str, Any]]:
    """The engine's figures by function; skips the test where the endpoint is not our engine."""
    answer = requests.get(f"{endpoint}/_loadstack/functions", timeout=30)
    if answer.status_code == 404:
        pytest.skip("needs the figures of our engine, which this endpoint is not")
    found: dict[str, dict[str, Any]] = answer.json()
    return found


@pytest.fixture
def depth(aws: Any) -> Callable[[str], int]:
    """How many messages lie in a queue, visible or in flight."""
    sqs = aws("sqs")

    def read(queue: str) -> int:
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"].values()))

    return read


@pytest.fixture
def invoke(stack: Target, aws: Any) -> Callable[..., dict[str, Any]]:
    """Call a function as API Gateway does, but without API Gateway: nothing is checked before it."""

    def call(function: str, method: str, path: str, headers: dict[str, str], body: Any = None) -> dict[str, Any]:
        event = {
            "resource": path,
            "path": path,
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": None,
            "multiValueQueryStringParameters": None,
            "pathParameters": None,
            "requestContext": {"stage": "dev", "path": f"/dev{path}", "httpMethod": method, "resourcePath": path},
            "body": None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        answer = aws("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        content: dict[str, Any] = json.load(answer["Payload"])
        return content

    return call


@pytest.fixture
def no_sweeps(aws: Any) -> Iterator[None]:
    """What the shop sweeps every minute is left as the test makes it, until the test itself has it swept."""
    rules = ("cart-sweep", "outbox-sweep", "reservation-sweep")
    for rule in rules:
        aws("events").disable_rule(Name=rule)
    yield
    for rule in rules:
        aws("events").enable_rule(Name=rule)


@pytest.fixture
def bus_events(aws: Any) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The events on the bus since the test's begin, as a target of the test's own got them."""
    sqs, events = aws("sqs"), aws("events")
    name = f"tap-{uuid.uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": [{"prefix": "shop."}]})
    events.put_rule(Name=name, EventBusName="shop", EventPattern=pattern)
    events.put_targets(Rule=name, EventBusName="shop", Targets=[{"Id": "tap", "Arn": arn}])
    seen: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            seen.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return seen

    yield read
    events.remove_targets(Rule=name, EventBusName="shop", Ids=["tap"])
    events.delete_rule(Name=name, EventBusName="shop")
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def event_tap(bus_events: Callable[[], list[dict[str, Any]]]) -> Callable[[str], list[dict[str, Any]]]:
    """The events of an order."""
    return lambda order_id: [event for event in bus_events() if event["detail"]["data"].get("orderId") == order_id]
