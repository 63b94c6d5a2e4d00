"""``make replay``: sends archived events of the bus to one consumer once more.

EventBridge replays what the archive has of a time range to the rule that it is told, and to no other. A consumer that
had these events changes nothing; one that missed them (its rule was off, its code was wrong) catches up.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html

A replay goes through these states, which are EventBridge's:

    STARTING ──► RUNNING ──► COMPLETED    everything was sent to the consumer's queue
        │            ├─────► FAILED
        └────────────┴─► CANCELLING ──► CANCELLED    by Ctrl-C: what was sent stays sent

EventBridge does not tell how many events it sent. The consumer logs each that it gets, and these lines are counted.
Ctrl-C tells how far it came; once everything is sent it ends the command alone.
"""

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.status import Status

from bootstrap import describe
from bootstrap.archives import Archive
from bootstrap.clients import Clients
from bootstrap.references import arn_of
from bootstrap.resources import Rule, Stack
from bootstrap.shop import SHOP
from bootstrap.shop_archive import ARCHIVE
from sandbox.counted import counted
from sandbox.dead_letters.homes import Home, homes
from sandbox.errors import EXIT_FAILED, EXIT_OK, NotRunningError, SandboxError, UsageError
from sandbox.moments import moment
from sandbox.replayed import Replayed
from sandbox.target import Target
from sandbox.telling import Teller

_POLL_S = 0.2
_CANCEL_LIMIT_S = 10.0
# A message that fails is hidden for its queue's visibility timeout, a minute at most, before it comes again.
_PATIENCE_S = 90.0
_UNDERWAY = {"STARTING", "RUNNING", "CANCELLING"}


class ReplayError(SandboxError):
    """EventBridge refused the replay, or did not get through with it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to replay: the events with a time from `since` to `until`, to `rule`, which feeds the queue of `home`."""

    rule: Rule
    home: Home
    since: datetime
    until: datetime

    @property
    def name(self) -> str:
        """The consumer's."""
        return self.rule.name

    @property
    def range(self) -> str:
        return f"{self.since:%FT%TZ} to {self.until:%FT%TZ}"


def run(target: Target, settings: Mapping[str, str], console: Console) -> int:
    """Replay ``SINCE`` to ``UNTIL`` (now) to ``CONSUMER``, and wait until its queue is empty.

    Exit code 1 where events became dead letters, or the queue is still not empty when no replayed event was taken out
    of it for a minute and a half: it holds those that fail, or others.

    Raises:
        UsageError: a setting is missing or wrong.
        NotRunningError: there is no sandbox, or not this archive or rule.
        ReplayError: the endpoint refused.
        KeyboardInterrupt: it was told what became of the replay.
    """
    request = requested(SHOP, ARCHIVE, settings, datetime.now(UTC))
    target.require_running()
    clients = Clients(target.endpoint)
    _require_there(clients, request.rule)
    dead_before = _depth(clients, request.home.queue)
    begun = time.monotonic()
    console.print(f"  {request.name} gets what the archive has from {request.range}")
    if request.since < datetime.now(UTC) - timedelta(days=ARCHIVE.retention_days):
        console.print(f"  The archive keeps events for {ARCHIVE.retention_days} d; what is older is not replayed.")
    name = f"{request.name}-{uuid.uuid4().hex[:12]}"
    replayed = Replayed(clients.logs, request.home.log_group, name)
    try:
        with console.status("Starting the replay") as status, _replaying(clients, request, name):
            _until_through(clients, name, status)
        with console.status("") as status:
            waiting = _until_drained(clients, request, replayed, Teller(console, status))
    except KeyboardInterrupt:
        _tell_interrupted(clients, request, name, replayed, console)
        raise
    died = max(0, _depth(clients, request.home.queue) - dead_before)
    took = time.monotonic() - begun
    count = replayed.look().begun
    console.print(f"{counted(count, 'event')} replayed to {request.name} in {took:.1f} s")
    if not count:
        console.print(_why_none(request, waiting))
    return _verdict(request, waiting, died, console)


