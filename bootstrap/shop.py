"""THE declaration of the shop: every AWS resource, once.

First what the services share, then a block for each service with all that is its own; the routes of the REST API are
in `shop_api`. To add a service, write its block (`_returns()`, say), with `_service` for function, role and log group
and `_event_consumer` where events feed it, and name it in `SHOP` at the end. `validate` then says what is missing.
"""

from collections.abc import Iterator, Mapping

from bootstrap.references import Arn, Kind, Ref, Value
from bootstrap.resources import (
    DeadLetter,
    EmailIdentity,
    EventBus,
    EventSourceMapping,
    Folder,
    Function,
    GlobalSecondaryIndex,
    Layer,
    LogGroup,
    Permission,
    Queue,
    QueuePolicy,
    Requirements,
    Resource,
    Role,
    Rule,
    Secret,
    Stack,
    Statement,
    Subscription,
    Table,
    Target,
    Topic,
)
from bootstrap.shop_api import API, AUTHORIZER, rest_api
from bootstrap.shop_intake import INTAKE_ROLE, MAX_MESSAGE_BYTES, ORDER_INTAKE

# -- shared --------------------------------------------------------------------------------------------------

BUS = Ref(Kind.EVENT_BUS, "shop")
ORDER_EVENTS = Ref(Kind.TOPIC, "order-events")
JWT_SECRET = Ref(Kind.SECRET, "shop/jwt")
DELETED_USERS = Ref(Kind.TABLE, "deleted-users")
SENDER = Ref(Kind.EMAIL_IDENTITY, "shop@example.com")
CHECKS_TOKENS: Mapping[str, Value] = {"JWT_SECRET_ID": JWT_SECRET, "DELETED_USERS_TABLE": DELETED_USERS}
LAYERS = (Ref(Kind.LAYER, "shop-dependencies"), Ref(Kind.LAYER, "shop-common"))


def _shared() -> tuple[Resource, ...]:
    dependencies, common = LAYERS
    return (
        EventBus(BUS.name),
        Topic(ORDER_EVENTS.name),
        Secret(JWT_SECRET.name),
        Layer(dependencies.name, Requirements("requirements/layer.txt")),
        Layer(common.name, Folder("functions/common", "python/common", without=("events/schemas",))),
    )


# -- what services are made of -------------------------------------------------------------------------------


def _table(name: str) -> Ref:
    return Ref(Kind.TABLE, name)


def _may(resource: Ref | Arn, *actions: str) -> Statement:
    return Statement(actions, (resource.arn() if isinstance(resource, Ref) else resource,))


def _may_publish_events() -> Statement:
    return _may(BUS, "events:PutEvents")


def _may_check_tokens() -> tuple[Statement, ...]:
    """What `common.auth` needs, with the settings `CHECKS_TOKENS`."""
    return (
        # Secrets Manager appends six random characters to the name in the ARN.
        _may(JWT_SECRET.arn("-??????"), "secretsmanager:GetSecretValue"),
        _may(DELETED_USERS, "dynamodb:GetItem"),
    )


def _service(
    name: str,
    *,
    environment: Mapping[str, Value],
    may: tuple[Statement, ...],
    timeout: int = 5,
    schedules: Mapping[str, str] | None = None,
) -> tuple[Resource, ...]:
    """A function with a role and a log group of its own; the role may log, and do what `may` says.

    `schedules` invoke it, each by its name and expression. What fails for good then lies in `<name>-async-dlq`.
    """
    dead_letters = Ref(Kind.QUEUE, f"{name}-async-dlq") if schedules else None
    log_group = Ref(Kind.LOG_GROUP, f"/aws/lambda/{name}")
    role = Ref(Kind.ROLE, f"shop-{name}")
    function = Function(
        name=name,
        handler=f"{name}.handler.handler",
        code=Folder(f"functions/{name}", name),
        role=role,
        log_group=log_group,
        layers=LAYERS,
        environment={"POWERTOOLS_SERVICE_NAME": name, "POWERTOOLS_LOG_LEVEL": "INFO", **environment},
        timeout=timeout,
        dead_letters=dead_letters,
    )
    may_log = _may(log_group.arn(":*"), "logs:CreateLogStream", "logs:PutLogEvents")
    service = (LogGroup(log_group.name), function)
    if dead_letters is None:
        return (Role(role.name, (may_log, *may)), *service)
    may_send = _may(dead_letters, "sqs:SendMessage")
    return (
        Role(role.name, (may_log, *may, may_send)),
        *service,
        *_scheduled(function.ref, dead_letters, schedules or {}),
    )


