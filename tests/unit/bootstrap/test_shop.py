"""The declaration of the shop."""

from itertools import chain
from pathlib import Path

import pytest

from bootstrap.references import Arn, Kind, Ref
from bootstrap.resources import EventSourceMapping, Function, Queue, RestApi, Role, Rule, Stack, Subscription, Table
from bootstrap.validate import mistakes

SERVICES = {"users", "products", "orders", "inventory", "payments", "notifications"}


def test_shop_has_no_mistakes(shop: Stack, root: Path) -> None:
    assert mistakes(shop, root) == []


def test_every_service_has_a_function_and_a_role_of_its_own(shop: Stack) -> None:
    functions = shop.of(Function)
    assert {function.name for function in functions} == SERVICES
    assert len({function.role for function in functions}) == len(SERVICES)


def test_roles_name_what_they_may_do_and_to_what(shop: Stack) -> None:
    for statement in chain.from_iterable(role.statements for role in shop.of(Role)):
        assert not [action for action in statement.actions if "*" in action]
        assert all(isinstance(resource, Arn) for resource in statement.resources)


def test_roles_reach_every_table_that_the_function_is_told(shop: Stack) -> None:
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
        assert told <= reached, function.name


@pytest.mark.parametrize(
    ("rule", "detail_types"),
    [
        ("inventory", {"OrderPlaced", "PaymentDeclined"}),
        ("payments", {"StockReserved", "OrderCancelled", "ReservationExpired"}),
        ("orders", {"StockReserved", "StockRejected", "PaymentCaptured", "PaymentDeclined", "OrderNotified"}),
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


def test_payments_take_one_message_at_a_time(shop: Stack) -> None:
    sizes = {mapping.function.name: mapping.batch_size for mapping in shop.of(EventSourceMapping)}
    assert sizes == {"orders": 10, "inventory": 10, "payments": 1, "notifications": 10}


def test_tables_are_those_that_the_services_expect(shop: Stack) -> None:
    keys = {table.name: (table.hash_key, table.range_key) for table in shop.of(Table)}
    assert keys == {
        "users": ("userId", None),
        "products": ("productId", None),
        "stock": ("productId", None),
        "reservations": ("orderId", None),
        "orders": ("orderId", None),
        "payments": ("orderId", "entry"),
        "notifications": ("id", None),
    }


def test_api_has_the_fixed_id_and_the_paths_of_three_services(shop: Stack) -> None:
    [api] = shop.of(RestApi)
    assert (api.name, api.stage) == ("shop", "dev")
    assert {route.path for route in api.routes} == {
        "/users",
        "/users/{proxy+}",
        "/products",
        "/products/{proxy+}",
        "/orders",
        "/orders/{orderId}",
        "/orders/{orderId}/{proxy+}",
        "/orders/{orderId}/payments",
    }
