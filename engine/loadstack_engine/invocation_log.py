"""The log of one invocation, as CloudWatch Logs and ``LogResult`` show it in text format.

Shape: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """The figures of the REPORT line; durations in milliseconds, memory in MB. ``init_ms`` only on a cold start."""

    duration_ms: float
    memory_size_mb: int
    max_memory_used_mb: int
    init_ms: float | None = None
    timed_out: bool = False

    def line(self, request_id: str) -> str:
        fields = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {self.duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(self.duration_ms + (self.init_ms or 0))} ms",
            f"Memory Size: {self.memory_size_mb} MB",
            f"Max Memory Used: {self.max_memory_used_mb} MB",
        ]
        if self.init_ms is not None:
            fields.append(f"Init Duration: {self.init_ms:.2f} ms")
        if self.timed_out:
            fields.append("Status: timeout")
        return "\t".join(fields) + "\t\n"


def render(request_id: str, version: str, output: str, fault_line: str, report: Report) -> str:
    """START, what the function printed, what went wrong (if anything), END, REPORT; each on lines of their own."""
    if output and not output.endswith("\n"):
        output += "\n"
    return (
        f"START RequestId: {request_id} Version: {version}\n"
        f"{output}{fault_line}"
        f"END RequestId: {request_id}\n"
        f"{report.line(request_id)}"
    )