def _scheduled(function: Ref, dead_letters: Ref, schedules: Mapping[str, str]) -> Iterator[Resource]:
    """A rule for each schedule; what it could not deliver lies where the function's failures do."""
    rules = [
        Rule(name, (Target("function", function, dead_letters),), schedule_expression=expression)
        for name, expression in schedules.items()
    ]
    yield from rules
    yield from _dead_letter_queue(dead_letters, "events.amazonaws.com", *(rule.ref.arn() for rule in rules))
    for rule in rules:
        yield Permission(function, rule.name, "events.amazonaws.com", rule.ref.arn())


def _dead_letter_queue(queue: Ref, principal: str, *senders: Arn) -> tuple[Resource, ...]:
    """A queue of dead letters that `senders` may fill."""
    return (
        _kept_longest(queue),
        QueuePolicy(queue, tuple(_let_in(queue, principal, sender) for sender in senders)),
    )


def _kept_longest(queue: Ref) -> Queue:
    """A queue that keeps messages for 14 days, the longest there is."""
    return Queue(queue.name, message_retention_period=1_209_600)


def _let_in(queue: Ref, principal: str, sender: Arn) -> Statement:
    return Statement(("sqs:SendMessage",), (queue.arn(),), principal=principal, source=sender)


def _dead_letters(queue: str) -> Ref:
    return Ref(Kind.QUEUE, f"{queue}-dlq")


