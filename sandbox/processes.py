"""Finds the processes of a sandbox by the mark in their environment, and ends them by pid.

LocalStack, DynamoDB Local and every function process inherit ``LOADSTACK_INSTANCE``. The mark outlives pid files and
parents: whatever crashed or was killed, what is left of an instance is found.
"""

import psutil

MARK = "LOADSTACK_INSTANCE"
_KILL_WAIT_S = 2.0


def of_instance(instance: str) -> list[psutil.Process]:
    """All live processes that carry the mark. Zombies and other users' processes are not among them."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == instance:
                found.append(process)
        except psutil.Error:
            continue
    return found


def kill(instance: str, spare: int | None = None) -> list[int]:
    """Kill all that carries the mark, but the process ``spare``, until none is left; returns the pids."""
    killed: list[int] = []
    while victims := [process for process in of_instance(instance) if process.pid != spare]:
        for victim in victims:
            try:
                victim.kill()
            except psutil.NoSuchProcess:
                continue
            killed.append(victim.pid)
        psutil.wait_procs(victims, timeout=_KILL_WAIT_S)
    return killed
