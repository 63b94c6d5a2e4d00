"""What an engine's run folder tells without a LocalStack."""

import os
from pathlib import Path

import pytest

from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT

_YEAR_2100 = 4_102_444_800


@pytest.mark.parametrize(("started", "outdated"), [(0, True), (_YEAR_2100, False)])
def test_engine_is_outdated_when_its_code_is_newer(tmp_path: Path, started: int, outdated: bool) -> None:
    record = tmp_path / "pid.json"
    record.write_text("{}")
    os.utime(record, (started, started))
    assert HostEngine(tmp_path, 4566, DEVELOPMENT).is_outdated() is outdated
