"""How a replay sends what an archive keeps."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api.events import ReplayState
from localstack.services.events.models import FormattedEvent, Rule
from localstack.services.events.replay import ReplayService
from localstack.services.events.utils import extract_event_bus_name
from localstack.utils.xray.trace_header import TraceHeader

from loadstack_engine.event_bridge.shelf import time_of
from loadstack_engine.usage.meter import USAGE


def run_replay(
    replay: ReplayService, events: Iterable[FormattedEvent], rules: list[Rule], send: Callable[[dict[str, Any]], None]
) -> None:
    """Send the archived events to these rules until all are out or the replay is cancelled."""
    state = replay.replay
    if state.state == ReplayState.STARTING:
        state.state = ReplayState.RUNNING
    bus = extract_event_bus_name(state.destination["Arn"])
    for event in events:
        if state.state != ReplayState.RUNNING:
            break
        USAGE.add(("events", bus, "replayed_events"))
        replayed = {**event, "event-bus-name": bus, "replay-name": state.name}
        trace_header = TraceHeader().ensure_root_exists()
        place = {"region": state.region, "account_id": state.account_id}
        send({**place, "rules": rules, "event_formatted": replayed, "trace_header": trace_header})
        state.event_last_replayed_time = time_of(event)
    state.state = ReplayState.COMPLETED if state.state == ReplayState.RUNNING else ReplayState.CANCELLED
    state.replay_end_time = datetime.now(UTC)
