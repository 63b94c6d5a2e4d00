"""What an engine's run folder tells without a LocalStack."""

import os
import time
from pathlib import Path

import pytest

from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT


@pytest.mark.parametrize(("started", "outdated"), [(0.0, True), (time.time() + 60, False)])
def test_engine_is_outdated_when_its_code_is_newer(tmp_path: Path, started: float, outdated: bool) -> None:
    record = tmp_path / "pid.json"
    record.write_text("{}")
    os.utime(record, (started, started))
    assert HostEngine(tmp_path, 4566, DEVELOPMENT).is_outdated() is outdated
