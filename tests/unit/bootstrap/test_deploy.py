"""Deployment to moto, an AWS of another make than LocalStack: what is created, left alone, corrected, and refused."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bootstrap import deployers
from bootstrap.clients import Clients
from bootstrap.context import Context, Outcome
from bootstrap.deploy import Report, deploy, explain, order
from bootstrap.deployers import topics
from bootstrap.errors import DeployError
from bootstrap.flows import Flow
from bootstrap.monitoring import AlarmStates, Metric
from bootstrap.package import Artifacts
from bootstrap.references import Kind, Place, Ref
from bootstrap.resources import (
    DeadLetter,
    EventBus,
    Queue,
    Resource,
    Role,
    Stack,
    Statement,
    Table,
    Target,
    references,
)
from bootstrap.rest_api import RestApi, Route
from bootstrap.shop import stack

pytestmark = pytest.mark.usefixtures("quick")
type Deploy = Callable[..., Report]

PLACE = Place(account="123456789012")
NOBODY = "http://127.0.0.1:1"
LET_SNS_IN = Statement(("sqs:SendMessage",), (Ref(Kind.QUEUE, "orders").arn(),), principal="sns.amazonaws.com")
OTHER_DLQ = Ref(Kind.QUEUE, "payments-dlq")
# Without a policy, since moto forgets that of a queue whose other attributes are set.
SPARE = (Queue("spare"), Queue("spare-too"))
CHANGES: dict[Ref, dict[str, Any]] = {
    Ref(Kind.QUEUE, "spare"): {"visibility_timeout": 45},
    Ref(Kind.QUEUE, "spare-too"): {"dead_letter": DeadLetter(Ref(Kind.QUEUE, "payments-dlq"), 5)},
    Ref(Kind.QUEUE_POLICY, "orders"): {"statements": (LET_SNS_IN,)},
    Ref(Kind.FUNCTION, "orders"): {"timeout": 6, "environment": {"ORDERS_TABLE": "other"}},
    Ref(Kind.FUNCTION, "users"): {"dead_letters": Ref(Kind.QUEUE, "orders-async-dlq")},
    Ref(Kind.EVENT_SOURCE_MAPPING, "orders:orders"): {"batch_size": 5},
    Ref(Kind.ARCHIVE, "shop-events"): {"retention_days": 2},
    Ref(Kind.RULE, "shop/payments"): {"event_pattern": {"source": ["shop.inventory"]}},
    Ref(Kind.RULE, "default/outbox-sweep"): {"schedule_expression": "rate(2 minutes)"},
    Ref(Kind.RULE, "shop/inventory"): {"targets": (Target("queue", Ref(Kind.QUEUE, "inventory"), OTHER_DLQ),)},
    Ref(Kind.SUBSCRIPTION, "order-events:notifications"): {
        "filter_policy": {"stage": ["confirmed"]},
        "dead_letters": OTHER_DLQ,
    },
    Ref(Kind.TOPIC, "order-events"): {"tags": {"flow": "saga", "team": "shop"}},
    Ref(Kind.LOG_GROUP, "/aws/lambda/orders"): {"retention_in_days": 14},
    Ref(Kind.PERMISSION, "orders:api"): {"source": Ref(Kind.REST_API, "shop").arn("/*/GET/orders")},
    Ref(Kind.REST_API, "shop"): {"gateway_responses": ()},
    Ref(Kind.TABLE, "orders"): {"indexes": (), "attributes": {"orderId": "S"}},
    Ref(Kind.TABLE, "stock"): {"time_to_live": "expiration"},
    Ref(Kind.ALARM, "orders-error-rate"): {"threshold": 0.5},
    Ref(Kind.ALARM, "orders-dlq-dead-letters"): {"metric": Metric("AWS/SQS", "NumberOfMessagesSent")},
    Ref(Kind.ALARM, "orders-oldest-message"): {"actions": ()},
    Ref(Kind.DASHBOARD, "shop"): {"widgets": (AlarmStates("Alarms", (Ref(Kind.ALARM, "orders-error-rate"),)),)},
}
NO_ARTIFACTS = Artifacts({}, {})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll at once: moto is never busy."""
    monkeypatch.setattr(Context.wait_until, "__kwdefaults__", {"timeout_s": 0.5, "every_s": 0.01})


