"""Finds the processes of a sandbox by the mark in their environment, and ends them by pid.

LocalStack, DynamoDB Local and every function process inherit ``LOADSTACK_INSTANCE``. The mark outlives pid files and
parents: whatever crashed or was killed, what is left of an instance is found.
"""

import contextlib
import time
from collections.abc import Sequence

import psutil

MARK = "LOADSTACK_INSTANCE"
_KILL_WAIT_S = 0.5
_KILL_ROUNDS = 4  # more than one: a victim may have started another process meanwhile
_POLL_S = 0.02


def of_instance(instance: str, mark: str = MARK) -> list[psutil.Process]:
    """All live processes that carry the mark. Zombies and other users' processes are not among them."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(mark) == instance:
                found.append(process)
        except psutil.Error:
            continue
    return found


def kill(instance: str, spare: int | None = None, mark: str = MARK) -> list[int]:
    """Kill all that carries the mark, but the process ``spare``; returns the pids.

    A process that even SIGKILL does not end within two seconds is left.
    """
    killed: list[int] = []
    for _ in range(_KILL_ROUNDS):
        victims = [process for process in of_instance(instance, mark) if process.pid != spare]
        if not victims:
            break
        for victim in victims:
            with contextlib.suppress(psutil.Error):
                victim.kill()
                killed.append(victim.pid)
        wait_until_ended(victims, _KILL_WAIT_S)
    return killed


def wait_until_ended(processes: Sequence[psutil.Process], timeout_s: float) -> bool:
    """Wait for processes that need not be children of ours; whether all have ended in time.

    A zombie has ended, whoever is slow to reap it: :func:`psutil.wait_procs` would go on waiting for it.
    """
    deadline = time.monotonic() + timeout_s
    while any(_lives(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
