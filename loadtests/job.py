"""What one generating process is to do: its part of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from loadtests.plan import Plan


@dataclass(frozen=True, slots=True)
class Job:
    """Part `worker` (from 0) of `plan.workers`. `shop` is what the scenario learnt when it was opened.

    Correlation ids of the part start with `prefix`, and messages about them come into the queue at
    `queue_url`, which the main process has made and removes.
    """

    plan: Plan
    shop: dict[str, Any]
    worker: int
    prefix: str
    queue_url: str

    def to_message(self) -> dict[str, Any]:
        """A form that msgpack can carry."""
        return {
            "plan": self.plan.to_json(),
            "shop": self.shop,
            "worker": self.worker,
            "prefix": self.prefix,
            "queue_url": self.queue_url,
        }

    @classmethod
    def from_message(cls, data: Mapping[str, Any]) -> Job:
        """Read `to_message` back. Raises TypeError for one of a version that has other fields."""
        return replace(cls(**data), plan=Plan(**data["plan"]))


def prefix_of(run_id: str, worker: int) -> str:
    """What the correlation ids of one process start with; no other process's start so."""
    return f"lt-{run_id}-{worker}-"
