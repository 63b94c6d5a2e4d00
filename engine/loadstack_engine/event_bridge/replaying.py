"""What an archive keeps, and how a replay sends it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.aws.api.events import ReplayState
from localstack.services.events.models import Archive, FormattedEvent, Rule
from localstack.services.events.replay import ReplayService
from localstack.services.events.utils import extract_event_bus_name, to_json_str
from localstack.utils.xray.trace_header import TraceHeader


@dataclass
class Shelf:
    """What stands behind an archive's ``events``: when each came, and how large it is, the oldest first."""

    kept: deque[tuple[datetime, str, int]] = field(default_factory=deque)

    def add(self, archive: Archive, event: FormattedEvent, now: datetime) -> None:
        if event["id"] not in archive.events:
            stored = {key: value for key, value in event.items() if key != "event-bus-name"}
            size = len(to_json_str(stored))
            archive.events[event["id"]] = stored
            archive.size_bytes += size
            self.kept.append((now, event["id"], size))

    def expire(self, archive: Archive, now: datetime) -> None:
        """Drop what is past the archive's retention; without one, nothing."""
        if not archive.retention_days:
            return
        oldest = now - timedelta(days=archive.retention_days)
        while self.kept and self.kept[0][0] < oldest:
            _, event_id, size = self.kept.popleft()
            archive.events.pop(event_id, None)
            archive.size_bytes -= size


def time_of(event: FormattedEvent) -> datetime:
    return datetime.fromisoformat(event["time"])


def run_replay(
    replay: ReplayService, events: list[FormattedEvent], rules: list[Rule], send: Callable[[dict[str, Any]], None]
) -> None:
    """Send the archived events to these rules until all are out or the replay is cancelled."""
    state = replay.replay
    if state.state == ReplayState.STARTING:
        state.state = ReplayState.RUNNING
    bus = extract_event_bus_name(state.destination["Arn"])
    for event in events:
        if state.state != ReplayState.RUNNING:
            break
        replayed = {**event, "event-bus-name": bus, "replay-name": state.name}
        trace_header = TraceHeader().ensure_root_exists()
        place = {"region": state.region, "account_id": state.account_id}
        send({**place, "rules": rules, "event_formatted": replayed, "trace_header": trace_header})
        state.event_last_replayed_time = time_of(event)
    state.state = ReplayState.COMPLETED if state.state == ReplayState.RUNNING else ReplayState.CANCELLED
    state.replay_end_time = datetime.now(UTC)
