"""The verdict, in a word and a sentence: the summary's own where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loadtests.summary import passed


@dataclass(frozen=True, slots=True)
class Verdict:
    """`word` is `passed`, `failed`, `interrupted` or `died`."""

    word: str
    sentence: str


def verdict(summary: Mapping[str, Any]) -> Verdict:
    """What the run came to."""
    told = summary.get("verdict")
    if isinstance(told, Mapping):
        return Verdict(str(told["word"]), str(told["sentence"]))
    rules = summary["slo"]
    failing = sum(not rule["ok"] for rule in rules)
    if summary["run"]["state"] == "interrupted":
        return Verdict(
            "interrupted",
            "The run was interrupted: these are the figures until then, and orders under way do not count as lost.",
        )
    if passed(dict(summary)):
        return Verdict("passed", f"All {len(rules)} objectives hold." if rules else "No objectives were set.")
    return Verdict("failed", f"{failing} of {len(rules)} objectives do not hold.")
