"""Where a run was made and how to make it again."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import psutil

from loadtests.report.words import pairs
from loadtests.result import Result


def facts(result: Result, summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and values, in the words of the page. The machine is the one that made the load, which wrote the report."""
    memory_gb = psutil.virtual_memory().total / 1e9
    return [
        ("endpoint", summary["host"]),
        ("engine", summary["engine"] or "unknown"),
        ("commit", _commit(summary["run"].get("commit"))),
        ("flow of the orders", summary.get("flow") or "unknown"),
        ("generator", f"{os.cpu_count()} processors, {memory_gb:.0f} GB, {platform.system()} {platform.machine()}"),
        ("software", f"Python {platform.python_version()}, Locust {version('locust')}"),
        ("load generating processes", str(result.plan.workers)),
        ("warm-up, drain", f"{result.plan.warmup_s:g} s before, at most {result.plan.drain_s:g} s after"),
        *((f"harness: {name}", value) for name, value in pairs(summary.get("harness") or {})),
    ]


def _commit(commit: Mapping[str, Any] | None) -> str:
    if commit is None:
        return "unknown"
    return f"{commit['id']} of {commit['at']}{', with changes' if commit['dirty'] else ''}"


def command(summary: dict[str, Any]) -> str:
    """The command that makes the same run again."""
    return str(summary["repeat"])