def requested(stack: Stack, archive: Archive, settings: Mapping[str, str], now: datetime) -> Request:
    """What the settings ask for.

    Raises:
        UsageError: SINCE or CONSUMER is missing, a moment is none, the range is empty or lies ahead, or the archive's
            bus has no consumer of that name; names those that there are.
    """
    example = "make replay SINCE=10m CONSUMER=payments"
    for name in ("SINCE", "CONSUMER"):
        if not settings.get(name):
            raise UsageError(f"{name} is missing: {example}")
    since = moment("SINCE", settings["SINCE"], now)
    until = moment("UNTIL", settings["UNTIL"], now) if settings.get("UNTIL") else now
    for name, when in (("SINCE", since), ("UNTIL", until)):
        if when > now:
            raise UsageError(f"{name}={settings[name]} lies ahead: {example}")
    if since >= until:
        raise UsageError(f"SINCE={settings['SINCE']} is not before UNTIL={settings.get('UNTIL') or 'now'}: {example}")
    # EventBridge's times are whole seconds, and those of its events are cut off.
    whole = since.replace(microsecond=0), until.replace(microsecond=0) + timedelta(seconds=1)
    return Request(*_consumer(stack, archive, settings["CONSUMER"]), *whole)


def consumers(stack: Stack, archive: Archive) -> dict[str, tuple[Rule, Home]]:
    """The rules of the archive's bus that feed a queue with a function, by name, and where their dead letters lie."""
    by_place = {home.place: home for home in homes(stack).values() if home.log_group}
    return {
        rule.name: (rule, by_place[target.ref])
        for rule in stack.of(Rule)
        if rule.event_bus == archive.event_bus
        for target in rule.targets[:1]
        if target.ref in by_place
    }


def _consumer(stack: Stack, archive: Archive, name: str) -> tuple[Rule, Home]:
    known = consumers(stack, archive)
    if name not in known:
        raise UsageError(
            f"CONSUMER={name} takes nothing from the {archive.event_bus}; there are {', '.join(sorted(known))}."
        )
    return known[name]


def _require_there(clients: Clients, rule: Rule) -> None:
    try:
        clients.events.describe_archive(ArchiveName=ARCHIVE.name)
        found = clients.events.describe_rule(Name=rule.name, EventBusName=rule.bus_name)
    except clients.events.exceptions.ResourceNotFoundException as error:
        raise NotRunningError(f"{_said(error)}: make up creates what is missing.") from error
    except ClientError as error:
        raise ReplayError(f"{clients.endpoint} has no archive of events: {_said(error)}.") from error
    if found.get("State") != "ENABLED":
        raise ReplayError(f"The {rule.ref} is disabled, and gets no replayed events either: make up enables it.")


@contextmanager
def _replaying(clients: Clients, request: Request, name: str) -> Iterator[None]:
    """A replay of that name; who leaves early cancels it."""
    bus, place = arn_of(ARCHIVE.event_bus, clients.place), clients.place
    try:
        clients.events.start_replay(
            ReplayName=name,
            EventSourceArn=arn_of(ARCHIVE.ref, place),
            EventStartTime=request.since,
            EventEndTime=request.until,
            Destination={"Arn": bus, "FilterArns": [arn_of(request.rule.ref, place)]},
        )
        yield
    except ClientError as error:
        raise ReplayError(f"{clients.endpoint} does not replay: {_said(error)}.") from error
    except BaseException:
        _cancel(clients, name)
        raise


def _cancel(clients: Clients, name: str) -> None:
    """Cancel it where it runs, and wait until it sends nothing more; the interruption itself is what is told."""
    deadline = time.monotonic() + _CANCEL_LIMIT_S
    with suppress(ClientError, BotoCoreError):
        clients.events.cancel_replay(ReplayName=name)
        while _state(clients, name)["State"] in _UNDERWAY and time.monotonic() < deadline:
            time.sleep(_POLL_S)


