"""Where an archive's events are kept: in a file without a name, not in memory.

As the dicts that LocalStack keeps, events take many times the memory of their text. SQLite makes the file for an empty
name in the folder for temporary files, and it is gone with its connection, however the process ends.
https://www.sqlite.org/inmemorydb.html#temp_db
"""

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from datetime import datetime

from localstack.services.events.models import FormattedEvent
from localstack.services.events.utils import to_json_str

_TABLE = """
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -512;
CREATE TABLE events (number INTEGER PRIMARY KEY, id TEXT UNIQUE, time REAL, kept REAL, size INTEGER, event TEXT);
CREATE INDEX by_time ON events (time, number);
"""
_PAGE = 200


class Shelf:
    """Events by their id, each once. Thread-safe.

    Stands where LocalStack has a dict: ``len`` and ``clear`` are what it uses of that.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.executescript(_TABLE)
        weakref.finalize(self, self._database.close)
        self.size_bytes = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, event: FormattedEvent, now: datetime) -> None:
        """Keep the event, which came ``now``; one whose id is there already changes nothing."""
        text = to_json_str({key: value for key, value in event.items() if key != "event-bus-name"})
        row = (event["id"], time_of(event).timestamp(), now.timestamp(), len(text), text)
        with self._lock:
            added = self._database.execute(
                "INSERT OR IGNORE INTO events (id, time, kept, size, event) VALUES (?, ?, ?, ?, ?)", row
            ).rowcount
            self._count += added
            self.size_bytes += added * len(text)

    def between(self, start: datetime, end: datetime) -> Iterator[FormattedEvent]:
        """The events of this time range, both ends included, in order of their time: those that are there now."""
        [[last]] = self._rows("SELECT max(number) FROM events")
        place = (start.timestamp(), -1)
        while page := self._rows(
            "SELECT time, number, event FROM events WHERE (time, number) > (?, ?) AND time <= ? AND number <= ?"
            f" ORDER BY time, number LIMIT {_PAGE}",
            *place,
            end.timestamp(),
            last,
        ):
            place = page[-1][:2]
            yield from (json.loads(event) for _, _, event in page)

    def expire(self, before: datetime) -> None:
        """Drop what came before that."""
        moment = before.timestamp()
        oldest = self._rows("SELECT kept FROM events ORDER BY number LIMIT 1")
        if not oldest or oldest[0][0] >= moment:
            return
        with self._lock:
            [[count, size]] = self._database.execute(
                "SELECT count(*), coalesce(sum(size), 0) FROM events WHERE kept < ?", (moment,)
            ).fetchall()
            self._database.execute("DELETE FROM events WHERE kept < ?", (moment,))
            self._count -= count
            self.size_bytes -= size

    def clear(self) -> None:
        with self._lock:
            self._database.execute("DELETE FROM events")
            self._count = self.size_bytes = 0

    def _rows(self, query: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]  # as many as columns
        with self._lock:
            return self._database.execute(query, values).fetchall()


def time_of(event: FormattedEvent) -> datetime:
    return datetime.fromisoformat(event["time"])
