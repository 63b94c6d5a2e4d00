"""Reports of runs that never were, as the harness writes them: what `load-compare` reads of one, without the page."""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loadtests import times
from loadtests.report import tables

T0 = times.parse("2026-11-21T10:15:30.000Z")
RUNNING_MS = {"orders": 24.0, "inventory": 27.0, "payments": 33.0}
STAGES = ("accepted", "stock_reserved", "payment_captured", "confirmed", "notified")


@dataclass
class Made:
    """A run of so many orders. Latencies wander over the seconds together, as on a machine that others use too.

    `machine` slows everything down; `slower` has functions that run longer than they should; `lose` orders are lost,
    the first ones, `reject` of them rejected. Of `between` runs differ by chance, as another minute on the same machine
    does (as a logarithm); the harness's processor time shows that but for `unseen` of its own. Runs of one `minute` are
    at the same time, and the machine is as slow in them at each moment; else each seed has its own time.
    """

    seed: int = 1
    orders: int = 300
    rate: float = 5.0
    machine: float = 1.0
    slower: Mapping[str, float] = field(default_factory=dict)
    lose: int = 0
    reject: int = 0
    fail_every: int = 0
    usd: float = 4.2
    between: float = 0.0
    unseen: float = 0.0
    minute: int | None = None
    pattern: str = "jittered"
    changes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance = random.Random(f"run {self.seed if self.minute is None else self.minute}")
        self.t0 = T0 + 3600 * (self.seed if self.minute is None else self.minute)
        self.machine *= math.exp(self.between * chance.gauss(0, 1))
        self.harness_ms = 8.0 * self.machine * math.exp(self.unseen * chance.gauss(0, 1))

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        rows = [self._order(number, speed) for number, speed in enumerate(self._speeds())]
        _csv(folder / "orders.csv", tables.ORDERS, (row for row, _, _ in rows))
        _csv(folder / "requests.csv", tables.REQUESTS, (row for _, row, _ in rows))
        _csv(folder / "functions.csv", tables.FUNCTIONS, (row for _, _, more in rows for row in more))
        (folder / "summary.json").write_text(json.dumps(self.summary()))
        return folder

    def summary(self) -> dict[str, Any]:
        seconds = self.orders / self.rate
        latency = {"count": self.orders, "p50_ms": 100.0}
        cpu_ms = {"engine": 40.0 * self.machine, "harness": self.harness_ms}
        step = {"from_s": 0.0, "to_s": seconds, "throughput_per_s": self.rate, "cpu_ms_per_order": cpu_ms}
        return {
            "scenario": "order",
            "engine": "localstack 4.14.0",
            "host": "http://127.0.0.1:4566",
            "flow": "choreography",
            "started_at": times.render(self.t0),
            "duration_s": seconds,
            "arrival": {"model": "open", "rate_per_s": self.rate, "users": None, "pattern": self.pattern},
            "orders": {"accepted": self.orders, "lost": self.lose},
            "sync": {"POST /orders": latency | {"failures": 0}},
            "async": {"order": latency, "stages": {}},
            "functions": {name: {"invocations": self.orders, "p50_ms": ms, "p99_ms": 2 * ms}
                          for name, ms in RUNNING_MS.items()},
            "scaling": [step],
            "saturation": {"limit": None, "evidence": "nothing piled up"},
            "cost_usd_per_million_orders": (cost := self._cost())["usd_per_million"],
            "cost": cost,
            "run": {"state": "complete", "workers": 1, "not_accepted": 0},
            "verdict": {"word": "passed", "sentence": "All 10 SLOs hold."},
        } | dict(self.changes)  # fmt: skip

    def _cost(self) -> dict[str, Any]:
        """`usd` without Lambda's time, which goes with the machine's; `products` is on no order's way."""
        counted = {"service": "SQS", "what": "requests", "usd_per_million": self.usd}
        timed = {"service": "Lambda", "what": "GB-seconds (x86)", "usd_per_million": 6.0 * self.machine}
        billed_ms = 10.0 * self.machine * self.slower.get("products", 1.0) * self.orders
        used = {"products": {"requests": self.orders, "billed_ms": billed_ms + 300, "init_ms": 300}}
        return {
            "unit": "orders",
            "usd_per_million": self.usd + timed["usd_per_million"],
            "lines": [counted, timed],
            "used": {"lambda": used | {"users": {"requests": 3, "billed_ms": 600}}},
        }

    def _speeds(self) -> Iterator[float]:
        chance = random.Random(self.seed)
        others = chance if self.minute is None else random.Random(f"wave {self.minute}")
        wave = others.gauss(0, 1)
        kept = math.exp(-1 / self.rate)
        for _ in range(self.orders):
            wave = kept * wave + math.sqrt(1 - kept * kept) * others.gauss(0, 1)
            yield self.machine * math.exp(0.1 * wave + 0.15 * chance.gauss(0, 1))

    def _order(self, number: int, speed: float) -> tuple[list[Any], list[Any], list[list[Any]]]:
        due = self.t0 + number / self.rate
        ran_ms = {name: ms * self.slower.get(name, 1.0) * speed for name, ms in RUNNING_MS.items()}
        is_lost, is_rejected = number < self.lose, self.lose <= number < self.lose + self.reject
        moments = [due]
        for ms in (0.3 * ran_ms["orders"], ran_ms["inventory"] + 8, ran_ms["payments"] + 8, 0.7 * ran_ms["orders"], 20):
            moments.append(moments[-1] + ms / 1000)
        stages = [times.render(at) for at in moments[1:]]
        by_column = dict(zip(STAGES, stages, strict=True))
        if is_lost:
            by_column |= {"confirmed": "", "notified": ""}
        if is_rejected:
            by_column |= {"confirmed": "", "rejected": stages[3]}
        name, order_id = f"lt-made-{number}", f"order-{number}"
        sent = times.render(due)
        order = [name, order_id, sent, sent, stages[0], 202]
        order += [by_column.get(column, "") for column in tables.ORDERS[6:-3]]
        order += [
            "LOST" if is_lost else "REJECTED" if is_rejected else "CONFIRMED",
            0,
            "" if is_lost else f"{(moments[4] - due) * 1000:.3f}",
        ]
        failure = "503: busy" if self.fail_every and number % self.fail_every == 0 else ""
        latency_ms = f"{ran_ms['orders']:.3f}"
        request = [sent, sent, "POST", "/orders", 503 if failure else 202, latency_ms, latency_ms, failure]
        functions = [[name, sent, function, f"{ms:.3f}"] for function, ms in ran_ms.items()]
        return order, request, functions


def _csv(path: Path, columns: tuple[str, ...], rows: Iterator[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def shorten(folder: Path, name: str) -> None:
    """What a full disk leaves: the file's first 49 lines below the header."""
    lines = (folder / name).read_bytes().splitlines(keepends=True)
    (folder / name).write_bytes(b"".join(lines[:50]))
