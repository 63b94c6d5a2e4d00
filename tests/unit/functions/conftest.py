"""The environment that a function finds, without AWS: set before any service is imported."""

import json
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

SECRET = "5e" * 32

os.environ.update(
    {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "USERS_TABLE": "users",
        "PRODUCTS_TABLE": "products",
        "STOCK_TABLE": "stock",
        "IMAGES_BUCKET": "images",
        "RESERVATIONS_TABLE": "reservations",
        "RESERVATION_TTL_S": "900",
        "CARTS_TABLE": "carts",
        "CHECKOUTS_TABLE": "checkouts",
        "CART_ABANDONED_AFTER_S": "86400",
        "ORDERS_TABLE": "orders",
        "PAYMENTS_TABLE": "payments",
        "PAYMENT_PROVIDER": "simulated",  # make test exports the user's, which may be empty
        "NOTIFICATIONS_TABLE": "notifications",
        "EVENT_BUS_NAME": "shop",
        "ORDER_EVENTS_TOPIC_ARN": "arn:aws:sns:us-east-1:000000000000:order-events",
        "ORDER_INTAKE_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:order-intake",
        "JWT_SECRET_ID": "shop/jwt",
        "DELETED_USERS_TABLE": "deleted-users",
        "RECOMMENDATIONS_TABLE": "recommendations",
        "SALES_TABLE": "sales",
        "SALES_FIGURES_TABLE": "sales-figures",
        "MAIL_SENDER": "shop@example.com",
    }
)


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    """The signing key, without Secrets Manager."""
    monkeypatch.setattr("common.auth.jwt_secret", lambda: SECRET)
    return SECRET


@pytest.fixture(autouse=True)
def deleted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The ids of deleted users, without DynamoDB: what the test puts in."""

    class Memory:
        def has(self, user_id: str) -> bool:
            return user_id in gone

    gone: set[str] = set()
    monkeypatch.setattr("common.auth.deleted_users", Memory)
    return gone


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off takes no time."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def log_lines() -> Iterator[list[dict[str, Any]]]:
    """What the functions log during the test, line by line, as it would stand in CloudWatch."""
    from common.log import logger

    lines: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(logger.registered_formatter.format(record)))

    keep = Keep()
    logging.getLogger(logger.name).addHandler(keep)
    yield lines
    logging.getLogger(logger.name).removeHandler(keep)


@pytest.fixture
def app() -> APIGatewayRestResolver:
    """A resolver of our own make without routes."""
    from common.http import resolver

    return resolver()
