"""The table of ``docs/endpoints.md``: a row a test file, a column a contender, "passed of run" in the cells."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from compat.notes import read

BEGIN, END = "<!-- made by make compat: begin -->", "<!-- made by make compat: end -->"

Outcomes = Mapping[str, Sequence[Mapping[str, Any]]]
"""What the recorder noted, by the title of the column."""


def load(folder: Path, titles: Mapping[str, str]) -> Outcomes:
    """Of each contender by its title, in the order of ``titles`` (by name); those that were never run are left out."""
    found = {title: read(folder / f"{name}.jsonl") for name, title in titles.items()}
    return {title: outcomes for title, outcomes in found.items() if outcomes}


def markdown(outcomes: Outcomes) -> str:
    """Skipped tests do not count: they say nothing about an endpoint. A cell is bold where something failed."""
    counts = {title: _by_file(results) for title, results in outcomes.items()}
    files = sorted({file for column in counts.values() for file in column})
    lines = [f"| tests/integration | {' | '.join(counts)} |", f"|---|{'---|' * len(counts)}"]
    for file in files:
        lines.append(f"| `{file}` | {' | '.join(_cell(column.get(file, Counter())) for column in counts.values())} |")
    sums = [sum((column[file] for file in column), Counter()) for column in counts.values()]
    lines.append(f"| all | {' | '.join(map(_cell, sums))} |")
    return "\n".join(lines)


def failures(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line a failed test, with what it said."""
    return [f"{each['test']}: {each['why']}" for each in results if each["outcome"] == "failed"]


def insert(page: Path, table: str) -> None:
    """Put the table between the page's two marks.

    Raises:
        ValueError: the page has no such marks.
    """
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} has no lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")


def _by_file(results: Sequence[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for each in results:
        if each["outcome"] != "skipped":
            file = PurePosixPath(each["test"].partition("::")[0]).name
            counts.setdefault(file, Counter())[each["outcome"]] += 1
    return counts


def _cell(counts: Counter[str]) -> str:
    run = counts.total()
    if not run:
        return "not run"
    text = f"{counts['passed']} of {run}"
    return f"**{text}**" if counts["failed"] else text
