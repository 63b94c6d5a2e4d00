"""Writes a run's folder: `index.html`, `summary.json`, `junit.xml`, `requests.csv`, `orders.csv`, `functions.csv`,
and the link `latest` to it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from loadtests import times
from loadtests.report import functions, junit, page, tables
from loadtests.result import Result


def write(result: Result, summary: dict[str, Any], reports: Path) -> Path:
    """Write everything and return the folder. It appears whole or not at all, then `latest` points to it.

    Two runs of one scenario in the same second get `-2`, `-3`, … at the end of the later ones' names.
    """
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=reports))
    try:
        text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
        (draft / "summary.json").write_text(text + "\n", encoding="utf-8")
        junit.write(draft / "junit.xml", summary)
        tables.write_orders(draft / "orders.csv", result)
        tables.write_requests(draft / "requests.csv", result.measured_requests)
        functions.write(draft / "functions.csv", result)
        (draft / "index.html").write_text(page.render(result, summary), encoding="utf-8")
        draft.chmod(0o755)
        folder = publish(draft, reports, f"{times.folder_stamp(time.time())}-{summary['scenario']}")
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _point(reports / "latest", folder)
    return folder


def publish(draft: Path, reports: Path, name: str) -> Path:
    """Rename the draft to the first free name. An empty folder in its place would be replaced, a full one
    never.
    """
    number = 1
    while True:
        folder = reports / (name if number == 1 else f"{name}-{number}")
        if not folder.exists():
            return draft.rename(folder)
        number += 1


def _point(link: Path, folder: Path) -> None:
    """Make the link in one step, relative, so that the reports can be moved together."""
    temporary = link.with_name(f".{link.name}-{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(folder.name)
    temporary.replace(link)
