"""Writes `reports/<time>-compare/`: `index.html`, `compare.json`, `compare.txt`."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import time
from pathlib import Path

from rich.console import Console

from loadtests import times
from loadtests.compare import page, text
from loadtests.compare.result import Comparison, to_json
from loadtests.report import publish


def write(comparison: Comparison, reports: Path) -> Path:
    """Write everything and return the folder, which appears whole or not at all. `latest` stays the newest run."""
    now = time.time()
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=reports))
    try:
        told = json.dumps(to_json(comparison, now), indent=2, ensure_ascii=False, allow_nan=False)
        (draft / "compare.json").write_text(told + "\n", encoding="utf-8")
        (draft / "compare.txt").write_text(_plain(comparison), encoding="utf-8")
        (draft / "index.html").write_text(page.render(comparison), encoding="utf-8")
        draft.chmod(0o755)
        return publish(draft, reports, f"{times.folder_stamp(now)}-compare")
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _plain(comparison: Comparison) -> str:
    out = io.StringIO()
    text.show(Console(file=out, width=160, highlight=False, color_system=None), comparison, None)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