def _may_consume(queue: str) -> Statement:
    return _may(Ref(Kind.QUEUE, queue), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def _feeding(
    queue: Ref,
    function: str,
    *,
    batch_size: int = 10,
    visibility_timeout: int = 30,
    maximum_message_size: int | None = None,
) -> tuple[Resource, ...]:
    """A queue that feeds `function`; its dead-letter queue is declared apart, with those who may fill it."""
    return (
        Queue(
            queue.name,
            visibility_timeout=visibility_timeout,
            maximum_message_size=maximum_message_size,
            dead_letter=DeadLetter(_dead_letters(queue.name)),
        ),
        EventSourceMapping(queue, Ref(Kind.FUNCTION, function), batch_size=batch_size),
    )


def _consumer(
    name: str, sender: Arn, principal: str, *, batch_size: int = 10, visibility_timeout: int = 30
) -> tuple[Resource, ...]:
    """A queue that `sender` may fill, and that feeds the function of the same name.

    Its dead-letter queue also takes what `sender` could not deliver: all in it goes back to the same queue.
    """
    queue = Ref(Kind.QUEUE, name)
    return (
        *_dead_letter_queue(_dead_letters(name), principal, sender),
        *_feeding(queue, name, batch_size=batch_size, visibility_timeout=visibility_timeout),
        QueuePolicy(queue, (_let_in(queue, principal, sender),)),
    )


def _event_consumer(
    name: str, *detail_types: str, batch_size: int = 10, visibility_timeout: int = 30
) -> tuple[Resource, ...]:
    """A consumer of the shop's events of these detail-types."""
    rule = Rule(
        name=name,
        targets=(Target("queue", Ref(Kind.QUEUE, name), _dead_letters(name)),),
        event_bus=BUS,
        event_pattern={"source": [{"prefix": "shop."}], "detail-type": list(detail_types)},
    )
    consumer = _consumer(
        name,
        rule.ref.arn(),
        "events.amazonaws.com",
        batch_size=batch_size,
        visibility_timeout=visibility_timeout,
    )
    return (rule, *consumer)


def _behind_api(name: str, path: str = "") -> Permission:
    """API Gateway may call the function for its own paths, or those that `path` stands for."""
    return Permission(
        function=Ref(Kind.FUNCTION, name),
        statement_id="api",
        principal="apigateway.amazonaws.com",
        source=API.arn(f"/*/*/{path or f'{name}*'}"),
    )


# -- the services --------------------------------------------------------------------------------------------


def _authorizer() -> tuple[Resource, ...]:
    return (
        *_service(AUTHORIZER.name, environment=CHECKS_TOKENS, may=_may_check_tokens()),
        Permission(AUTHORIZER, "api", "apigateway.amazonaws.com", API.arn("/authorizers/*")),
    )


def _users() -> tuple[Resource, ...]:
    table = _table("users")
    return (
        Table(table.name, {"userId": "S"}, hash_key="userId"),
        Table(DELETED_USERS.name, {"userId": "S"}, hash_key="userId", time_to_live="expiresAt"),
        *_service(
            "users",
            environment={"USERS_TABLE": table, **CHECKS_TOKENS},
            may=(
                _may(table, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
                _may(DELETED_USERS, "dynamodb:PutItem"),
                *_may_check_tokens(),
            ),
        ),
        _behind_api("users"),
    )


def _products() -> tuple[Resource, ...]:
    table = _table("products")
    by_category = GlobalSecondaryIndex("category-index", hash_key="category", range_key="productId")
    return (
        Table(table.name, {"productId": "S", "category": "S"}, hash_key="productId", indexes=(by_category,)),
        *_service(
            "products",
            environment={"PRODUCTS_TABLE": table, "STOCK_TABLE": _table("stock"), **CHECKS_TOKENS},
            may=(
                _may(table, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Scan"),
                _may(table.arn("/index/*"), "dynamodb:Query"),
                _may(_table("stock"), "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"),
                *_may_check_tokens(),
            ),
        ),
        _behind_api("products"),
    )


def _cart() -> tuple[Resource, ...]:
    carts, checkouts = _table("carts"), _table("checkouts")
    return (
        Table(carts.name, {"customerId": "S"}, hash_key="customerId", time_to_live="expiresAt"),
        Table(
            checkouts.name,
            {"orderId": "S", "outbox": "S", "dueAt": "S"},
            hash_key="orderId",
            indexes=(GlobalSecondaryIndex("outbox-index", hash_key="outbox", range_key="dueAt"),),
        ),
        *_service(
            "cart",
            environment={
                "CARTS_TABLE": carts,
                "CHECKOUTS_TABLE": checkouts,
                "PRODUCTS_TABLE": _table("products"),
                "EVENT_BUS_NAME": BUS,
                **CHECKS_TOKENS,
            },
            may=(
                _may(carts, "dynamodb:GetItem", "dynamodb:UpdateItem"),
                _may(checkouts, "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
                _may(checkouts.arn("/index/*"), "dynamodb:Query"),
                _may(_table("products"), "dynamodb:BatchGetItem"),
                _may_publish_events(),
                *_may_check_tokens(),
            ),
            schedules={"cart-sweep": "rate(1 minute)"},
        ),
        _behind_api("cart"),
    )


def _orders() -> tuple[Resource, ...]:
    table = _table("orders")
    return (
        Table(
            table.name,
            {"orderId": "S", "customerId": "S", "placedAt": "S", "outbox": "S", "dueAt": "S"},
            hash_key="orderId",
            indexes=(
                GlobalSecondaryIndex("customer-index", hash_key="customerId", range_key="placedAt"),
                GlobalSecondaryIndex("outbox-index", hash_key="outbox", range_key="dueAt"),
            ),
        ),
        *_event_consumer(
            "orders",
            "CartCheckedOut",
            "StockReserved",
            "StockRejected",
            "PaymentCaptured",
            "PaymentDeclined",
            "OrderNotified",
        ),
        _kept_longest(_dead_letters(ORDER_INTAKE.name)),
        *_feeding(ORDER_INTAKE, "orders", maximum_message_size=MAX_MESSAGE_BYTES),
        Role(INTAKE_ROLE.name, (_may(ORDER_INTAKE, "sqs:SendMessage"),), service="apigateway.amazonaws.com"),
        *_service(
            "orders",
            environment={
                "ORDERS_TABLE": table,
                "PRODUCTS_TABLE": _table("products"),
                "EVENT_BUS_NAME": BUS,
                "ORDER_EVENTS_TOPIC_ARN": ORDER_EVENTS.arn(),
                "ORDER_INTAKE_QUEUE_ARN": ORDER_INTAKE.arn(),
                **CHECKS_TOKENS,
            },
            may=(
                _may(table, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                _may(table.arn("/index/*"), "dynamodb:Query"),
                _may(_table("products"), "dynamodb:BatchGetItem"),
                _may_publish_events(),
                _may(ORDER_EVENTS, "sns:Publish"),
                *_may_check_tokens(),
                _may_consume("orders"),
                _may_consume(ORDER_INTAKE.name),
            ),
            schedules={"outbox-sweep": "rate(1 minute)"},
        ),
        _behind_api("orders"),
    )


def _inventory() -> tuple[Resource, ...]:
    stock, reservations = _table("stock"), _table("reservations")
    return (
        Table(stock.name, {"productId": "S"}, hash_key="productId"),
        Table(
            reservations.name,
            {"orderId": "S", "outbox": "S", "dueAt": "S"},
            hash_key="orderId",
            indexes=(GlobalSecondaryIndex("outbox-index", hash_key="outbox", range_key="dueAt"),),
        ),
        *_event_consumer("inventory", "OrderPlaced", "PaymentCaptured", "PaymentDeclined", "OrderCancelled"),
        *_service(
            "inventory",
            environment={
                "STOCK_TABLE": stock,
                "RESERVATIONS_TABLE": reservations,
                "EVENT_BUS_NAME": BUS,
                "RESERVATION_TTL_S": "900",
            },
            may=(
                _may(stock, "dynamodb:UpdateItem"),
                _may(reservations, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                _may(reservations.arn("/index/*"), "dynamodb:Query"),
                _may_publish_events(),
                _may_consume("inventory"),
            ),
            schedules={"reservation-sweep": "rate(1 minute)"},
        ),
    )


def _payments() -> tuple[Resource, ...]:
    table = _table("payments")
    return (
        Table(table.name, {"orderId": "S", "entry": "S"}, hash_key="orderId", range_key="entry"),
        # One message at a time: a slow charge must not hold up others.
        *_event_consumer(
            "payments", "StockReserved", "OrderCancelled", "ReservationExpired", batch_size=1, visibility_timeout=60
        ),
        *_service(
            "payments",
            environment={
                "PAYMENTS_TABLE": table,
                "ORDERS_TABLE": _table("orders"),
                "EVENT_BUS_NAME": BUS,
                **CHECKS_TOKENS,
            },
            may=(
                _may(table, "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                _may(_table("orders"), "dynamodb:GetItem"),
                _may_publish_events(),
                *_may_check_tokens(),
                _may_consume("payments"),
            ),
            timeout=10,
        ),
        _behind_api("payments", "orders/*/payments"),
    )


def _notifications() -> tuple[Resource, ...]:
    table = _table("notifications")
    return (
        # The keys are those of Powertools' idempotency persistence.
        Table(table.name, {"id": "S"}, hash_key="id", time_to_live="expiration"),
        EmailIdentity(SENDER.name),
        *_consumer("notifications", ORDER_EVENTS.arn(), "sns.amazonaws.com"),
        Subscription(
            ORDER_EVENTS,
            Ref(Kind.QUEUE, "notifications"),
            filter_policy={"stage": ["confirmed", "rejected", "cancelled"]},
            dead_letters=_dead_letters("notifications"),
        ),
        *_service(
            "notifications",
            environment={"NOTIFICATIONS_TABLE": table, "EVENT_BUS_NAME": BUS, "MAIL_SENDER": SENDER},
            may=(
                _may(
                    table,
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                    "dynamodb:DeleteItem",
                ),
                _may(SENDER, "ses:SendEmail"),
                _may_publish_events(),
                _may_consume("notifications"),
            ),
        ),
    )


def _apidocs() -> tuple[Resource, ...]:
    return (*_service("apidocs", environment={}, may=()), _behind_api("apidocs", "docs*"))


SHOP = Stack(
    name="shop",
    resources=(
        *_shared(),
        rest_api(),
        *_authorizer(),
        *_users(),
        *_products(),
        *_cart(),
        *_orders(),
        *_inventory(),
        *_payments(),
        *_notifications(),
        *_apidocs(),
    ),
)
