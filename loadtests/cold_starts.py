"""Cold starts, one by one: what Lambda's REPORT lines in CloudWatch Logs say of environments' initialisations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

GROUP: Final = "/aws/lambda/"
MAX_LINES: Final = 50_000
"""Of one function. A run has a few for each environment."""

_REPORT: Final = re.compile(r"REPORT RequestId: (?P<request>\S+)\t.*\bInit Duration: (?P<ms>\d+(\.\d+)?) ms")


def inits_ms(
    logs: CloudWatchLogsClient, functions: Iterable[str], since: float, until: float
) -> dict[str, float] | None:
    """Milliseconds of initialisation by Lambda request id, of invocations that waited for one; times in epoch seconds.

    A function that logs elsewhere, or as JSON, has none. None when no log group could be read.
    """
    found: dict[str, float] = {}
    was_read = False
    for function in sorted(functions):
        try:
            found.update(_of(logs, GROUP + function, since, until))
            was_read = True
        except ClientError:
            continue
        except BotoCoreError:  # nobody answers: nor will they for the next one
            break
    return found if was_read else None


def _of(logs: CloudWatchLogsClient, group: str, since: float, until: float) -> Iterator[tuple[str, float]]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        startTime=int(since * 1000),
        endTime=int(until * 1000) + 1000,
        filterPattern='"Init Duration"',
        PaginationConfig={"MaxItems": MAX_LINES},
    )
    for page in pages:
        for event in page["events"]:
            if line := _REPORT.match(event["message"]):
                yield line["request"], float(line["ms"])