@pytest.fixture(scope="module")
def clients(moto: str) -> Clients:
    """The account is not emptied between tests: each begins by making it what it needs."""
    return Clients(moto, PLACE)


@pytest.fixture
def ship(clients: Clients, artifacts: Callable[..., Any]) -> Deploy:
    """Deploy a stack with code of this content."""

    def ship(stack: Stack, content: str = "first", only: str | None = None) -> Report:
        return deploy(clients, stack, artifacts(stack, content), only=only)

    return ship


def _replaced(stack: Stack, ref: Ref, **changes: Any) -> Stack:
    resources = tuple(replace(each, **changes) if each.ref == ref else each for each in stack.resources)
    return Stack(stack.name, resources)


def _updated(report: Report) -> set[str]:
    assert not report.with_outcome(Outcome.CREATED)
    return {str(ref) for ref in report.with_outcome(Outcome.UPDATED)}


def _record(monkeypatch: pytest.MonkeyPatch, failing: Kind | None = None) -> list[Resource]:
    """Replace the deployers; what is begun is recorded, and resources of the kind `failing` fail."""
    begun: list[Resource] = []

    def ensure(context: Context, resource: Resource) -> Outcome:
        begun.append(resource)
        if resource.kind is failing:
            raise TimeoutError("too slow")
        return Outcome.CREATED

    monkeypatch.setattr(deployers, "ensure", ensure)
    return begun


def _no_thread_of_ours() -> bool:
    return not [thread for thread in threading.enumerate() if thread.name.startswith("deploy")]


def test_order_puts_what_is_referred_to_first(shop: Stack) -> None:
    positions = {ref: n for n, ref in enumerate(order(shop.resources).static_order())}
    assert len(positions) == len(shop.resources)
    for resource in shop.resources:
        assert all(positions[ref] < positions[resource.ref] for ref in references(resource))


@pytest.mark.usefixtures("empty")
def test_first_deployment_creates_all_and_the_second_changes_nothing(shop: Stack, ship: Deploy) -> None:
    first = ship(shop)
    assert len(first.with_outcome(Outcome.CREATED)) == len(shop.resources)
    second = ship(shop)
    assert not second.with_outcome(Outcome.UPDATED), second.with_outcome(Outcome.UPDATED)
    assert len(second.outcomes) == len(shop.resources)


@pytest.mark.usefixtures("empty")
def test_progress_is_told_of_each_resource_by_the_calling_thread(
    shop: Stack, clients: Clients, artifacts: Callable[..., Any]
) -> None:
    told: list[tuple[str, str]] = []

    def progress(resource: str, what: str) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.append((resource, what))

    deploy(clients, shop, artifacts(shop), progress)
    assert {resource for resource, _ in told} == {str(each.ref) for each in shop.resources}
    assert {what for _, what in told} == {"created"}


def test_new_code_updates_functions_and_layers_and_nothing_else(shop: Stack, ship: Deploy) -> None:
    ship(shop)
    updated = _updated(ship(shop, "second"))
    assert updated == {str(each.ref) for each in shop.resources if each.kind in (Kind.FUNCTION, Kind.LAYER)}


def test_changed_declarations_update_those_resources_alone(shop: Stack, ship: Deploy) -> None:
    shop = Stack(shop.name, (*shop.resources, *SPARE))
    ship(shop)
    changed = shop
    for ref, changes in CHANGES.items():
        changed = _replaced(changed, ref, **changes)
    assert _updated(ship(changed)) == {str(ref) for ref in CHANGES}
    assert not ship(changed).changed
    assert _updated(ship(shop)) == {str(ref) for ref in CHANGES}
    assert not ship(shop).changed


def test_tags_that_a_topic_got_from_others_stay(shop: Stack, ship: Deploy, clients: Clients) -> None:
    topic, arn = Ref(Kind.TOPIC, "order-events"), f"arn:aws:sns:us-east-1:{PLACE.account}:order-events"
    ship(shop)
    clients.sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "shop"}])
    assert not ship(shop).changed
    assert topic in ship(stack(Flow.SAGA)).with_outcome(Outcome.UPDATED)
    assert topics.tags_of(clients.sns, arn) == {"flow": "saga", "team": "shop"}


