"""``./sandbox/run engine``: LocalStack alone, without the shop, for as long as this command runs.

States: *starting*; *ready*, told by the line ``Ready http://127.0.0.1:NNNN`` on stdout; *ended*: on Ctrl-C, SIGTERM or
the end of its standard input, where that is a pipe, with exit code 0; with 1 when LocalStack ends unasked.
Whatever ends this process, the engine's supervisor notices and ends too: see :mod:`sandbox.supervisor`.
"""

import fcntl
import os
import shutil
import signal
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Never

from sandbox import preflight, processes
from sandbox.errors import EXIT_OK, EngineError, SandboxError
from sandbox.exclusive import only_one
from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT, HOME, SANDBOX

_RUNS = HOME / "engines"
_OWNER = "owner.lock"
_KEPT_S = 24 * 3600.0
_PORT_ATTEMPTS = 3


def run(environment: Mapping[str, str]) -> int:
    """Run an engine on ``PORT``, or on a free port, until this command is ended.

    Its run folder goes with it; that of an engine which died stays for a day, for its log.

    Raises:
        UsageError: PORT is no port.
        SetupError: the port is taken.
        EngineError: LocalStack did not start, or ended unasked.
    """
    port = preflight.engine_port(environment)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        with _run_folder() as folder:
            _serve(folder, port)
    except KeyboardInterrupt:
        return EXIT_OK


def _serve(folder: Path, port: int | None) -> Never:
    """Until an interrupt; raises EngineError when the engine ends unasked."""
    ours, supervisors = socket.socketpair()
    with ours, supervisors:
        engine = _start(folder, port, supervisors.fileno())
        supervisors.close()
        try:
            sys.stdout.write(f"Ready {engine.endpoint}\n")
            sys.stdout.flush()
            ours.recv(1)  # nothing is ever sent: this is the supervisor's end
            reason = engine.end_reason() or "LocalStack's supervisor was killed"
            raise EngineError(f"{reason} (see {engine.log}).")
        finally:
            engine.stop()


def _start(folder: Path, port: int | None, lifeline: int) -> HostEngine:
    """An engine that answers; on a port of ours another one is taken where somebody was quicker."""
    installation = DEVELOPMENT if Path(sys.prefix) == DEVELOPMENT.environment else SANDBOX
    for attempt in range(_PORT_ATTEMPTS):
        engine = HostEngine(folder, port or _free_port(), installation)
        try:
            engine.start(lifeline=lifeline)
        except SandboxError:
            if port or preflight.is_free(engine.port) or attempt == _PORT_ATTEMPTS - 1:
                raise
        else:
            return engine
    raise AssertionError("the last attempt returns or raises")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _end_with_stdin() -> None:
    """Interrupt this process when whoever holds the other end of its standard input is gone.

    Only a pipe has such an end: what runs in the background of a script has /dev/null there.
    """
    try:
        mode = os.fstat(0).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            return
        while os.read(0, 1024):
            pass
    except OSError:
        return
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _run_folder() -> Iterator[Path]:
    """A folder that is this process's alone; kept when the engine died, so that its log can be read."""
    with only_one(HOME / "engines.lock", "Another engine is starting; waiting for it …"):
        _RUNS.mkdir(parents=True, exist_ok=True)
        _clear()
        folder = Path(tempfile.mkdtemp(prefix="", dir=_RUNS))
        lock = (folder / _OWNER).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    with lock:
        try:
            yield folder
        except EngineError:
            raise
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def _clear() -> None:
    """End what is left of engines whose owner and supervisor were both killed; remove old folders."""
    for folder in _RUNS.iterdir():
        try:
            with (folder / _OWNER).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if (folder / "pid.json").exists():  # the supervisor's, who removes it in the end
                    processes.kill(str(folder))
                    (folder / "pid.json").unlink()
                if time.time() - (folder / _OWNER).stat().st_mtime > _KEPT_S:
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use, or just gone
            continue
