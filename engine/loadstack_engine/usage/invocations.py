"""Lambda: https://aws.amazon.com/lambda/pricing/: requests, and memory times duration to the next millisecond.

Since August 2025 the init of a cold start is billed as any other time:
https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/. Throttles are not billed. What a
function's own calls cost comes with its answer: of an invocation that timed out or crashed it is missing.
"""

from collections.abc import Mapping
from typing import Any

from loadstack_engine.invocation_log import Report
from loadstack_engine.usage.harmless import harmless
from loadstack_engine.usage.meter import USAGE

# Megabytes times milliseconds: whole numbers, of which gigabyte-seconds are made when somebody asks.
MB_MS = "mb_ms"


@harmless
def count(function: str, report: Report) -> None:
    """One invocation that ran to its end, whatever that was."""
    section = ("lambda", function)
    USAGE.add_all(
        [
            ((*section, "requests"), 1),
            ((*section, "billed_ms"), report.billed_ms),
            ((*section, MB_MS), report.billed_ms * report.memory_size_mb),
            ((*section, "init_ms"), round(report.init_ms or 0.0, 3)),
        ]
    )
    USAGE.newest((*section, "memory_mb"), report.memory_size_mb)
    USAGE.most((*section, "max_memory_used_mb"), report.max_memory_used_mb)


@harmless
def count_process(function: str, kind: str, fields: Mapping[str, Any]) -> None:
    """What a function's process tells at the end of an invocation, or of its init: processor time, billed calls."""
    cpu = "init_cpu_ms" if kind in ("ready", "init_error") else "cpu_ms"
    USAGE.add(("lambda", function, cpu), round(fields["cpu_s"] * 1000, 3))
    USAGE.add_all((tuple(place), amount) for *place, amount in fields["usage"])
