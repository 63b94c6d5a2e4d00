"""References, ARNs and logical names."""

import pytest

from bootstrap.references import Arn, Kind, Place, Ref, Value, arn_of, logical_name, resolve
from bootstrap.resources import DeadLetter, Queue, Rule, Stack, Table, Target, references

PLACE = Place("eu-west-1", "111122223333")


@pytest.mark.parametrize(
    ("ref", "arn"),
    [
        (Ref(Kind.TABLE, "orders"), "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
        (Ref(Kind.QUEUE, "orders"), "arn:aws:sqs:eu-west-1:111122223333:orders"),
        (Ref(Kind.EVENT_BUS, "shop"), "arn:aws:events:eu-west-1:111122223333:event-bus/shop"),
        (Ref(Kind.RULE, "shop/orders"), "arn:aws:events:eu-west-1:111122223333:rule/shop/orders"),
        (Ref(Kind.RULE, "default/outbox-sweep"), "arn:aws:events:eu-west-1:111122223333:rule/outbox-sweep"),
        (Ref(Kind.TOPIC, "order-events"), "arn:aws:sns:eu-west-1:111122223333:order-events"),
        (Ref(Kind.ROLE, "shop-orders"), "arn:aws:iam::111122223333:role/shop-orders"),
        (Ref(Kind.FUNCTION, "orders"), "arn:aws:lambda:eu-west-1:111122223333:function:orders"),
    ],
)
def test_arn_of_each_kind(ref: Ref, arn: str) -> None:
    assert arn_of(ref, PLACE) == arn


def test_arn_of_kind_without_arn_raises() -> None:
    with pytest.raises(ValueError, match="has no ARN"):
        arn_of(Ref(Kind.PERMISSION, "orders:api"), PLACE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("INFO", "INFO"),
        (Ref(Kind.TABLE, "orders"), "orders"),
        (Ref(Kind.TABLE, "orders").arn("/index/*"), "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/*"),
    ],
)
def test_resolve_each_form_of_value(value: Value, text: str) -> None:
    assert resolve(value, lambda ref: arn_of(ref, PLACE)) == text


def test_references_are_found_however_deep_but_not_to_itself() -> None:
    queue = Queue("orders", dead_letter=DeadLetter(Ref(Kind.QUEUE, "orders-dlq")))
    rule = Rule("all", (Target("queue", queue.ref),), event_bus=Ref(Kind.EVENT_BUS, "shop"))
    assert references(queue) == {Ref(Kind.QUEUE, "orders-dlq")}
    assert references(rule) == {queue.ref, Ref(Kind.EVENT_BUS, "shop")}
    assert references(Queue("orders", dead_letter=DeadLetter(queue.ref))) == frozenset()


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        (Ref(Kind.QUEUE, "orders-dlq"), "OrdersDlqQueue"),
        (Ref(Kind.LOG_GROUP, "/aws/lambda/orders"), "AwsLambdaOrdersLogGroup"),
        (Ref(Kind.EVENT_SOURCE_MAPPING, "orders:orders"), "OrdersOrdersEventSourceMapping"),
    ],
)
def test_logical_name_has_letters_and_digits_only(ref: Ref, name: str) -> None:
    assert logical_name(ref) == name


def test_logical_names_of_the_shop_are_unique(shop: Stack) -> None:
    names = {logical_name(resource.ref) for resource in shop.resources}
    assert len(names) == len(shop.resources)


def test_stack_finds_by_reference_and_class(shop: Stack) -> None:
    assert isinstance(shop.find(Ref(Kind.TABLE, "orders")), Table)
    assert shop.find(Ref(Kind.TABLE, "nowhere")) is None
    assert {table.name for table in shop.of(Table)} >= {"users", "orders"}


def test_arn_is_a_value_of_its_reference() -> None:
    ref = Ref(Kind.TOPIC, "order-events")
    assert ref.arn() == Arn(ref)
