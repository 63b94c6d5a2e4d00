"""What a reader should look at first: sentences drawn from the summary, the gravest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from loadtests import slo
from loadtests.report.plots.hops import PARTS

type Weight = Literal["bad", "warn", "note"]

_ORDER: Final[dict[Weight, int]] = {"bad": 0, "warn": 1, "note": 2}
_FATES: Final[dict[str, tuple[Weight, str]]] = {
    "lost": ("bad", "accepted and never heard of again"),
    "duplicated": ("bad", "came twice or to two ends"),
    "out_of_order": ("warn", "passed their stages out of order"),
    "late": ("warn", "came to an end late"),
}
_MOST: Final = 8
_TAIL: Final = 5.0
"""A p99 of so many medians is worth a word."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A sentence, how grave it is, and the section of the page that has more about it."""

    weight: Weight
    text: str
    section: str


def highlights(summary: dict[str, Any]) -> list[Highlight]:
    """At most eight; none when nothing stands out."""
    sources: tuple[Callable[[dict[str, Any]], Iterator[Highlight]], ...] = (
        _objectives, _breakpoint, _orders, _requests, _dead_letters, _load, _functions, _probe, _longest_hop, _tail,
        _deepest_queue,
    )  # fmt: skip
    found = [each for source in sources for each in source(summary)]
    return sorted(found, key=lambda each: _ORDER[each.weight])[:_MOST]


def _objectives(summary: dict[str, Any]) -> Iterator[Highlight]:
    """Rules that fail, but for those that the verdict names and those that another sentence is about."""
    told = tuple(f"orders.{key} " for key in _FATES if summary["orders"].get(key))
    verdict = summary["verdict"]["sentence"]
    for rule in summary["slo"]:
        if not slo.is_judged(rule, summary["run"]["state"]):
            continue
        if not rule["ok"] and not rule["rule"].startswith(told) and rule["rule"] not in verdict:
            value = "no value" if rule["value"] is None else f"it is {rule['value']:,.6g}"
            yield Highlight("bad", f"{rule['rule']} does not hold: {value}.", "objectives")


def _breakpoint(summary: dict[str, Any]) -> Iterator[Highlight]:
    broke = (summary.get("breakpoint") or {}).get("broke")
    if broke and broke["limit"]:
        text = f"At {broke['rate_per_s']:g} a second the {broke['limit']} limited the load: {broke['reason']}."
        yield Highlight("note", text, "breakpoint")


def _orders(summary: dict[str, Any]) -> Iterator[Highlight]:
    for key, (weight, words) in _FATES.items():
        if count := summary["orders"].get(key):
            yield Highlight(weight, f"{_orders_of(count)} {words}.", "errors")


def _requests(summary: dict[str, Any]) -> Iterator[Highlight]:
    for name, figures in summary["sync"].items():
        if figures["failures"]:
            share = figures["failures"] / figures["count"]
            yield Highlight("bad", f"{name} failed {figures['failures']:,} times ({share:.2%}).", "errors")


def _dead_letters(summary: dict[str, Any]) -> Iterator[Highlight]:
    for name, figures in (summary["queues"] or {}).items():
        if figures["dead_letters"]:
            yield Highlight("bad", f"{figures['dead_letters']:,} messages became dead letters of {name}.", "queues")


def _functions(summary: dict[str, Any]) -> Iterator[Highlight]:
    for name, figures in (summary["functions"] or {}).items():
        for key, what in (("errors", "failed"), ("throttles", "was throttled")):
            if figures[key]:
                yield Highlight("warn", f"The function {name} {what} {figures[key]:,} times.", "functions")


def _load(summary: dict[str, Any]) -> Iterator[Highlight]:
    run, saturation = summary["run"], summary["saturation"]
    if run["dropped"]:
        yield Highlight(
            "bad",
            f"{run['dropped']:,} of {run['intended']:,} arrivals could not be sent: the load was not as asked.",
            "load",
        )
    if saturation["limit"]:
        yield Highlight("warn", f"The {saturation['limit']} limited the load: {saturation['reason']}.", "limit")


def _probe(summary: dict[str, Any]) -> Iterator[Highlight]:
    if errors := summary["run"]["probe_errors"]:
        text = f"The probe could not receive {errors:,} times; what looks lost may only have gone unheard."
        yield Highlight("warn", text, "run")


def _longest_hop(summary: dict[str, Any]) -> Iterator[Highlight]:
    """Where most of the time until the decision goes, by part of a hop where parts are known. The mail comes after."""
    spent = _parts_ms(summary) or _medians_ms(summary)
    total = sum(spent.values())
    if total > 0:
        name = max(spent, key=lambda each: spent[each])
        share = f"{spent[name]:,.1f} of {total:,.0f} ms ({spent[name] / total:.0%})"
        yield Highlight("note", f"Most of an order's time goes into {name}: {share}.", "hops")


def _parts_ms(summary: dict[str, Any]) -> dict[str, float]:
    return {
        f"{row['hop'].replace('→', ' → ')}, {PARTS.get(part, part)}": figures["mean_ms"]
        for row in summary.get("waterfall") or ()
        if not row["hop"].endswith(("notified", "rejected"))
        for part, figures in row["parts"].items()
    }


def _medians_ms(summary: dict[str, Any]) -> dict[str, float]:
    return {
        name.replace("→", " → "): figures["p50_ms"]
        for name, figures in summary["async"]["stages"].items()
        if figures["p50_ms"] is not None and not name.endswith(("notified", "rejected"))
    }


def _tail(summary: dict[str, Any]) -> Iterator[Highlight]:
    order = summary["async"]["order"]
    if order["p50_ms"] and order["p99_ms"] >= _TAIL * order["p50_ms"]:
        times = order["p99_ms"] / order["p50_ms"]
        text = f"The slowest orders take far longer than the usual: p99 is {times:.0f} times the median."
        yield Highlight("note", text, "latency")


def _deepest_queue(summary: dict[str, Any]) -> Iterator[Highlight]:
    depths = {name: figures["max_depth"] for name, figures in (summary["queues"] or {}).items()}
    if depths and (name := max(depths, key=lambda each: depths[each])) and depths[name] > 1:
        yield Highlight("note", f"The fullest queue was {name}, with {depths[name]:,} messages at once.", "queues")


def _orders_of(count: int) -> str:
    return f"{count:,} order" if count == 1 else f"{count:,} orders"
