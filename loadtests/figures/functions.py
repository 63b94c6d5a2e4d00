"""What the engine says of the functions, in the run alone."""

from __future__ import annotations

from typing import Any, Final

from loadtests.result import Functions, Result

_COUNTERS: Final = ("invocations", "errors", "throttles", "cold_starts")


def by_name(result: Result) -> dict[str, dict[str, Any]] | None:
    """Counters are of the run alone. Percentiles are the engine's own, over what it keeps."""
    if result.functions_after is None:
        return None
    before = result.functions_before or {}
    return {
        name: {
            **{key: _increase(before, result.functions_after, name, key) for key in _COUNTERS},
            "p50_ms": figures.get("p50_ms"),
            "p99_ms": figures.get("p99_ms"),
            "max_concurrency": _max_concurrency(result, name),
        }
        for name, figures in sorted(result.functions_after.items())
    }


def _increase(before: Functions, after: Functions, name: str, key: str) -> int | None:
    """A counter's growth; its value if it was reset meanwhile; None if the engine does not count that."""
    now, then = after[name].get(key), before.get(name, {}).get(key) or 0
    if now is None:
        return None
    return int(now - then) if now >= then else int(now)


def _max_concurrency(result: Result, name: str) -> int | None:
    """The engine's maximum if the run raised it, else the highest that was sampled: its maximum may be of an
    earlier run.
    """
    after = (result.functions_after or {})[name].get("max_concurrency")
    before = (result.functions_before or {}).get(name, {}).get("max_concurrency")
    if after is None or before is None or after > before:
        return after
    looks = (sample.functions[name] for sample in result.samples if name in sample.functions)
    return max((look.concurrency for look in looks), default=0)
