"""The declaration of the shop."""

import json
from itertools import chain
from pathlib import Path

import pytest

from bootstrap.buckets import Bucket
from bootstrap.references import Arn, Kind, Ref
from bootstrap.resources import EventSourceMapping, Function, Queue, Role, Rule, Stack, Subscription, Table
from bootstrap.rest_api import RestApi
from bootstrap.validate import mistakes


def test_shop_has_no_mistakes(shop: Stack, root: Path) -> None:
    assert mistakes(shop, root) == []


def test_every_service_has_a_function_and_a_role_of_its_own(shop: Stack, root: Path) -> None:
    functions = shop.of(Function)
    services = {handler.parent.name for handler in root.glob("functions/*/handler.py")}
    assert {function.name for function in functions} == services
    assert len({function.role for function in functions}) == len(functions)


def test_roles_name_what_they_may_do_and_to_what(shop: Stack) -> None:
    for statement in chain.from_iterable(role.statements for role in shop.of(Role)):
        assert not [action for action in statement.actions if "*" in action]
        assert all(isinstance(resource, Arn) for resource in statement.resources)


def test_roles_reach_every_table_that_the_function_is_told(shop: Stack) -> None:
    """But for a bucket that anybody may read: who only tells of its addresses needs no grant."""
    public = {bucket.ref for bucket in shop.of(Bucket) if bucket.public}
    for function in shop.of(Function):
        role = shop.find(function.role)
        assert isinstance(role, Role)
        reached = {
            resource.ref
            for statement in role.statements
            for resource in statement.resources
            if isinstance(resource, Arn)
        }
        told = {value for value in function.environment.values() if isinstance(value, Ref)}
        assert told - public <= reached, function.name


@pytest.mark.parametrize(
    ("rule", "detail_types"),
    [
        ("inventory", {"OrderPlaced", "PaymentCaptured", "PaymentDeclined", "OrderCancelled"}),
        ("notifications", {"CartAbandoned"}),
        ("payments", {"StockReserved", "OrderCancelled", "ReservationExpired"}),
        (
            "orders",
            {"CartCheckedOut", "StockReserved", "StockRejected", "PaymentCaptured", "PaymentDeclined", "OrderNotified"},
        ),
    ],
)
def test_rules_pick_the_events_of_their_service(shop: Stack, rule: str, detail_types: set[str]) -> None:
    found = shop.find(Ref(Kind.RULE, f"shop/{rule}"))
    assert isinstance(found, Rule)
    assert found.event_pattern is not None
    assert set(found.event_pattern["detail-type"]) == detail_types
    assert [target.ref for target in found.targets] == [Ref(Kind.QUEUE, rule)]


def test_every_queue_that_feeds_a_function_has_a_dead_letter_queue(shop: Stack) -> None:
    for mapping in shop.of(EventSourceMapping):
        queue = shop.find(mapping.queue)
        assert isinstance(queue, Queue)
        assert queue.dead_letter
        assert queue.dead_letter.queue.name == f"{queue.name}-dlq"
        assert queue.dead_letter.max_receive_count == 3
        assert mapping.report_batch_item_failures


def test_what_cannot_be_delivered_lies_behind_the_queue_or_the_function_that_it_was_for(shop: Stack) -> None:
    """Beside what failed there: everything in a dead-letter queue goes back to one and the same place."""
    deliveries = [(target.ref, target.dead_letters) for rule in shop.of(Rule) for target in rule.targets]
    deliveries += [(each.queue, each.dead_letters) for each in shop.of(Subscription)]
    for receiver, dead_letters in deliveries:
        suffix = "-dlq" if receiver.kind is Kind.QUEUE else "-async-dlq"
        assert dead_letters == Ref(Kind.QUEUE, receiver.name + suffix)
    for function in shop.of(Function):
        assert function.dead_letters in (None, Ref(Kind.QUEUE, f"{function.name}-async-dlq"))


def test_payments_and_images_take_one_message_at_a_time(shop: Stack) -> None:
    sizes = {mapping.function.name: mapping.batch_size for mapping in shop.of(EventSourceMapping)}
    assert {"orders", "inventory", "notifications"} < sizes.keys()
    assert {name: size for name, size in sizes.items() if size != 10} == {"images": 1, "payments": 1}


def test_tables_are_those_that_the_services_expect(shop: Stack) -> None:
    keys = {table.name: (table.hash_key, table.range_key) for table in shop.of(Table)}
    expected = {
        "users": ("userId", None),
        "deleted-users": ("userId", None),
        "products": ("productId", None),
        "stock": ("productId", None),
        "reservations": ("orderId", None),
        "carts": ("customerId", None),
        "checkouts": ("orderId", None),
        "orders": ("orderId", None),
        "payments": ("orderId", "entry"),
        "notifications": ("id", None),
        "sales": ("orderId", None),
        "sales-figures": ("level", "at"),
    }
    assert expected.items() <= keys.items()


def test_api_has_the_fixed_id(shop: Stack) -> None:
    [api] = shop.of(RestApi)
    assert (api.name, api.stage) == ("shop", "dev")


def test_nobody_needs_a_token_to_join_or_to_look_around(shop: Stack) -> None:
    [api] = shop.of(RestApi)
    assert {(route.method, route.path) for route in api.routes if route.authorizer is None} == {
        ("ANY", "/users"),
        ("ANY", "/users/login"),
        ("GET", "/products"),
        ("GET", "/products/{productId}"),
        ("GET", "/products/{productId}/{proxy+}"),
        ("ANY", "/products/{productId}/recommendations"),
        ("GET", "/docs"),
        ("GET", "/docs/{name}"),
        ("ANY", "/payments/webhooks/stripe"),  # signed
        ("GET", "/analytics/dashboard"),
        ("GET", "/analytics/dashboard/{name}"),
    }


def test_gateway_answers_errors_in_the_services_shape(shop: Stack) -> None:
    [api] = shop.of(RestApi)
    for response in api.gateway_responses:
        [(name, error)] = json.loads(response.template.replace("$context.error.messageString", '"text"')).items()
        assert name == "error"
        assert set(error) == {"code", "message", "details"}
        assert error["message"]


def test_functions_that_the_api_calls_may_check_tokens(shop: Stack) -> None:
    """What the services find is right at once, whatever API Gateway remembers."""
    [api] = shop.of(RestApi)
    guarded = {route.function for route in api.routes if route.authorizer and route.function}
    for function in (shop.find(ref) for ref in guarded | {authorizer.function for authorizer in api.authorizers}):
        assert isinstance(function, Function)
        assert {"JWT_SECRET_ID", "DELETED_USERS_TABLE"} <= function.environment.keys()
