"""THE declaration of the shop: every AWS resource, once.

First what the services share, then a block for each service with all that is its own; the routes of the REST API are
in `shop_api`, what services are made of in `shop_services`. To add a service, write its block (`_returns()`, say),
with `service` for function, role and log group and `event_consumer` where events feed it, and name it in `blocks` at
the end. `validate` then says what is missing.
"""

from collections.abc import Mapping

from bootstrap.flows import TAG, Flow
from bootstrap.references import Kind, Ref
from bootstrap.resources import (
    EmailIdentity,
    EventBus,
    Folder,
    GlobalSecondaryIndex,
    Layer,
    Permission,
    Requirements,
    Resource,
    Role,
    Secret,
    Stack,
    Subscription,
    Table,
    Topic,
)
from bootstrap.shop_analytics import analytics
from bootstrap.shop_api import API, AUTHORIZER, rest_api
from bootstrap.shop_archive import archive
from bootstrap.shop_images import images
from bootstrap.shop_intake import INTAKE_ROLE, MAX_MESSAGE_BYTES, ORDER_INTAKE
from bootstrap.shop_monitoring import watched
from bootstrap.shop_recommendations import recommendations
from bootstrap.shop_saga import ORDER_SAGA, order_saga
from bootstrap.shop_services import (
    BUS,
    CHECKS_TOKENS,
    DELETED_USERS,
    JWT_SECRET,
    LAYERS,
    allow,
    allow_checking_tokens,
    allow_consuming,
    allow_publishing,
    allow_querying,
    behind_api,
    dead_letters_of,
    event_consumer,
    feeding,
    kept_longest,
    service,
    table_ref,
)
from bootstrap.shop_uploads import IMAGES

# -- shared --------------------------------------------------------------------------------------------------

ORDER_EVENTS = Ref(Kind.TOPIC, "order-events")
SENDER = Ref(Kind.EMAIL_IDENTITY, "shop@example.com")


def _shared(flow: Flow) -> tuple[Resource, ...]:
    dependencies, common = LAYERS
    return (
        EventBus(BUS.name),
        Topic(ORDER_EVENTS.name, {TAG: flow.value}),
        Secret(JWT_SECRET.name),
        Layer(dependencies.name, Requirements("requirements/layer.txt")),
        Layer(common.name, Folder("functions/common", "python/common", without=("events/schemas",))),
    )


# -- the services --------------------------------------------------------------------------------------------


def _authorizer() -> tuple[Resource, ...]:
    return (
        *service(AUTHORIZER.name, environment=CHECKS_TOKENS, may=allow_checking_tokens()),
        Permission(AUTHORIZER, "api", "apigateway.amazonaws.com", API.arn("/authorizers/*")),
    )


