"""What the run would have cost on AWS, and what a million orders and a month as these would."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from loadtests import scenarios
from loadtests.cost import memory, prices
from loadtests.cost.bill import Bill, Line, bill, total
from loadtests.cost.memory import Measured, Size
from loadtests.cost.prices import Prices
from loadtests.cost.usage import Counted, ended_orders, growth
from loadtests.orders import Order
from loadtests.result import Result

PLACES: Final = Decimal("0.0001")
"""Dollars are told to a hundredth of a cent."""

ENDS: Final = frozenset({"confirmed", "rejected", "cancelled"})
OTHERS_AT_MOST: Final = 0.02
"""Of the run's own orders: so many of others make the cost a fiftieth too high, and a function that died between an
announcement and its own end announces again.
"""


def per_million_orders(cost: Mapping[str, Any] | None) -> float | None:
    """The contract's figure: of runs that place orders."""
    return cost["usd_per_million"] if cost is not None and cost["unit"] == "orders" else None


def told(result: Result) -> dict[str, Any] | None:
    """The bill, and advice on memory sizes. None where the engine tells of no usage, where the counters began anew
    meanwhile, others' orders are in them, or the run was ended: what its orders still had to do is not in it.

    What was used since before the warm-up until the drain was over, and things stood still, is divided by the run's
    orders that were accepted, the warm-up's too; of scenarios without orders, by its requests.
    """
    used = _used(result)
    if used is None or unknown(result) is not None:
        return None
    unit = scenarios.load(result.plan.scenario).unit
    count = _count(result, unit)
    known = prices.load()
    found = bill(used, known, count)
    rate = _rate_per_s(result, unit)
    return {
        "unit": unit,
        "count": count,
        "rate_per_s": float(round(rate, 3)),
        "usd_per_million": _usd(found.usd_per_million(found.usd)),
        "usd_per_month": _usd(found.usd_per_month(found.usd, rate)),
        "standing_usd_per_month": _usd(total(found.standing)),
        "services": {
            name: {
                "usd_per_million": _usd(found.usd_per_million(usd)),
                "usd_per_month": _usd(found.usd_per_month(usd, rate)),
            }
            for name, usd in found.by_service().items()
        },
        "lines": [_line(found, line, rate) for line in found.lines],
        "standing": [_standing(line) for line in found.standing],
        "functions": (functions := _functions(found, used, known)),
        "lambda_at_share_usd_per_million": _at_share(functions),
        "used": used,
        "region": known.region,
        "prices": [
            {"service": each.service, "page": each.page, "taken": each.taken, "from": each.copy}
            for each in known.sources.values()
        ],
    }


def unknown(result: Result) -> str | None:
    """Why `told` tells nothing; None where it does."""
    unit = scenarios.load(result.plan.scenario).unit
    if result.state != "complete":
        return f"the run was ended before its {unit} were done"
    if result.usage_before is None:
        return "this stack does not count what AWS would bill"
    if result.usage_after is None:
        return "the stack was not asked, or did not answer, when all was done"
    used = _used(result)
    if used is None:
        return "the counters began anew in the run"
    if others := _others(result, used):
        orders = "1 order" if others == 1 else f"{others:,} orders"
        return f"the shop had {orders} beside this run's to work on, and what was counted is the work of all"
    if not _count(result, unit):
        return "no order was accepted" if unit == "orders" else "nothing was sent"
    return None


def _count(result: Result, unit: str) -> int:
    return sum(order.accepted for order in result.orders) if unit == "orders" else len(result.requests)


def _used(result: Result) -> Counted | None:
    if result.state != "complete" or result.usage_before is None or result.usage_after is None:
        return None
    return growth(result.usage_before, result.usage_after)


def _others(result: Result, used: Counted) -> int:
    """Orders that ended meanwhile and were not the run's; 0 where they are too few to matter. An order of the run that
    nobody heard the end of may have come to one all the same.
    """
    own = sum(max(1, _ends(order)) for order in result.orders)
    others = ended_orders(used) - own
    return others if others > OTHERS_AT_MOST * own else 0


def _ends(order: Order) -> int:
    return sum(len(ENDS & stages.keys()) for stages in order.heard.values())


def _rate_per_s(result: Result, unit: str) -> Decimal:
    """Of the measured window, at which a month would go on."""
    orders = sum(order.accepted for order in result.measured_orders)
    done = orders if unit == "orders" else len(result.measured_requests)
    return Decimal(done) / Decimal(str(result.ended_at - result.started_at))


def _line(found: Bill, line: Line, rate: Decimal) -> dict[str, Any]:
    price = line.price
    return {
        "service": price.service,
        "what": price.what,
        "quantity": _number(line.quantity / price.unit),
        "each": _number(line.quantity / price.unit / found.count),
        "usd": str(price.usd),
        "per": price.per // price.unit,
        "tier": price.tier,
        "usd_per_million": _usd(found.usd_per_million(line.usd)),
        "usd_per_month": _usd(found.usd_per_month(line.usd, rate)),
    }


def _standing(line: Line) -> dict[str, Any]:
    price = line.price
    return {
        "service": price.service,
        "what": price.what,
        "quantity": _number(line.quantity),
        "usd": str(price.usd),
        "per": price.per,
        "usd_per_month": _usd(line.usd),
    }


def _functions(found: Bill, used: Counted, known: Prices) -> dict[str, Any]:
    """Each function that was invoked, the dearest first; its cost is of a million orders, as it was measured."""
    measured = {name: memory.measured(figures) for name, figures in used.get("lambda", {}).items()}
    rows = {name: _function(found, each, known) for name, each in measured.items() if each is not None}
    return dict(sorted(rows.items(), key=lambda row: -row[1]["usd_per_million"]))


def _function(found: Bill, function: Measured, known: Prices) -> dict[str, Any]:
    advice = memory.advise(function, known)
    return {
        "invocations": function.invocations,
        "mean_ms": _number(function.billed_ms / function.invocations),
        "computing_ms": None if function.computed_ms is None else _number(function.computed_ms / function.invocations),
        "memory_mb": function.memory_mb,
        "used_mb": function.used_mb,
        "usd_per_million": _usd(found.usd_per_million(memory.cost(function, known))),
        "sizes": [_size(size, function, found) for size in advice.sizes],
        "cheapest_mb": advice.cheapest.memory_mb,
        "balanced_mb": advice.balanced.memory_mb,
    }


def _at_share(functions: Mapping[str, Any]) -> list[float] | None:
    """What Lambda costs where functions compute with the part of a processor that AWS gives to their memory size."""
    present = [
        size["usd_per_million"]
        for figures in functions.values()
        for size in figures["sizes"]
        if size["memory_mb"] == figures["memory_mb"]
    ]
    return [round(sum(each), 4) for each in zip(*present, strict=True)] or None


def _size(size: Size, function: Measured, found: Bill) -> dict[str, Any]:
    """Dollars are of a million orders here, as everywhere."""
    invocations_each = Decimal(function.invocations) / found.count
    return {
        "memory_mb": size.memory_mb,
        "mean_ms": [float(round(ms, 1)) for ms in size.mean_ms],
        "usd_per_million": [_usd(usd * invocations_each) for usd in size.usd_per_million],
    }


def _usd(usd: Decimal) -> float:
    return float(usd.quantize(PLACES, ROUND_HALF_EVEN))


def _number(value: Decimal) -> float | int:
    """Six significant digits are plenty for what was counted; what is whole stays whole."""
    return int(value) if value == value.to_integral_value() else float(f"{value:.6g}")
