"""A journey as a table: a row a hop, below the one that caused it."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from sandbox.trace.journey import PARTS, Hop, Journey

_INDENT = "  "
_ANY_WIDTH = 1_000
_LEGIBLE = 24


def table(journey: Journey, console: Console) -> Table:
    """Times in milliseconds; a column for each part that took any, or one line with all where `console` is narrow."""
    wide = _wide(journey)
    needed = Measurement.get(console, console.options.update(width=_ANY_WIDTH), wide).minimum
    return wide if needed <= console.width else _narrow(journey)


def _wide(journey: Journey) -> Table:
    parts = [part for part in PARTS if any(hop.parts.get(part, 0) >= 1 for _, hop in journey.hops)]
    shown = _begun(journey)
    shown.add_column("event", no_wrap=True)
    for part in parts:
        shown.add_column(part, justify="right", no_wrap=True)
    shown.add_column("log", overflow="fold", min_width=_LEGIBLE)
    for depth, hop in journey.hops:
        took = [_ms(hop.parts.get(part, 0)) for part in parts]
        shown.add_row(*_begins(journey, depth, hop), escape(hop.event), *took, "\n".join(_log(hop)))
    return shown


def _narrow(journey: Journey) -> Table:
    shown = _begun(journey)
    shown.add_column("event, what its time went to, log", overflow="fold")
    for depth, hop in journey.hops:
        took = ", ".join(f"{part} {_ms(hop.parts[part])}" for part in PARTS if hop.parts.get(part, 0) >= 1)
        lines = [each for each in (escape(hop.event), took) if each]
        shown.add_row(*_begins(journey, depth, hop), "\n".join([*lines, *_log(hop)]))
    return shown


def _begun(journey: Journey) -> Table:
    shown = Table(box=None, header_style="bold", pad_edge=False)
    shown.add_column("at", justify="right", no_wrap=True)
    shown.add_column("function", no_wrap=True)
    return shown


def _begins(journey: Journey, depth: int, hop: Hop) -> tuple[str, str]:
    return f"{hop.came_at - journey.begins_at:,.0f}", f"{_INDENT * depth}{hop.function}"


def heading(journey: Journey) -> str:
    ids = ", ".join(journey.correlation_ids)
    return f"Order [bold]{escape(journey.order_id)}[/]{f', correlation {escape(ids)}' if ids else ''}; in ms"


def ending(journey: Journey) -> str:
    took = f"{journey.ends_at - journey.begins_at:,.0f} ms in all, {len(journey.hops)} hops"
    if not journey.mailed_at:
        return f"{took}; [yellow]no mail[/] is told of"
    mails = "the mail was" if len(journey.mailed_at) == 1 else f"{len(journey.mailed_at)} mails were"
    after = " and ".join(f"{at - journey.begins_at:,.0f} ms" for at in journey.mailed_at)
    return f"{took}; {mails} out after [bold]{after}[/]"


def _ms(took: float) -> str:
    return f"{took:,.0f}" if took >= 1 else ""


def _log(hop: Hop) -> Iterator[str]:
    if hop.attempt > 1:
        yield f"[yellow]delivery {hop.attempt}[/]"
    yield from map(escape, hop.says)
    if hop.failure:
        yield f"[red]{escape(hop.failure)}[/]"
