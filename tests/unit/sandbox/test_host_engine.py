"""What an engine's run folder tells without a LocalStack."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox import host_engine, processes
from sandbox.errors import EngineError
from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT
from tests.conftest import free_port

_YEAR_2100 = 4_102_444_800


@pytest.mark.parametrize(("started", "outdated"), [(0, True), (_YEAR_2100, False)])
def test_engine_is_outdated_when_its_code_is_newer(tmp_path: Path, started: int, outdated: bool) -> None:
    record = tmp_path / "pid.json"
    record.write_text("{}")
    os.utime(record, (started, started))
    assert HostEngine(tmp_path, 4566, DEVELOPMENT).is_outdated() is outdated


def test_engine_that_lives_and_is_slow_is_told_from_one_that_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_engine, "_START_LIMIT_S", 0.0)
    engine = HostEngine(tmp_path, free_port(), DEVELOPMENT)
    engine.log.touch()
    with subprocess.Popen(["sleep", "60"], env={**os.environ, processes.MARK: engine.instance}) as slow:
        try:
            with pytest.raises(
                EngineError, match=r"lives and did not answer .*: the machine may just be slow; .* again"
            ):
                engine._wait_until_ready()
        finally:
            slow.kill()
    with pytest.raises(EngineError, match="LocalStack ended while it started"):
        engine._wait_until_ready()