def test_subscription_without_filter_lets_everything_pass(shop: Stack, ship: Deploy, clients: Clients) -> None:
    ship(shop)
    ref = Ref(Kind.SUBSCRIPTION, "order-events:notifications")
    unfiltered = _replaced(shop, ref, filter_policy=None)
    assert _updated(ship(unfiltered)) == {str(ref)}
    assert not ship(unfiltered).changed
    [subscription] = clients.sns.list_subscriptions()["Subscriptions"]
    found = clients.sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]
    assert json.loads(found.get("FilterPolicy") or "{}") == {}


def test_role_that_may_more_is_updated(shop: Stack, ship: Deploy, clients: Clients) -> None:
    ship(shop)
    role = shop.find(Ref(Kind.ROLE, "shop-orders"))
    assert isinstance(role, Role)
    fewer = _replaced(shop, role.ref, statements=role.statements[:1])
    assert _updated(ship(fewer)) == {"role shop-orders"}
    document: Any = clients.iam.get_role_policy(RoleName=role.name, PolicyName="permissions")["PolicyDocument"]
    assert len(document["Statement"]) == 1


def test_queue_without_its_dead_letter_queue_loses_the_redrive_policy(
    shop: Stack, ship: Deploy, clients: Clients
) -> None:
    ship(shop)
    ship(_replaced(shop, Ref(Kind.QUEUE, "orders"), dead_letter=None))
    url = clients.sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    attributes = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert not json.loads(attributes.get("RedrivePolicy") or "{}")


def test_drift_is_corrected(shop: Stack, ship: Deploy, clients: Clients) -> None:
    ship(shop)
    clients.events.remove_targets(Rule="orders", EventBusName="shop", Ids=["queue"])
    clients.lambda_.remove_permission(FunctionName="orders", StatementId="api")
    clients.logs.delete_log_group(logGroupName="/aws/lambda/users")
    report = ship(shop)
    assert {str(ref) for ref in report.with_outcome(Outcome.UPDATED)} == {"rule shop/orders"}
    created = {str(ref) for ref in report.with_outcome(Outcome.CREATED)}
    assert created == {"permission orders:api", "log group /aws/lambda/users"}


def test_routes_that_are_no_longer_declared_go(shop: Stack, ship: Deploy, clients: Clients) -> None:
    ship(shop)
    [api] = shop.of(RestApi)
    orders, users = Ref(Kind.FUNCTION, "orders"), Ref(Kind.FUNCTION, "users")
    authorizer = api.authorizers[0]
    kept = (Route("/orders", orders), Route("/a/b", users, "GET", authorizer.name))
    ship(_replaced(shop, api.ref, routes=kept))
    found = clients.apigateway.get_resources(restApiId="shop", embed=["methods"])["items"]
    assert {each["path"] for each in found} == {"/", "/a", "/a/b", "/orders"}


def test_new_version_of_a_layer_reaches_its_functions(shop: Stack, ship: Deploy, clients: Clients) -> None:
    def versions() -> list[int]:
        layers = clients.lambda_.get_function_configuration(FunctionName="orders")["Layers"]
        return [int(layer["Arn"].rsplit(":", 1)[1]) for layer in layers]

    ship(shop)
    before = versions()
    ship(shop, "second")
    assert versions() == [version + 1 for version in before]


def test_secret_keeps_its_value(shop: Stack, ship: Deploy, clients: Clients) -> None:
    ship(shop)
    before = clients.secretsmanager.get_secret_value(SecretId="shop/jwt")["SecretString"]
    ship(shop)
    assert clients.secretsmanager.get_secret_value(SecretId="shop/jwt")["SecretString"] == before
    assert len(before) == 64
    assert set(before) <= set("0123456789abcdef")


def test_one_service_alone_updates_its_function_and_mappings(shop: Stack, ship: Deploy, clients: Clients) -> None:
    ship(shop)
    untouched = clients.lambda_.get_function_configuration(FunctionName="users")["CodeSha256"]
    changed = _replaced(shop, Ref(Kind.QUEUE, "orders"), visibility_timeout=45)
    report = ship(changed, "second", only="orders")
    assert {str(ref) for ref, _ in report.outcomes} == {
        "function orders",
        "event source mapping orders:orders",
        "event source mapping order-intake:orders",
    }
    assert _updated(report) == {"function orders"}
    assert clients.lambda_.get_function_configuration(FunctionName="users")["CodeSha256"] == untouched
    assert not ship(changed, "second", only="orders").changed