def _until_through(clients: Clients, name: str, status: Status) -> None:
    while (state := _state(clients, name))["State"] in _UNDERWAY:
        last = state.get("EventLastReplayedTime")
        status.update(f"Replaying{f', events up to {last:%H:%M:%S}' if last else ''}")
        time.sleep(_POLL_S)
    if state["State"] != "COMPLETED":
        raise ReplayError(f"The replay ended as {state['State']}: {state.get('StateReason') or 'no reason given'}.")


def _until_drained(clients: Clients, request: Request, replayed: Replayed, tell: Teller) -> int:
    """How many messages the consumer's queue still holds when it is empty, or when no replayed one came, or failed
    again, for long: of other traffic it may hold some for ever.

    Log lines follow what they tell of: the end is a count that stays while the queue is empty.
    """
    before, came = None, time.monotonic()
    while True:
        waiting, now = _depth(clients, request.home.place.name), replayed.look()
        if now == before and (waiting == 0 or time.monotonic() - came > _PATIENCE_S):
            return waiting
        if now != before:
            came = time.monotonic()
        if now.failing and not (before and before.failing):
            tell.line(f"[yellow]{counted(now.failing, 'event')} failed.[/] {_comes_again(request)}")
        tell(f"{now}, {waiting} waiting in {request.home.place}")
        before = now
        time.sleep(2 * _POLL_S)


def _comes_again(request: Request) -> str:
    return (
        f"What fails comes again, up to a minute later, and in the end lies in {request.home.queue}: make dlq;"
        f" make logs FUNCTION={request.home.function} tells why."
    )


def _tell_interrupted(clients: Clients, request: Request, name: str, replayed: Replayed, console: Console) -> None:
    """What the interruption found, and what goes on without this command. Who interrupts this too is not told."""
    with suppress(ClientError, BotoCoreError):
        try:
            state = _state(clients, name)["State"]
        except clients.events.exceptions.ResourceNotFoundException:
            console.print("\nThe replay had not begun: nothing was sent.")
            return
        if state == "COMPLETED":
            console.print(f"\nThe replay {name} was through, and can no longer be cancelled: {request.name} goes on.")
        else:
            console.print(f"\nThe replay {name} is {state}; what was sent stays sent.")
        progress, waiting = replayed.look(), _depth(clients, request.home.place.name)
        console.print(f"So far {progress}, {waiting} waiting in {request.home.place}.")
        if progress.failing:
            console.print(_comes_again(request))


def _why_none(request: Request, waiting: int) -> str:
    none = f"No line of {request.home.log_group} tells of one: "
    if waiting:
        return f"{none}{request.name} did not come so far, or what waits is of other traffic."
    return f"{none}the archive has none for {_takes(request.rule)} from {request.range}, or they did not arrive."


def _takes(rule: Rule) -> str:
    """The consumer, and what it takes from the bus where that is little: of the rest it gets nothing replayed."""
    types = (rule.event_pattern or {}).get("detail-type", ())
    return f"{rule.name}, which takes {types[0]} alone from the bus," if len(types) == 1 else rule.name


def _verdict(request: Request, waiting: int, died: int, console: Console) -> int:
    if died:
        console.print(f"[red]{counted(died, 'dead letter')} more[/] in {request.home.queue}: make dlq tells why.")
    if waiting:
        console.print(f"[red]{waiting} still in {request.home.place}[/]: make logs FUNCTION={request.home.function}")
    if not died and not waiting:
        console.print(f"[green]Worked off[/]: nothing waits in {request.home.place}, no new dead letters.")
    return EXIT_FAILED if died or waiting else EXIT_OK


def _state(clients: Clients, name: str) -> dict[str, Any]:
    found: Any = clients.events.describe_replay(ReplayName=name)
    return dict(found)


def _depth(clients: Clients, queue: str) -> int:
    return describe.depth(clients, queue).total


def _said(error: ClientError) -> str:
    return str(error.response["Error"].get("Message") or error).rstrip(".")
