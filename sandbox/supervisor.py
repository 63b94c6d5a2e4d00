"""Runs LocalStack as a child, and leaves nothing behind when it ends, however it ends.

Started by :mod:`sandbox.host_engine`: ``python -m sandbox.supervisor RUN_FOLDER [LIFELINE]``, with the engine's
environment; the command returns at once, and the supervisor goes on in the background, in a session of its own. States:
*running*, until LocalStack exits (a crash), SIGTERM comes, or the peer of the socket LIFELINE (a descriptor) is closed;
*stopping*: LocalStack got SIGTERM, and SIGKILL after a few seconds; then every process that carries the instance's mark
is killed, ``exit.json`` says how it ended, and the supervisor exits.
"""

import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from sandbox import processes

_GRACE_S = 2.0
_PR_SET_CHILD_SUBREAPER = 36


def main(run: Path, lifeline: int | None = None) -> int:
    if os.fork() > 0:
        return 0
    os.setsid()
    _adopt_orphans()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each function process takes four descriptors
    localstack = subprocess.Popen([sys.executable, "-m", "localstack.runtime.main"], stdin=subprocess.DEVNULL).pid
    asked = ended = False

    def tell(signum: int) -> None:
        if not ended:  # else the pid is free, and may be somebody else's
            os.kill(localstack, signum)

    def stop(signum: int, frame: object) -> None:
        nonlocal asked
        if not asked:
            asked = True
            signal.setitimer(signal.ITIMER_REAL, _GRACE_S)
            tell(signal.SIGTERM)

    signal.signal(signal.SIGALRM, lambda signum, frame: tell(signal.SIGKILL))
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _write(run / "pid.json", {"supervisor": os.getpid(), "localstack": localstack, "started": _now()})
    if lifeline is not None:
        threading.Thread(target=_stop_with, args=(lifeline,), daemon=True).start()
    status = _wait_for(localstack)
    ended = True
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # what is killed now is reaped at once, not waited for as a zombie
    processes.kill(os.environ[processes.MARK], spare=os.getpid())
    for folder in ("tmp", "volume", "filesystem"):
        shutil.rmtree(run / folder, ignore_errors=True)
    _write(run / "exit.json", {"status": status, "asked": asked, "at": _now()})
    (run / "pid.json").unlink(missing_ok=True)
    return 0


def _wait_for(child: int) -> int:
    """Block until ``child`` ends, reaping adopted orphans on the way; its exit code, negative for a signal."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def _stop_with(lifeline: int) -> None:
    """Ask ourselves to stop when whoever holds the other end is gone. It stays open: so our end is told as well."""
    with contextlib.suppress(ConnectionError):  # also an end
        os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _adopt_orphans() -> None:
    """On Linux, be the parent of what loses its parent below us, so that nothing stays a zombie."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _write(path: Path, value: dict[str, object]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value))
    part.replace(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