def _users() -> tuple[Resource, ...]:
    table = table_ref("users")
    return (
        Table(table.name, {"userId": "S"}, hash_key="userId"),
        Table(DELETED_USERS.name, {"userId": "S"}, hash_key="userId", time_to_live="expiresAt"),
        *service(
            "users",
            environment={"USERS_TABLE": table, **CHECKS_TOKENS},
            may=(
                allow(table, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
                allow(DELETED_USERS, "dynamodb:PutItem"),
                *allow_checking_tokens(),
            ),
        ),
        behind_api("users"),
    )


def _products() -> tuple[Resource, ...]:
    table = table_ref("products")
    by_category = GlobalSecondaryIndex("category-index", hash_key="category", range_key="productId")
    return (
        Table(table.name, {"productId": "S", "category": "S"}, hash_key="productId", indexes=(by_category,)),
        *service(
            "products",
            environment={
                "PRODUCTS_TABLE": table,
                "STOCK_TABLE": table_ref("stock"),
                "IMAGES_BUCKET": IMAGES,
                **CHECKS_TOKENS,
            },
            may=(
                allow(table, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Scan"),
                allow_querying(table, by_category.name),
                allow(table_ref("stock"), "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"),
                *allow_checking_tokens(),
            ),
        ),
        behind_api("products"),
    )


def _cart() -> tuple[Resource, ...]:
    carts, checkouts = table_ref("carts"), table_ref("checkouts")
    return (
        Table(
            carts.name,
            {"customerId": "S", "reminder": "S", "remindAt": "S"},
            hash_key="customerId",
            indexes=(GlobalSecondaryIndex("reminder-index", "reminder", "remindAt", projection="KEYS_ONLY"),),
            time_to_live="expiresAt",
        ),
        Table(
            checkouts.name,
            {"orderId": "S", "outbox": "S", "dueAt": "S"},
            hash_key="orderId",
            indexes=(GlobalSecondaryIndex("outbox-index", hash_key="outbox", range_key="dueAt"),),
        ),
        *service(
            "cart",
            environment={
                "CARTS_TABLE": carts,
                "CHECKOUTS_TABLE": checkouts,
                "CART_ABANDONED_AFTER_S": "86400",
                "USERS_TABLE": table_ref("users"),
                "PRODUCTS_TABLE": table_ref("products"),
                "EVENT_BUS_NAME": BUS,
                **CHECKS_TOKENS,
            },
            may=(
                allow(carts, "dynamodb:GetItem", "dynamodb:UpdateItem"),
                allow_querying(carts, "reminder-index"),
                allow(table_ref("users"), "dynamodb:BatchGetItem"),
                allow(checkouts, "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
                allow_querying(checkouts, "outbox-index"),
                allow(table_ref("products"), "dynamodb:BatchGetItem"),
                allow_publishing(),
                *allow_checking_tokens(),
            ),
            schedules={"cart-sweep": "rate(1 minute)"},
        ),
        behind_api("cart"),
    )


def _orders(flow: Flow) -> tuple[Resource, ...]:
    table = table_ref("orders")
    is_saga = flow is Flow.SAGA
    return (
        Table(
            table.name,
            {"orderId": "S", "customerId": "S", "placedAt": "S", "outbox": "S", "dueAt": "S"},
            hash_key="orderId",
            indexes=(
                GlobalSecondaryIndex("customer-index", hash_key="customerId", range_key="placedAt"),
                GlobalSecondaryIndex("outbox-index", hash_key="outbox", range_key="dueAt"),
            ),
            stream="NEW_AND_OLD_IMAGES",
        ),
        *event_consumer(
            "orders",
            "CartCheckedOut",
            "StockReserved",
            "StockRejected",
            "PaymentCaptured",
            "PaymentDeclined",
            "OrderNotified",
        ),
        kept_longest(dead_letters_of(ORDER_INTAKE.name)),
        *feeding(ORDER_INTAKE, "orders", maximum_message_size=MAX_MESSAGE_BYTES),
        Role(INTAKE_ROLE.name, (allow(ORDER_INTAKE, "sqs:SendMessage"),), service="apigateway.amazonaws.com"),
        *service(
            "orders",
            environment={
                "ORDERS_TABLE": table,
                "PRODUCTS_TABLE": table_ref("products"),
                "EVENT_BUS_NAME": BUS,
                "ORDER_EVENTS_TOPIC_ARN": ORDER_EVENTS.arn(),
                "ORDER_INTAKE_QUEUE_ARN": ORDER_INTAKE.arn(),
                **({"ORDER_SAGA_ARN": ORDER_SAGA.arn_by_name()} if is_saga else {}),
                **CHECKS_TOKENS,
            },
            may=(
                allow(table, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                allow_querying(table, "customer-index", "outbox-index"),
                allow(table_ref("products"), "dynamodb:BatchGetItem"),
                allow_publishing(),
                allow(ORDER_EVENTS, "sns:Publish"),
                *allow_checking_tokens(),
                allow_consuming("orders"),
                allow_consuming(ORDER_INTAKE.name),
                *((allow(ORDER_SAGA.arn_by_name(), "states:StartExecution"),) if is_saga else ()),
            ),
            schedules={"outbox-sweep": "rate(1 minute)"},
        ),
        behind_api("orders"),
    )


def _inventory() -> tuple[Resource, ...]:
    stock, reservations = table_ref("stock"), table_ref("reservations")
    return (
        Table(stock.name, {"productId": "S"}, hash_key="productId"),
        Table(
            reservations.name,
            {"orderId": "S", "outbox": "S", "dueAt": "S"},
            hash_key="orderId",
            indexes=(GlobalSecondaryIndex("outbox-index", hash_key="outbox", range_key="dueAt"),),
        ),
        *event_consumer("inventory", "OrderPlaced", "PaymentCaptured", "PaymentDeclined", "OrderCancelled"),
        *service(
            "inventory",
            environment={
                "STOCK_TABLE": stock,
                "RESERVATIONS_TABLE": reservations,
                "EVENT_BUS_NAME": BUS,
                "RESERVATION_TTL_S": "900",
            },
            may=(
                allow(stock, "dynamodb:UpdateItem"),
                allow(reservations, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                allow_querying(reservations, "outbox-index"),
                allow_publishing(),
                allow_consuming("inventory"),
            ),
            schedules={"reservation-sweep": "rate(1 minute)"},
        ),
    )


def _payments() -> tuple[Resource, ...]:
    table = table_ref("payments")
    return (
        Table(table.name, {"orderId": "S", "entry": "S"}, hash_key="orderId", range_key="entry"),
        # One message at a time: a slow charge must not hold up others.
        *event_consumer(
            "payments", "StockReserved", "OrderCancelled", "ReservationExpired", batch_size=1, visibility_timeout=60
        ),
        *service(
            "payments",
            environment={
                "PAYMENTS_TABLE": table,
                "ORDERS_TABLE": table_ref("orders"),
                "EVENT_BUS_NAME": BUS,
                **CHECKS_TOKENS,
            },
            may=(
                allow(table, "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                allow(table_ref("orders"), "dynamodb:GetItem"),
                allow_publishing(),
                *allow_checking_tokens(),
                allow_consuming("payments"),
            ),
            timeout=10,
        ),
        behind_api("payments", "orders/*/payments"),
        behind_api("payments", "payments/*", "webhooks"),
    )


def _notifications() -> tuple[Resource, ...]:
    table = table_ref("notifications")
    return (
        # The keys are those of Powertools' idempotency persistence.
        Table(table.name, {"id": "S"}, hash_key="id", time_to_live="expiration"),
        EmailIdentity(SENDER.name),
        *event_consumer("notifications", "CartAbandoned", also=((ORDER_EVENTS.arn(), "sns.amazonaws.com"),)),
        Subscription(
            ORDER_EVENTS,
            Ref(Kind.QUEUE, "notifications"),
            filter_policy={"stage": ["confirmed", "rejected", "cancelled"]},
            dead_letters=dead_letters_of("notifications"),
        ),
        *service(
            "notifications",
            environment={"NOTIFICATIONS_TABLE": table, "EVENT_BUS_NAME": BUS, "MAIL_SENDER": SENDER},
            may=(
                # A record that is there already comes with the refusal to put it, and is not read.
                allow(table, "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
                allow(SENDER, "ses:SendEmail"),
                allow_publishing(),
                allow_consuming("notifications"),
            ),
            timeout=20,
        ),
    )


def _apidocs() -> tuple[Resource, ...]:
    return (*service("apidocs", environment={}, may=()), behind_api("apidocs", "docs*"))


def stack(flow: Flow) -> Stack:
    """The shop with orders that go that way."""
    declared = (resource for block in blocks(flow).values() for resource in block)
    return Stack(name="shop", resources=watched(tuple(declared)))


def blocks(flow: Flow) -> Mapping[str, tuple[Resource, ...]]:
    """All that is declared, by what it belongs to, but what watches it."""
    return {
        "shared": (*_shared(flow), *archive()),
        "API": (rest_api(),),
        "authorizer": _authorizer(),
        "analytics": analytics(),
        "recommendations": recommendations(),
        "users": _users(),
        "products": _products(),
        "images": images(),
        "cart": _cart(),
        "orders": _orders(flow),
        "inventory": _inventory(),
        "payments": _payments(),
        "notifications": _notifications(),
        "apidocs": _apidocs(),
        **({"order-saga": order_saga()} if flow is Flow.SAGA else {}),
    }


SHOP = stack(Flow.CHOREOGRAPHY)
