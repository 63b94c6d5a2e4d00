"""Reads an order log into a recording.

An order is all rows of one invoice; it begins with the first of them. Rows that are no sale of a product are left out
of it, and so are quantities beyond what the shop takes; an order is left out when nothing is left of it, or when it has
more products than an order may have.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Final

from loadtests.replay.recording import MINUTE_S, Basket, Recording, Tally
from retail_log import ids, lines, moments
from retail_log.errors import OrderLogError
from retail_log.lines import Line
from retail_log.rows import rows
from retail_log.text_file import opened

MAX_LINES: Final = 100
MAX_QUANTITY: Final = 10_000
"""Of one order, and of one of its lines: the Shop API's limits."""

_COLUMNS: Final = (*lines.COLUMNS, moments.COLUMN)
_APART_S: Final = 1e-5
"""Two arrivals are told apart by their instants."""


@dataclass(slots=True)
class _Draft:
    """An order as far as it was read: by product the quantity, and of how many rows that is."""

    at: datetime
    cancelled: bool
    customer: str = ""
    quantities: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Found:
    """What lies in the range, and the times of all orders of the log, by invoice."""

    begun: dict[str, datetime] = field(default_factory=dict)
    drafts: dict[str, _Draft] = field(default_factory=dict)
    rows: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


class NothingToPlayError(OrderLogError):
    """The log can be read, and no order in the range can be played."""


def read(path: Path, since: datetime | None, until: datetime | None, speed: float, seed: int) -> Recording:
    """The orders that begin in `[since, until)`, `speed` times as fast; None: from the first, to the last.

    Raises:
        OrderLogError: no such file, no CSV, a column is missing, a date is none, or, of a row in the range, a number.
        NothingToPlayError: nothing of it can be played.
    """
    found = _look(path, since, until)
    orders_left_out: Counter[str] = Counter()
    baskets = list(_baskets(found, orders_left_out))
    tally = Tally(len(found.drafts), found.rows, orders_left_out, found.left_out)
    if not baskets:
        raise NothingToPlayError(_nothing(path, found, tally))
    return _recorded(baskets, speed, seed, tally)


def _look(path: Path, since: datetime | None, until: datetime | None) -> _Found:
    found = _Found()
    with opened(path) as file:
        for row in rows(path, file, _COLUMNS):
            invoice, at = row.fields[0].strip(), moments.moment(row, row.fields[-1])
            begun = found.begun.setdefault(invoice, at) if invoice else at
            if (since is None or begun >= since) and (until is None or begun < until):
                _take(found, lines.line(row), begun)
    return found


def _take(found: _Found, line: Line, begun: datetime) -> None:
    found.rows += 1
    draft = found.drafts.setdefault(line.invoice, _Draft(begun, line.is_cancellation))
    if reason := _unplayable(line):
        found.left_out[reason] += 1
        return
    product = ids.product_id(line.code)
    draft.customer = draft.customer or line.customer
    draft.quantities[product] += int(line.quantity)
    draft.rows[product] += 1


def _unplayable(line: Line) -> str | None:
    """Why this row is no part of an order, by the first reason that there is."""
    if line.is_cancellation:
        return "cancellation"
    if not line.invoice:
        return "no_invoice"
    if line.quantity <= 0:
        return "quantity_not_above_0"
    if line.quantity != int(line.quantity):
        return "quantity_not_whole"
    if not line.is_product:
        return "no_product"
    return None if line.is_sale else "no_price"


def _baskets(found: _Found, left_out: Counter[str]) -> Iterator[Basket]:
    """What can be played, in the log's order; the rest is counted."""
    for invoice, draft in found.drafts.items():
        for product in [each for each, quantity in draft.quantities.items() if quantity > MAX_QUANTITY]:
            del draft.quantities[product]
            found.left_out[f"quantity_above_{MAX_QUANTITY}"] += draft.rows.pop(product)
        if len(draft.quantities) > MAX_LINES:
            left_out[f"above_{MAX_LINES}_products"] += 1
            found.left_out[f"order_above_{MAX_LINES}_products"] += draft.rows.total()
        elif draft.quantities:
            customer = ids.user_id(draft.customer) if draft.customer else ""
            yield Basket(invoice, draft.at, customer, tuple(draft.quantities.items()))
        else:
            left_out["cancellation" if draft.cancelled else "nothing_left"] += 1


def _recorded(baskets: list[Basket], speed: float, seed: int, tally: Tally) -> Recording:
    whole_minutes = not any(basket.at.second or basket.at.microsecond for basket in baskets)
    resolution_s = MINUTE_S if whole_minutes else 1.0
    first = min(basket.at for basket in baskets)
    last = max(basket.at for basket in baskets)
    spread_s = _spread(baskets, resolution_s if whole_minutes else 0.0, seed)
    due = sorted(
        (((basket.at - first).total_seconds() + after_s) / speed, number)
        for number, (basket, after_s) in enumerate(zip(baskets, spread_s, strict=True))
    )
    return Recording(
        baskets=tuple(baskets[number] for _, number in due),
        instants=tuple(accumulate((at for at, _ in due), lambda before, at: max(at, before + _APART_S))),
        since=first,
        until=last + timedelta(seconds=resolution_s),
        speed=speed,
        resolution_s=resolution_s,
        tally=tally,
    )


def _spread(baskets: list[Basket], within_s: float, seed: int) -> list[float]:
    """How long after the time that the log tells each order begins: an order's own, whatever else is played.

    Orders that share a minute are spread at random, as those of a Poisson process are: evenly would be kinder.
    """
    return [random.Random(f"{seed} {basket.invoice}").random() * within_s for basket in baskets]


def _nothing(path: Path, found: _Found, tally: Tally) -> str:
    if not found.begun:
        return f"{path} has a header and no line below it: is it the right file?"
    first, last = min(found.begun.values()), max(found.begun.values())
    if not tally.orders:
        return f"{path} has no order in that range: its orders are from {first:%F %H:%M} to {last:%F %H:%M}."
    reasons = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in tally.rows_left_out.items())
    return f"{path}: none of the {tally.orders} orders in the range can be played (rows: {reasons})."
