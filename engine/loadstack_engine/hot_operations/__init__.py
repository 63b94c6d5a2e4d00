"""AWS operations that go from the HTTP front straight to their provider, past LocalStack's chain of handlers.

They are those that an event-driven flow lives on: the JSON operations of SQS, EventBridge, Step Functions and
CloudWatch Logs, ``Invoke`` of Lambda, and SNS. The provider, its overrides and its errors are LocalStack's; what falls
away is finding out which service is meant, building and taking apart requests and responses, and walking the service's
model for each. What is unusual in any way (see ``admission``) takes LocalStack's way.
"""

import logging

from localstack import config
from localstack.logging.setup import get_log_level_from_config

from loadstack_engine.front.hot_routes import HOT_ROUTES


def use() -> None:
    """Answer them from now on."""
    _log_requests_only_where_shown()
    from loadstack_engine.hot_operations import invoke, json_protocol, query_protocol

    for route in (json_protocol.answer, invoke.answer, query_protocol.answer):
        HOT_ROUTES.add(route)


def _log_requests_only_where_shown() -> None:
    """LocalStack makes a log record of each request, also where ``LS_LOG`` says that nobody sees it."""
    level = get_log_level_from_config()
    if level > logging.INFO and not config.LOG_LEVEL_OVERRIDES:
        logging.getLogger("localstack.request").setLevel(level)
