"""A function that writes down what it gets, and does what the messages tell it to."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A record's text is JSON: {"sleep": s, "fail": true or a number of attempts, "gate": path that it waits for, …}
SOURCE = """
import base64, json, os, time, uuid
from pathlib import Path

def text(record):
    if "kinesis" in record:
        return base64.b64decode(record["kinesis"]["data"])
    if "dynamodb" in record:
        return record["dynamodb"]["NewImage"]["text"]["S"]
    return record["body"]

def item(record):
    if "kinesis" in record:
        return record["kinesis"]["sequenceNumber"]
    if "dynamodb" in record:
        return record["dynamodb"]["SequenceNumber"]
    return record["messageId"]

def write(line):
    with open(os.environ["SEEN"], "ab", buffering=0) as file:
        file.write(json.dumps(line).encode() + b"\\n")

def attempts(order):
    path = Path(os.environ["SEEN"] + "." + str(order["n"]))
    path.open("a").write("x")
    return path.stat().st_size

def handler(event, context):
    invocation = uuid.uuid4().hex
    orders = []
    for record in event["Records"]:
        try:
            order = json.loads(text(record))
        except ValueError:
            order = text(record)
        orders.append(order if isinstance(order, dict) else {"text": order})
    write({"invocation": invocation, "started": time.time(), "orders": orders, "records": event["Records"],
           "function": context.function_name})
    failed = []
    for record, order in zip(event["Records"], orders):
        time.sleep(order.get("sleep", 0))
        while order.get("gate") and not os.path.exists(order["gate"]):
            time.sleep(0.005)
        fail = order.get("fail")
        if fail is True or (fail and attempts(order) <= fail):
            failed.append(item(record))
            if os.environ.get("STOP_AT_FAILURE"):
                failed += [item(each) for each in event["Records"][event["Records"].index(record) + 1:]]
                break
    write({"invocation": invocation, "ended": time.time(), "failed": failed})
    if failed and not os.environ.get("PARTIAL"):
        raise ValueError("as it was told")
    return json.loads(os.environ["ANSWER"]) if "ANSWER" in os.environ else {
        "batchItemFailures": [{"itemIdentifier": each} for each in failed]}
"""


@dataclass(frozen=True)
class Seen:
    """One invocation; ``ended`` is None while it runs, or when it was killed."""

    started: float
    ended: float | None
    orders: list[dict[str, Any]]
    records: list[dict[str, Any]]
    failed: list[str]
    function: str

    @property
    def numbers(self) -> list[int]:
        return [order["n"] for order in self.orders]


class Recorder:
    """What the functions under test have seen, in the order in which they started."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "seen"
        self._gate = folder / "gate"

    @property
    def environment(self) -> dict[str, str]:
        return {"SEEN": str(self._path)}

    @property
    def gate(self) -> str:
        """To be put into a message: its invocation waits for :meth:`open_gate`."""
        return str(self._gate)

    def open_gate(self) -> None:
        self._gate.touch()

    def invocations(self) -> list[Seen]:
        if not self._path.exists():
            return []
        complete, _, _ = self._path.read_text().rpartition("\n")
        lines = [json.loads(line) for line in complete.splitlines()]
        ends = {line["invocation"]: line for line in lines if "ended" in line}
        return [
            Seen(
                line["started"],
                ends.get(line["invocation"], {}).get("ended"),
                line["orders"],
                line["records"],
                ends.get(line["invocation"], {}).get("failed", []),
                line["function"],
            )
            for line in lines
            if line.get("records")
        ]

    def numbers(self) -> list[int]:
        return [number for seen in self.invocations() for number in seen.numbers]

    def succeeded(self) -> list[int]:
        """The numbers of what was processed and not reported as failed."""
        return [
            order["n"]
            for seen in self.invocations()
            if seen.ended is not None
            for order, record in zip(seen.orders, seen.records, strict=True)
            if record.get("messageId") not in seen.failed
        ]

    def running(self) -> list[Seen]:
        return [seen for seen in self.invocations() if seen.ended is None]


def most_at_once(invocations: list[Seen]) -> int:
    """Of how many the times overlap; one that has not ended counts till now."""
    now = time.time()
    edges = sorted([(each.started, 1) for each in invocations] + [(each.ended or now, -1) for each in invocations])
    most = running = 0
    for _, change in edges:
        running += change
        most = max(most, running)
    return most
