"""What a comparison of reports says."""

from pathlib import Path
from typing import Any

from loadtests.compare import result
from loadtests.compare.alike import require_alike
from loadtests.compare.reports import named, read
from loadtests.compare.result import to_json


def compare(reports: Path, a: str, b: str, tolerance: float = 0.1) -> dict[str, Any]:
    """What compare.json would say."""
    sides = [[read(word, folder) for folder in named(word, text, reports)] for word, text in (("A", a), ("B", b))]
    require_alike(*sides)
    return to_json(result.compare(*sides, tolerance), 0.0)


def verdicts(told: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["verdict"] for each in told["figures"]}
