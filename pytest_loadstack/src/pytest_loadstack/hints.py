"""What may explain that something did not come, looked up at failure time only.

A look that fails or finds nothing says nothing: it must not stand in front of what it explains.
"""

import re
import time
from collections.abc import Callable
from typing import Any

from pytest_loadstack.patience import shortened

_SHOWN = 3
_LIMIT_S = 3.0
_GROUPS = "/aws/lambda/"
# As AWS's runtime and Powertools write it, and what the service says of a function that takes too long.
_ERROR = re.compile(r'\[ERROR\]|Task timed out|"level": ?"ERROR"')


def errors_of_functions(client: Callable[[str], Any], since_ms: int) -> str:
    """The last three errors that functions have logged since then, a line each; takes three seconds or so at most."""
    try:
        found = _errors(client("logs"), since_ms)
    except Exception:
        return ""
    if not found:
        return ""
    lines = (f"\n  {name}: {shortened(line)}" for _, name, line in sorted(found)[-_SHOWN:])
    return "\nErrors that functions have logged since the test began, the last:" + "".join(lines)


def _errors(logs: Any, since_ms: int) -> list[tuple[int, str, str]]:
    deadline = time.monotonic() + _LIMIT_S
    found: list[tuple[int, str, str]] = []
    for groups in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=_GROUPS):
        for group in (each["logGroupName"] for each in groups["logGroups"]):
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since_ms)
            for page in pages:
                found += [
                    (event["timestamp"], group.removeprefix(_GROUPS), event["message"])
                    for event in page["events"]
                    if _ERROR.search(event["message"])
                ]
                if time.monotonic() >= deadline:
                    return found
    return found


def consumers(client: Callable[[str], Any], queue_url: str) -> str:
    """Which functions take the queue's messages away."""
    try:
        answer = client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        arn = answer["Attributes"]["QueueArn"]
        pages = client("lambda").get_paginator("list_event_source_mappings").paginate(EventSourceArn=arn)
        mappings = [each for page in pages for each in page["EventSourceMappings"]]
        names = sorted({each["FunctionArn"].split(":")[6] for each in mappings if each.get("State") != "Disabled"})
    except Exception:
        return ""
    return "".join(f"\nThe function {name} consumes this queue (event source mapping)." for name in names)
