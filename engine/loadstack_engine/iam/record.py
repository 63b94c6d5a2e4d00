"""What each role was asked for since the start or the last reset: distinct calls, with how often they came.

Of a function those of the code and configuration that it has now: what it called before an update is forgotten with the
first invocation after it. Bounded: 10,000 of them, and of what a role and a caller do to the objects of a bucket by one
action, 20 for each folder, the first part of keys with a slash, and 20 folders. How many calls are not kept is told:
``left_out`` for the objects, ``lost`` for all else.
"""

import threading
from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from loadstack_engine.settings import SETTINGS

_KEPT = 10_000
_KEPT_OBJECTS = _KEPT_FOLDERS = 20
_OBJECT = "arn:aws:s3:::"


class Call(NamedTuple):
    """``caller`` is ``function:name`` (``function:name:version`` of a published one), ``api:id``, ``states``,
    ``events`` or ``scheduler``; ``resource`` may lack the account, which is the role's then.
    """

    role: str
    caller: str
    action: str
    resource: str


class Record:
    """Thread-safe; what is known already takes a microsecond, and nothing is taken where it is not ``on``."""

    def __init__(self, *, on: bool = True) -> None:
        self._on = on
        self._lock = threading.Lock()
        self._counts: dict[Call, int] = {}
        self._objects: Counter[Call] = Counter()
        self._revisions: dict[str, Hashable] = {}
        self._replaced: set[tuple[str, Hashable]] = set()
        self._left_out = self._lost = 0
        self.since = datetime.now(UTC)

    def add(self, role: str, caller: str, asked: Iterable[tuple[str, str, int]], revision: Hashable = None) -> None:
        """Actions, resources and how often, from this revision of the caller. Without a role nobody is asked."""
        if not self._on or ":role/" not in role:
            return
        with self._lock:
            if not self._is_newest(caller, revision):
                return
            for action, resource, count in asked:
                call = Call(role, caller, action, resource)
                if call in self._counts:
                    self._counts[call] += count
                elif not self._tells_more(call):
                    self._left_out += count
                elif len(self._counts) < _KEPT:
                    self._counts[call] = count
                else:
                    self._lost += count

    def _is_newest(self, caller: str, revision: Hashable) -> bool:
        """False of an invocation that an update of its function has outlived."""
        known = self._revisions.setdefault(caller, revision)
        if known == revision:
            return True
        if (caller, revision) in self._replaced:
            return False
        self._replaced.add((caller, known))
        self._revisions[caller] = revision
        self._counts = {call: count for call, count in self._counts.items() if call.caller != caller}
        self._objects = Counter({call: count for call, count in self._objects.items() if call.caller != caller})
        return True

    def _tells_more(self, call: Call) -> bool:
        """Not the 21st object of a folder, nor one of the 21st folder; what is in none counts as one folder."""
        if not call.resource.startswith(_OBJECT):
            return True
        bucket, _, key = call.resource.partition("/")
        folder, is_in_one, _ = key.partition("/")
        folders = call._replace(resource=f"{bucket}/")
        alike = call._replace(resource=f"{bucket}/{folder}/") if is_in_one else call._replace(resource=bucket)
        if alike not in self._objects:
            if self._objects[folders] >= _KEPT_FOLDERS:
                return False
            self._objects[folders] += 1
        self._objects[alike] += 1
        return self._objects[alike] <= _KEPT_OBJECTS

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()
            self._objects.clear()
            self._revisions.clear()
            self._replaced.clear()
            self._left_out = self._lost = 0
            self.since = datetime.now(UTC)

    def as_dict(self) -> dict[str, Any]:
        """``{since, left_out, lost, calls: [{role, caller, action, resource, count}]}``; a resource is ``*`` where the
        operation has none, and null where it is not known.
        """
        with self._lock:
            counts = sorted(self._counts.items())
            left_out, lost, since = self._left_out, self._lost, self.since
        return {
            "since": since.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "left_out": left_out,
            "lost": lost,
            "calls": [
                {**call._asdict(), "resource": _whole(call.resource, call.role) or None, "count": count}
                for call, count in counts
            ],
        }


def _whole(resource: str, role: str) -> str:
    """With the role's account where the ARN has none; S3's never have one."""
    parts = resource.split(":", 5)
    if len(parts) == 6 and not parts[4] and parts[2] != "s3":
        parts[4] = role.split(":")[4]
    return ":".join(parts)


RECORD = Record(on=SETTINGS.iam)
