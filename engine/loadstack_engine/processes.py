"""The processes of this LocalStack by kind, and what they use: its own, DynamoDB Local, functions, others."""

import math
import os
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from loadstack_engine import dynamodb_local
from loadstack_engine.fork_servers import RUNTIME

LOCALSTACK, DYNAMODB, FUNCTIONS, OTHER = "localstack", "dynamodb-local", "functions", "other"

# Forks share their parent's libraries. To divide those the kernel walks all pages, 0.5 to 1 ms a process: not at every
# look.
_MEMORY_AGE_S = 10.0


@dataclass
class Usage:
    """What all processes of a kind use. ``cpu_s`` are the seconds of those too that have ended, as of the last look.

    ``resident_bytes`` count what processes share for each; ``memory_bytes`` count it once, and may be 10 s old.
    """

    cpu_s: float = 0.0
    memory_bytes: int = 0
    resident_bytes: int = 0
    processes: list[psutil.Process] = field(default_factory=list)


@dataclass
class _Seen:
    """One process, as of the last look."""

    kind: str = OTHER
    cpu_s: float = 0.0
    memory_bytes: int = 0
    memory_at: float = -_MEMORY_AGE_S


class Accounts:
    """Who has used what, by kind. Thread-safe: one looks at a time, so that nobody's seconds count twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[tuple[int, float], _Seen] = {}  # by process id and start
        self._ended_s: defaultdict[str, float] = defaultdict(float)
        self._processes: list[psutil.Process] = []
        self._listed_at = -math.inf

    def look(self, list_age_s: float = 0.0) -> dict[str, Usage]:
        """As of now. Processes that started within the last ``list_age_s`` may be missing: they are counted later."""
        with self._lock:
            self._list(list_age_s)
            seen: dict[tuple[int, float], _Seen] = {}
            kinds = _known_kinds()
            found: defaultdict[str, Usage] = defaultdict(Usage)
            for process in self._processes:
                with suppress(psutil.NoSuchProcess, psutil.ZombieProcess), process.oneshot():
                    key = process.pid, process.create_time()
                    each = self._seen.get(key) or _Seen()
                    if each.kind == OTHER:  # new, or between fork and exec when it was seen
                        each.kind = kinds.get(process.pid) or kinds.get(process.ppid()) or _kind(process)
                    if each.kind != LOCALSTACK:
                        kinds[process.pid] = each.kind
                    _account(found[each.kind], process, each)
                    seen[key] = each  # last: who has ended is counted below
            for key in self._seen.keys() - seen.keys():
                self._ended_s[self._seen[key].kind] += self._seen[key].cpu_s
            self._seen = seen
            for kind, seconds in self._ended_s.items():
                found[kind].cpu_s += seconds
            return dict(found)

    def _list(self, age_s: float) -> None:
        """LocalStack and its descendants, parents before their children. Some may be gone when they are looked at."""
        if time.monotonic() - self._listed_at >= age_s:
            localstack = psutil.Process()
            self._processes = [localstack, *localstack.children(recursive=True)]
            self._listed_at = time.monotonic()


def _account(usage: Usage, process: psutil.Process, seen: _Seen) -> None:
    times, resident = process.cpu_times(), process.memory_info().rss
    seen.cpu_s = times.user + times.system
    if seen.kind != FUNCTIONS:  # they share next to nothing
        seen.memory_bytes = resident
    elif time.monotonic() - seen.memory_at >= _MEMORY_AGE_S:
        seen.memory_bytes, seen.memory_at = _proportional(process.pid) or resident, time.monotonic()
    usage.cpu_s += seen.cpu_s
    usage.memory_bytes += seen.memory_bytes
    usage.resident_bytes += resident
    usage.processes.append(process)


def _known_kinds() -> dict[int, str]:
    """By process id; children are of their parents' kind, but for LocalStack's own."""
    dynamodb = dynamodb_local.process()
    started = dynamodb.pid if dynamodb is not None else None
    return {} if started is None else {started: DYNAMODB}


def _kind(process: psutil.Process) -> str:
    if process.pid == os.getpid():
        return LOCALSTACK
    return FUNCTIONS if any(argument.startswith(str(RUNTIME)) for argument in process.cmdline()) else OTHER


def _proportional(pid: int) -> int:
    """Its resident bytes, each page divided by how many processes have it. 0 where the system does not tell (macOS)."""
    with suppress(OSError), Path(f"/proc/{pid}/smaps_rollup").open("rb") as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith(b"Pss:")) * 1024
    return 0


ACCOUNTS = Accounts()
