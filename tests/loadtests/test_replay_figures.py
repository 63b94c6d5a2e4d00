from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from loadtests import console, slo, summary
from loadtests.orders import Order
from loadtests.plan import Plan
from loadtests.records import Placed
from loadtests.replay.words import recording
from loadtests.report import page
from loadtests.result import Result
from tests.loadtests import observed
from tests.loadtests.observed import T0
from tests.loadtests.order_logs import row, written

BOOKS = {"confirmed": {"orders": 2, "cents": 12_345}, "analytics": {"orders": 2, "cents": 12_345}}


def played(path: Path, *fates: str, off_s: float = 0.0, **changes: Any) -> Result:
    """A run of three orders in three minutes, a second long each; `fates` are their last stages."""
    rows = [row(str(number), f"2010-12-01 08:2{number}:00", CustomerID="" if number else "1") for number in range(3)]
    log = str(written(path / "log.csv", [*rows, row("C9", "2010-12-01 08:20:00", quantity="-1")]))
    plan = Plan("replay", "http://127.0.0.1:4566", 1.0, None, 3.0, 0.0, 30.0, 1, log=log, speed=60.0)
    found = recording(plan)
    plan = replace(plan, rate=found.rate, duration_s=found.duration_s)
    orders = []
    for number, (fate, at) in enumerate(zip(fates, found.instants, strict=False)):
        sent = T0 + at + (off_s if number == 1 else 0.0)
        placed = Placed(f"lt-abc-0-0-{number}", T0 + at, sent, sent + 0.01, 202, f"o-{number}")
        orders.append(Order(placed.correlation_id, placed, {f"o-{number}": {"accepted": sent, fate: sent + 0.1}}))
    made = observed.result(orders, requests=[], duration_s=3.0)
    return replace(made, **{"plan": plan, "outcome": BOOKS, **changes})


def test_replay_is_told_with_what_was_left_out(tmp_path: Path) -> None:
    told = summary.build(played(tmp_path, "confirmed", "rejected", "confirmed"), slo.load("replay"))["replay"]
    off_ms, off_percent = told.pop("arrivals_off_ms"), told.pop("arrivals_off_percent")
    assert off_ms == pytest.approx(0, abs=0.01)
    assert off_percent == pytest.approx(0, abs=0.001)
    assert told.pop("log").endswith("log.csv")
    assert told == {
        "speed": 60.0, "seed": 1, "from": "2010-12-01 08:20:00", "to": "2010-12-01 08:23:00",
        "orders": {"read": 4, "played": 3, "left_out": {"cancellation": 1}},
        "rows": {"read": 4, "played": 3, "left_out": {"cancellation": 1}},
        "units": 3, "customers": 1, "guest_orders": 2, "not_final": 0,
        "revenue_cents": 12_345, "analytics_cents": 12_345, "revenue_difference": 0, "orders_difference": 0,
    }  # fmt: skip


def test_rules_hold_for_a_good_run_and_each_fails_for_its_reason(tmp_path: Path) -> None:
    def broken(*fates: str, **changes: Any) -> set[str]:
        built = summary.build(played(tmp_path, *fates, **changes), slo.load("replay"))
        return {entry["rule"] for entry in built["slo"] if not entry["ok"] and entry["rule"].startswith("replay")}

    good = ("confirmed", "confirmed", "rejected")
    assert broken(*good) == set()
    assert broken("confirmed", "confirmed", "payment-captured") == {"replay.not_final == 0"}
    assert broken("confirmed", "confirmed") == {"replay.not_final == 0"}
    assert broken(*good, off_s=1.2) == {"replay.arrivals_off_percent < 1"}
    less = {**BOOKS, "analytics": {"orders": 2, "cents": 12_344}}
    assert broken(*good, outcome=less) == {"replay.revenue_difference == 0"}
    silent = {**BOOKS, "analytics": None}
    assert broken(*good, outcome=silent) == {"replay.revenue_difference == 0", "replay.orders_difference == 0"}
    twice = {**BOOKS, "analytics": {"orders": 3, "cents": 12_345}}
    assert broken(*good, outcome=twice) == {"replay.orders_difference == 0"}


def test_farthest_arrival_is_measured_from_its_minute(tmp_path: Path) -> None:
    result = played(tmp_path, "confirmed", "confirmed", "confirmed", off_s=1.5)
    at = recording(result.plan).instants[1]
    told = summary.build(result, [])["replay"]
    assert told["arrivals_off_ms"] == pytest.approx((at + 1.5 - 2.0) * 1000, abs=0.01)
    assert told["arrivals_off_percent"] == pytest.approx((at + 1.5 - 2.0) / 3 * 100, abs=0.001)


def test_interrupted_run_knows_no_difference(tmp_path: Path) -> None:
    told = summary.build(played(tmp_path, "confirmed", state="interrupted", ended_at=T0 + 1), [])["replay"]
    assert (told["not_final"], told["revenue_difference"]) == (None, None)
    assert told["revenue_cents"] == 12_345


def test_arrivals_are_the_logs(tmp_path: Path) -> None:
    built = summary.build(played(tmp_path, "confirmed", "confirmed", "confirmed"), [])
    assert (built["arrival"]["asked"], built["arrival"]["sent"], built["arrival"]["pattern"]) == (3, 3, "recorded")
    assert (built["scaling"], built["recovery"]) == (None, None)
    assert built["repeat"].startswith("make load SCENARIO=replay LOG=")
    assert summary.build(observed.result(), [])["replay"] is None


@pytest.mark.parametrize(
    ("analytics", "said"),
    [
        (12_345, "in the analytics the same\n"),
        (12_000, "in the analytics -3.45\n"),
        (None, "in the analytics unknown\n"),
    ],
)
def test_terminal_and_page_tell_it(tmp_path: Path, analytics: int | None, said: str) -> None:
    books = {**BOOKS, "analytics": None if analytics is None else {"orders": 2, "cents": analytics}}
    result = played(tmp_path, "confirmed", "rejected", "confirmed", outcome=books)
    built, out = summary.build(result, []), io.StringIO()
    console.show(Console(file=out, width=100), built, Path.cwd() / "reports" / "x")
    text = out.getvalue()
    assert "replay  3 of 4 orders and 3 of 4 rows of the log, 2010-12-01 08:20:00 to 2010-12-01 08:23:00" in text
    assert "rows left out: 1 cancellation\n" in text
    assert f"revenue 123.45, {said}" in text
    html = page.render(result, built)
    assert '<section id="replay">' in html
    assert "when the log has them" in html
