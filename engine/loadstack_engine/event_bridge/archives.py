"""Archives and replays.

Stock LocalStack 4.14.0 fails at every replay of something: it keeps events with their time as text and computes with
it as a date. It also keeps them all in memory, counts no size, ends no retention, keeps the old pattern of an updated
archive, and replays to all rules whatever ``FilterArns`` says.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.events import (
    CancelReplayResponse,
    IllegalStatusException,
    ReplayState,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    StartReplayResponse,
)
from localstack.services.events.archive import ArchiveService
from localstack.services.events.models import Archive, FormattedEvent, Rule, ValidationException
from localstack.services.events.provider import EventsProvider
from localstack.services.events.utils import extract_event_bus_name

from loadstack_engine.agenda import AGENDA
from loadstack_engine.event_bridge.replaying import run_replay
from loadstack_engine.event_bridge.shelf import Shelf
from loadstack_engine.usage.meter import USAGE

_UNDERWAY = (ReplayState.STARTING, ReplayState.RUNNING)


def shelf_of(archive: Archive, now: datetime | None = None) -> Shelf:
    """What the archive keeps, without what is past its retention ``now``."""
    kept: Any = archive.events
    if not isinstance(kept, Shelf):
        archive.events = kept = Shelf()  # of a dict LocalStack uses what a shelf has
    if archive.retention_days:
        kept.expire((now or datetime.now(UTC)) - timedelta(days=archive.retention_days))
    archive.size_bytes = kept.size_bytes
    return kept


def put_events(service: ArchiveService, events: list[FormattedEvent]) -> None:
    now = datetime.now(UTC)
    shelf = shelf_of(service.archive, now)
    count, size = len(shelf), shelf.size_bytes
    for event in events:
        shelf.add(event, now)
    service.archive.size_bytes = shelf.size_bytes
    bus = ("events", service.event_bus_name)
    USAGE.add((*bus, "archived_events"), len(shelf) - count)
    USAGE.add((*bus, "archived_bytes"), shelf.size_bytes - size)


def get_events(service: ArchiveService, start: datetime, end: datetime) -> Iterator[FormattedEvent]:
    """The events of this time range, both ends included, in order of their time; events have whole seconds."""
    return shelf_of(service.archive).between(start, end)


@handler("StartReplay")
def start_replay(
    provider: EventsProvider,
    context: RequestContext,
    replay_name: str,
    event_source_arn: str,
    event_start_time: datetime,
    event_end_time: datetime,
    destination: dict[str, Any],
    description: str | None = None,
    **_: Any,
) -> StartReplayResponse:
    """Starts it, and answers before it is through, as AWS does."""
    store = provider.get_store(context.region, context.account_id)
    if replay_name in store.replays:
        raise ResourceAlreadyExistsException(f"Replay {replay_name} already exists.")
    provider._validate_replay_time(event_start_time, event_end_time)
    if event_source_arn not in provider._archive_service_store:
        name = event_source_arn.split("/")[-1]
        raise ValidationException(f"Parameter EventSourceArn is not valid. Reason: Archive {name} does not exist.")
    provider._validate_replay_destination(destination, event_source_arn)
    rules = _rules_of(provider, store, destination)
    times = (_aware(event_start_time), _aware(event_end_time))
    place = (context.region, context.account_id)
    replay = provider.create_replay_service(replay_name, *place, event_source_arn, destination, *times, description)
    store.replays[replay_name] = replay.replay
    replay.replay.replay_start_time = datetime.now(UTC)
    events = provider._archive_service_store[event_source_arn].get_events(*times)
    answer = StartReplayResponse(
        ReplayArn=replay.arn, State=ReplayState.STARTING, ReplayStartTime=replay.replay.replay_start_time
    )
    AGENDA.now(lambda: run_replay(replay, events, rules, provider._process_rules_async))
    return answer


def _rules_of(provider: EventsProvider, store: Any, destination: dict[str, Any]) -> list[Rule]:
    """The rules that ``FilterArns`` names, or all of the bus."""
    bus = provider.get_event_bus(extract_event_bus_name(destination["Arn"]), store)
    rules = {rule.arn: rule for rule in bus.rules.values()}
    wanted = destination.get("FilterArns") or list(rules)
    for arn in wanted:
        if arn not in rules:
            raise ResourceNotFoundException(f"Rule {arn.split('/')[-1]} does not exist on EventBus {bus.name}.")
    return [rules[arn] for arn in wanted]


def _aware(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(microsecond=0)


@handler("CancelReplay")
def cancel_replay(provider: EventsProvider, context: RequestContext, replay_name: str, **_: Any) -> Any:
    replay = provider.get_replay(replay_name, provider.get_store(context.region, context.account_id))
    if replay.state not in _UNDERWAY:
        raise IllegalStatusException(f"Replay {replay_name} is not in a valid state for this operation.")
    replay.state = ReplayState.CANCELLING
    return CancelReplayResponse(ReplayArn=replay.arn, State=replay.state)


def use() -> None:
    """Archive and replay this way; before the service is loaded, because it collects its operations then."""
    stock_update = ArchiveService.update
    stock_get = EventsProvider.get_archive

    def update(service: ArchiveService, description: str, event_pattern: str, retention_days: int) -> None:
        stock_update(service, description, event_pattern, retention_days)
        if event_pattern is not None:
            service._create_archive_rule()

    def get_archive(provider: EventsProvider, name: str, store: Any) -> Archive:
        archive = stock_get(provider, name, store)
        shelf_of(archive)
        return archive

    ArchiveService.put_events = put_events
    ArchiveService.get_events = get_events
    ArchiveService.update = update
    EventsProvider.get_archive = get_archive
    EventsProvider.start_replay = start_replay
    EventsProvider.cancel_replay = cancel_replay
