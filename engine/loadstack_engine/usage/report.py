"""The answer of ``/_loadstack/usage``.

By section, then by name. All sections are there; a name or a figure that was never counted is missing::

    since          when counting began, ISO 8601: at the start, or at the last reset
    api_gateway    {api/stage: {requests, unbilled, response_bytes}}
    lambda         {function: {requests, billed_ms, gb_seconds, memory_mb, max_memory_used_mb,
                               cpu_ms, init_ms, init_cpu_ms}}
    dynamodb       {table, or table/index/its name: {read_units, write_units}}
    sqs            {queue: {functions: {operation: requests},
                            poller: {ReceiveMessage, DeleteMessageBatch, EmptyReceives},
                            integration: {sns | events | scheduler | apigateway: requests}}}
    sns            {topic: {publishes, integration: {events | scheduler: publishes}, deliveries: {protocol: count}}}
    events         {bus: {custom_events, archived_events, archived_bytes, replayed_events}}
    scheduler      {invocations}
    states         {state machine: {transitions}}
    s3             {bucket: {put_requests, get_requests, bytes_in, bytes_out}}
    logs           {log group: {ingested_bytes}}
    cloudwatch     {custom_metrics, alarms, dashboards}: how many there are now
    ses            {mails}
    secretsmanager {calls, secrets}: the secrets that there are now

``init_ms`` is part of ``billed_ms``; ``cpu_ms`` is without the inits' ``init_cpu_ms``. ``EmptyReceives`` are
with five pollers and 20 s a poll (assumed: see ``pollers``).
"""

from typing import Any

from localstack.services.cloudwatch.models import cloudwatch_stores
from localstack.services.plugins import SERVICE_PLUGINS

from loadstack_engine.in_process import provider_of
from loadstack_engine.usage.invocations import MB_MS
from loadstack_engine.usage.meter import USAGE
from loadstack_engine.usage.pollers import EMPTY_RECEIVES_A_SECOND, POLLERS

_MB_MS_A_GB_SECOND = 1024 * 1000
_TIMES = {"cpu_ms", "init_ms", "init_cpu_ms"}
_SECTIONS = (
    "api_gateway",
    "lambda",
    "dynamodb",
    "sqs",
    "sns",
    "events",
    "scheduler",
    "states",
    "s3",
    "logs",
    "cloudwatch",
    "ses",
    "secretsmanager",
)


def as_dict() -> dict[str, Any]:
    """All sections."""
    found: dict[str, Any] = {"since": USAGE.since.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    found |= {section: {} for section in _SECTIONS} | USAGE.as_dict()
    for function in found["lambda"].values():
        function["gb_seconds"] = function.pop(MB_MS, 0) / _MB_MS_A_GB_SECOND
        for name in _TIMES & function.keys():
            function[name] = round(function[name], 3)
    for queue, seconds in POLLERS.seconds().items():
        poller = found["sqs"].setdefault(queue, {}).setdefault("poller", {})
        poller["EmptyReceives"] = round(seconds * EMPTY_RECEIVES_A_SECOND, 3)
    if SERVICE_PLUGINS.is_running("cloudwatch"):
        found["cloudwatch"] = _cloudwatch()
    if SERVICE_PLUGINS.is_running("secretsmanager"):
        found["secretsmanager"]["secrets"] = _secrets()
    return found


def _cloudwatch() -> dict[str, int]:
    """https://aws.amazon.com/cloudwatch/pricing/: a custom metric is one with its dimensions, not of AWS's own."""
    store = getattr(provider_of("cloudwatch"), "cloudwatch_database", None)
    count = getattr(store, "count_custom_metrics", None)
    stores = [store for _, _, store in cloudwatch_stores.iter_stores()]
    figures = {
        "alarms": sum(len(each.alarms) for each in stores),
        "dashboards": sum(len(each.dashboards) for each in stores),
    }
    return figures | ({"custom_metrics": count()} if count else {})


def _secrets() -> int:
    from moto.secretsmanager.models import secretsmanager_backends

    return sum(len(backend.secrets) for account in secretsmanager_backends.values() for backend in account.values())
