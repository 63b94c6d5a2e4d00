"""What the engine counted: the answer of `/_loadstack/usage`, and how much of each thing AWS would bill for it.

What is counted, and by which rules of AWS's, stands in the engine's README. This module chooses: what the shop did, not
what the harness or a command did to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from loadtests.probe import QUEUE_PREFIX

type Counted = Mapping[str, Any]

NONE: Final = Decimal(0)
NOTICES: Final = "notifications"
"""The shop's queue to which the topic delivers how an order ended, so that its customer gets a mail."""

MB_OF_GB: Final = 1024
MS_OF_S: Final = 1000

_STATES: Final = frozenset({"memory_mb", "max_memory_used_mb", "custom_metrics", "alarms", "dashboards", "secrets"})
"""Numbers of what is there, as against what was counted since the engine started."""

_DELIVERING: Final = frozenset({"sns", "events"})
"""Services that put messages into queues by themselves. AWS's pages do not say whether SQS bills those; what an API's
integration or a schedule sends is sent in the account's name, as a function's calls are.
"""

_DELIVERIES: Final = {"sns.http_deliveries": ("http", "https"), "sns.email_deliveries": ("email", "email-json")}
"""Those to queues and functions are free."""

_EMPTY: Final = "Empty"
"""How the poller's calls begin that found nothing: they are made without any order, too."""

_SUMS: Final = (
    "api_gateway.requests",
    "lambda.requests",
    "dynamodb.read_units",
    "dynamodb.write_units",
    "events.custom_events",
    "events.archived_bytes",
    "events.replayed_events",
    "states.transitions",
    "s3.put_requests",
    "s3.get_requests",
    "logs.ingested_bytes",
)
"""Counted by table, by function, and so on."""

_SINGLE: Final = ("scheduler.invocations", "ses.mails", "secretsmanager.calls")


def growth(before: Counted, after: Counted) -> Counted | None:
    """What was counted between two looks; states are those of the second. None if the counters began anew between
    them (`make reset`, another engine).
    """
    if before.get("since") != after.get("since"):
        return None
    grown: Counted = _growth(before, after)
    return grown


def quantities(usage: Counted) -> dict[str, Decimal]:
    """How much of each thing was used, by the names of the price file. What was not used is 0."""
    return dict(_quantities(usage))


def _quantities(usage: Counted) -> Iterator[tuple[str, Decimal]]:
    for key in _SUMS:
        service, item = key.split(".")
        yield key, _sum(each.get(item) for each in usage.get(service, {}).values())
    for key in _SINGLE:
        service, item = key.split(".")
        yield key, _number(usage.get(service, {}).get(item))
    yield "lambda.gb_seconds", _sum(map(gb_seconds, usage.get("lambda", {}).values()))
    yield from _of_queues(usage.get("sqs", {}))
    yield from _of_topics(usage.get("sns", {}))


def gb_seconds(function: Mapping[str, Any]) -> Decimal:
    """Of one function, each invocation at the memory size that it had; without that, all at the newest."""
    if (told := function.get("gb_seconds")) is not None:
        return _number(told)
    return _number(function.get("billed_ms")) * _number(function.get("memory_mb")) / MB_OF_GB / MS_OF_S


def polled_queues(usage: Counted) -> int:
    """How many queues Lambda listened to in the run; of those before, the engine keeps the polls until a reset."""
    pollers = (queue.get("poller", {}) for queue in usage.get("sqs", {}).values())
    return sum(any(count for call, count in poller.items() if _is_empty(call)) for poller in pollers)


def ended_orders(usage: Counted) -> int:
    """Orders that were confirmed, rejected or cancelled, whoever placed them: one that was confirmed and then cancelled
    counts twice. 0 of a stack that has no such queue.
    """
    notices = usage.get("sqs", {}).get(NOTICES, {}).get("integration", {})
    return int(notices.get("sns") or 0)


def _of_queues(queues: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Decimal]]:
    shops = {name: queue for name, queue in queues.items() if not name.startswith(QUEUE_PREFIX)}
    yield "sqs.requests", _sum(_requests(queue) for name, queue in shops.items() if not _is_fifo(name))
    yield "sqs.fifo_requests", _sum(_requests(queue) for name, queue in shops.items() if _is_fifo(name))
    delivered = (queue.get("integration", {}).get(service) for queue in shops.values() for service in _DELIVERING)
    yield "sqs.deliveries", _sum(delivered)


def _requests(queue: Mapping[str, Any]) -> Decimal:
    """In the account's name: its functions', Lambda's for them, and those of APIs and schedules."""
    polls = (count for call, count in queue.get("poller", {}).items() if not _is_empty(call))
    sent = (count for service, count in queue.get("integration", {}).items() if service not in _DELIVERING)
    return _sum([*queue.get("functions", {}).values(), *polls, *sent])


def _of_topics(topics: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Decimal]]:
    yield "sns.publishes", _sum(_publishes(topic) for name, topic in topics.items() if not _is_fifo(name))
    yield "sns.fifo_publishes", _sum(_publishes(topic) for name, topic in topics.items() if _is_fifo(name))
    for key, protocols in _DELIVERIES.items():
        yield key, _sum(topic.get("deliveries", {}).get(name) for topic in topics.values() for name in protocols)


def _publishes(topic: Mapping[str, Any]) -> Decimal:
    return _sum([topic.get("publishes"), *topic.get("integration", {}).values()])


def _is_fifo(name: str) -> bool:
    """SQS and SNS demand the ending."""
    return name.endswith(".fifo")


def _is_empty(call: str) -> bool:
    return call.startswith(_EMPTY)


def _growth(before: Any, after: Any) -> Any:
    if isinstance(after, Mapping):
        then = before if isinstance(before, Mapping) else {}
        return {key: value if _is_state(key, value) else _growth(then.get(key), value) for key, value in after.items()}
    if isinstance(after, bool) or not isinstance(after, int | float):
        return after
    return float(_number(after) - _number(before)) if isinstance(after, float) else after - int(before or 0)


def _is_state(key: str, value: Any) -> bool:
    return key in _STATES and not isinstance(value, Mapping)


def _sum(values: Iterable[Any]) -> Decimal:
    return sum(map(_number, values), NONE)


def _number(value: Any) -> Decimal:
    """Exactly as it was told: 0.1 is a tenth."""
    return Decimal(str(value)) if value is not None else NONE