@pytest.mark.usefixtures("empty")
def test_one_service_alone_needs_the_stack(shop: Stack, ship: Deploy) -> None:
    with pytest.raises(DeployError, match=r"layer shop-dependencies.*not deployed. Run make up first"):
        ship(shop, only="orders")


def test_unknown_service_names_those_that_there_are(shop: Stack, ship: Deploy) -> None:
    with pytest.raises(DeployError, match=r"no such service. There are: .*inventory, notifications, orders"):
        ship(shop, only="returns")


@pytest.mark.parametrize(
    "key", [{"hash_key": "sku", "attributes": {"sku": "S"}}, {"attributes": {"productId": "N"}}], ids=["name", "type"]
)
def test_changed_key_of_a_table_is_refused_with_a_hint(shop: Stack, ship: Deploy, key: dict[str, Any]) -> None:
    ship(shop)
    changed = _replaced(shop, Ref(Kind.TABLE, "stock"), **key)
    with pytest.raises(DeployError, match=r"table stock: KeyChanged: .* cannot be changed in place"):
        ship(changed)


def test_refusal_of_aws_names_the_resource_code_and_message(ship: Deploy) -> None:
    with pytest.raises(DeployError) as caught:
        ship(Stack("test", (Table("untyped", {}, hash_key="id"),)))
    assert caught.value.resource == "table untyped"
    assert caught.value.code == "ValidationException"
    assert "\n" not in str(caught.value)


def test_endpoint_that_nobody_listens_at_is_one_line_with_a_hint() -> None:
    with pytest.raises(DeployError, match=r"event bus shop: EndpointConnectionError: .*make up starts it") as caught:
        deploy(Clients(NOBODY), Stack("test", (EventBus("shop"),)), NO_ARTIFACTS)
    assert "\n" not in str(caught.value)


def test_first_failure_stops_what_has_not_begun(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = _record(monkeypatch, failing=Kind.TABLE)
    with pytest.raises(DeployError, match=r"table .*: TimeoutError: too slow"):
        deploy(Clients(NOBODY), shop, NO_ARTIFACTS)
    assert not {resource.kind for resource in begun} & {Kind.FUNCTION, Kind.EVENT_SOURCE_MAPPING}
    assert _no_thread_of_ours()


def test_interrupt_stops_new_work_and_leaves_no_thread(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = _record(monkeypatch)

    def interrupt(resource: str, what: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy(Clients(NOBODY), shop, NO_ARTIFACTS, interrupt)
    assert len(begun) < len(shop.resources)
    assert _no_thread_of_ours()


def test_interrupt_ends_a_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()

    def wait_for_ever(context: Context, resource: Resource) -> Outcome:
        if resource.kind is Kind.QUEUE:
            waiting.wait(60)
            return Outcome.CREATED
        waiting.set()
        context.wait_until(lambda: False, "the bus", timeout_s=600, every_s=600)
        return Outcome.CREATED

    def interrupt(resource: str, what: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deployers, "ensure", wait_for_ever)
    stack = Stack("test", (EventBus("shop"), Queue("orders")))
    with pytest.raises(KeyboardInterrupt):
        deploy(Clients(NOBODY), stack, NO_ARTIFACTS, interrupt)
    assert _no_thread_of_ours()


def test_wait_that_is_never_over_times_out(clients: Clients) -> None:
    context = Context(clients, NO_ARTIFACTS, None)  # type: ignore[arg-type]  # nothing is looked up
    with pytest.raises(TimeoutError, match=r"the table took more than 0\.02 s"):
        context.wait_until(lambda: False, "the table", timeout_s=0.02, every_s=0.01)


def test_function_that_lambda_gives_up_is_told_with_its_reason(
    shop: Stack, ship: Deploy, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship(shop)
    answer = {"State": "Failed", "StateReason": "no such runtime"}
    monkeypatch.setattr(clients.lambda_, "get_function_configuration", lambda **_: answer)
    with pytest.raises(DeployError, match="function orders: Failed: no such runtime"):
        ship(shop, "second", only="orders")


def test_explanation_is_one_line_also_of_long_messages() -> None:
    error = explain("queue orders", RuntimeError("first\nsecond"))
    assert str(error) == "queue orders: RuntimeError: first"
