"""What is noted of each test, a JSON object a line: ``{test, outcome, why, tree, over}``.

``tree`` stands for the sources that were tested. ``over`` marks the lines of a comparison that was brought to its end:
the next one starts over, where one that was cut goes on.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Note = dict[str, Any]

_TESTED = (
    *("benchmarks", "bootstrap", "compat", "engine", "functions", "requirements"),
    *("sandbox", "shop_client", "tests"),
)


def tree(root: Path) -> str:
    """A hash of what decides how the tests end: another one after any change, also without git."""
    digest = hashlib.sha256()
    for folder in _TESTED:
        files = (file for file in (root / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        for file in sorted(files):
            digest.update(f"{file.relative_to(root)}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def read(results: Path) -> list[Note]:
    """All notes but the one that a kill cut; none where there is no file."""
    if not results.exists():
        return []
    return [note for line in results.read_text().splitlines() if (note := _parsed(line))]


def of(notes: Iterable[Note], tests: Sequence[str]) -> list[Note]:
    """Those of the test files or folders, named from the root."""
    return [note for note in notes if _is_of(note, tests)]


def forget(results: Path, tests: Sequence[str], current: str | None) -> None:
    """Keep of these tests only what a cut run on the tree ``current`` noted; nothing with None. Others' notes stay."""
    notes = read(results)
    _write(results, [each for each in notes if not _is_of(each, tests) or _goes_on(each, current)])


def finish(results: Path, tests: Sequence[str]) -> None:
    """All of these tests were run."""
    _write(results, [each | {"over": True} if _is_of(each, tests) else each for each in read(results)])


def add(results: Path, note: Note) -> None:
    with results.open("a") as file:
        file.write(json.dumps(note) + "\n")


def _parsed(line: str) -> Note | None:
    try:
        note: Note = json.loads(line)
    except ValueError:
        return None
    return note


def _is_of(note: Note, tests: Sequence[str]) -> bool:
    return any(note["test"].startswith((f"{each}/", f"{each}::")) for each in tests)


def _goes_on(note: Note, current: str | None) -> bool:
    return current is not None and note.get("tree") == current and not note.get("over")


def _write(results: Path, notes: Iterable[Note]) -> None:
    """At once: a kill leaves the old ones or these."""
    part = results.with_suffix(".part")
    part.write_text("".join(json.dumps(each) + "\n" for each in notes))
    part.replace(results)
