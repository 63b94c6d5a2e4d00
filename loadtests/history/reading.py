"""Reads a folder of reports, whatever else lies in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from loadtests import times
from loadtests.history.entries import Collected, Commit, Kind, Listing, Run, Unreadable
from loadtests.history.figures import main_figures
from loadtests.history.same_load import load_of
from loadtests.history.values import items, moment, part, text

MOST: Final = 1_000
"""Folders that are read: the newest."""

_MOST_BYTES: Final = 20_000_000
_OURS: Final = re.compile(r"(?P<at>\d{8}T\d{6}Z)-(?P<rest>.+)")
_COLLECTED: Final = re.compile(r"(?P<kind>compare|matrix)(-\d+)?")
_KINDS: Final[Mapping[str, Kind]] = {"compare": "comparison", "matrix": "matrix"}


class _UnreadableError(Exception):
    """The folder has no report of ours, or not all of one; the message says why."""


def read(reports: Path, most: int = MOST) -> Listing:
    """Look at every folder there; one that cannot be read stops nothing.

    Foreign folders (another name, and no summary of ours in it), links and files are passed over; a report that was
    renamed counts. A folder that is not there has no reports. Raises OSError where it cannot be listed.
    """
    folders = [folder for *_, folder in sorted(_dated(reports), reverse=True)]
    listing = Listing(left_out=max(0, len(folders) - most))
    for folder in folders[:most]:
        match _entry(folder):
            case Run() as run:
                listing.runs.append(run)
            case Collected() as page:
                listing.collected.append(page)
            case Unreadable() as broken:
                listing.unreadable.append(broken)
    listing.runs.sort(key=lambda run: (run.started_at, run.folder), reverse=True)
    return listing


def is_matrix(folder: Path) -> bool:
    """Whether it has the name that a matrix gets among the reports."""
    named = _OURS.fullmatch(folder.name)
    collected = named and _COLLECTED.fullmatch(named["rest"])
    return bool(collected and collected["kind"] == "matrix")


def _dated(reports: Path) -> Iterator[tuple[float, str, Path]]:
    """What may be a report, with its time. What has another name than reports have, and no summary, is none."""
    for folder in _folders(reports):
        at = _time_of(folder)
        if at is not None:
            yield at, folder.name, folder


def _time_of(folder: Path) -> float | None:
    """What its name says, else when its summary was written; a report's name that is no time is the oldest."""
    named = _OURS.fullmatch(folder.name)
    try:
        return times.parse_stamp(named["at"]) if named else (folder / "summary.json").stat().st_mtime
    except (ValueError, OSError):
        return 0.0 if named else None


def _folders(reports: Path) -> Iterator[Path]:
    """Drafts, which are hidden, and `latest`, a link, are none."""
    if not reports.exists():
        return
    for entry in reports.iterdir():
        if not entry.name.startswith(".") and not entry.is_symlink() and entry.is_dir():
            yield entry


def _entry(folder: Path) -> Run | Collected | Unreadable | None:
    named = _OURS.fullmatch(folder.name)
    try:
        if named and (collected := _COLLECTED.fullmatch(named["rest"])):
            return _collected(folder, collected["kind"], times.parse_stamp(named["at"]))
        return _run(folder, _json(folder / "summary.json"))
    except (_UnreadableError, OSError, ValueError) as error:
        return Unreadable(folder.name, _why(error)) if named else None


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{Path(error.filename).name} is missing"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _json(path: Path) -> Mapping[str, Any]:
    """A JSON object. Raises OSError, and _UnreadableError for what is no regular file, too large, or cut off."""
    size = path.stat().st_size
    if not path.is_file():
        raise _UnreadableError(f"{path.name} is no file")
    if size > _MOST_BYTES:
        raise _UnreadableError(f"{path.name} has {size:,} bytes; no report has so many")
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise _UnreadableError(f"{path.name} is cut off, or no JSON") from None
    if not isinstance(found, dict):
        raise _UnreadableError(f"{path.name} is no JSON object")
    return found


def _run(folder: Path, summary: Mapping[str, Any]) -> Run:
    scenario, started_at = text(summary.get("scenario")), moment(summary.get("started_at"))
    if scenario is None or started_at is None:
        raise _UnreadableError("summary.json does not say which scenario was run, and when")
    run = part(summary, "run")
    state = text(run.get("state")) or "complete"
    word, sentence = _verdict(summary, state)
    return Run(
        folder=folder.name,
        has_page=(folder / "index.html").is_file(),
        scenario=scenario,
        flow=text(summary.get("flow")),
        started_at=started_at,
        load=load_of(text(summary.get("repeat")), part(summary, "arrival")),
        state=state,
        verdict=word,
        sentence=sentence,
        limit=text(part(summary, "saturation").get("limit")),
        commit=_commit(part(run, "commit")),
        figures=main_figures(summary),
    )


def _collected(folder: Path, name: str, made_at: float) -> Collected:
    """`compare.json` has a verdict as runs have one; `matrix.json` says how it ended, and what its cells are."""
    if not (folder / "index.html").is_file():
        raise _UnreadableError("index.html is missing: it is being made, or was cut off")
    told = _json(folder / f"{name}.json")
    verdict = part(told, "verdict")
    word, sentence = text(verdict.get("word")), text(verdict.get("sentence"))
    state = text(told.get("state"))
    return Collected(
        folder.name,
        _KINDS[name],
        made_at,
        word or (state if state and state != "complete" else ""),
        sentence or _cells(told),
    )


def _cells(told: Mapping[str, Any]) -> str:
    """`order: choreography, saga; 8 runs`; empty where there are none."""
    cells = [each for each in items(told.get("cells")) if isinstance(each, Mapping)]
    known = ", ".join(filter(None, (text(each.get("name")) for each in cells)))
    runs = sum(len(items(each.get("runs"))) for each in cells)
    return f"{text(told.get('scenario')) or 'unknown'}: {known}; {runs} run{'s' * (runs != 1)}" if known else ""


def _verdict(summary: Mapping[str, Any], state: str) -> tuple[str, str]:
    """As it stands there; the first reports had none, and there the rules decide."""
    told = part(summary, "verdict")
    if word := text(told.get("word")):
        return word, text(told.get("sentence")) or ""
    if state != "complete":
        return state, ""
    judged = [rule for rule in items(summary.get("slo")) if isinstance(rule, Mapping)]
    return ("passed" if all(rule.get("ok") for rule in judged) else "failed"), ""


def _commit(told: Mapping[str, Any]) -> Commit | None:
    name, at = text(told.get("id")), moment(told.get("at"))
    return None if name is None or at is None else Commit(name, told.get("dirty") is True, at)
