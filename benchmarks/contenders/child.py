"""A contender's main process as our own child."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.errors import ContenderError
from sandbox import processes

_START_LIMIT_S = 60.0
_STOP_LIMIT_S = 10.0
_POLL_S = 0.05


class Child:
    """Its output goes to ``engine.log`` in its folder, and it carries the folder's path as its mark."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.mark = str(run)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], variables: Mapping[str, str], answers: Callable[[], object]) -> None:
        """Start it and wait until ``answers`` raises nothing any more.

        Raises:
            ContenderError: it ended, or did not answer within a minute.
        """
        folders = {"HOME": self.run / "home", "TMPDIR": self.run / "tmp"}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            **{name: str(folder) for name, folder in folders.items()},
            **variables,
            processes.MARK: self.mark,
        }
        with (self.run / "engine.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.run, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait(answers)
        except BaseException:
            self.stop()
            raise

    def terminate(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        self.terminate()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_LIMIT_S)
        processes.kill(self.mark)
        if self._process is not None:
            self._process.wait()
        self._process = None

    def _wait(self, answers: Callable[[], object]) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_LIMIT_S
        while True:
            try:
                answers()
                return
            except Exception as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise ContenderError(f"it did not start: {error} (see {self.run / 'engine.log'})") from error
            time.sleep(_POLL_S)
