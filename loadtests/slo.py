"""Service level objectives: rules about the summary, as data.

A rule is `<path> <comparison> <number>`, for example

    async.order.p95_ms < 1000
    sync.POST /orders.failure_rate < 0.01
    orders.lost == 0

The path is looked up in the summary's shape, its parts divided by dots. `failure_rate` is failures by count.
What has no value (nothing measured, or not measurable here) cannot be shown to hold, so the rule fails.

A file of rules has a table for each scenario, `[order]`, with the key `rules` and no other.
"""

from __future__ import annotations

import operator
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import permutations, product
from pathlib import Path
from typing import Any, Final, TypedDict

from loadtests import scenarios
from loadtests.errors import UsageError
from loadtests.orders import STAGES

DEFAULTS: Final = Path(__file__).with_name("slo.toml")

_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_SIGNS = re.compile(r"[<>=!~]+(?=[^<>=!~]*$)")
_RULE = re.compile(r"(?P<path>.+?)\s*(?P<comparison><=|>=|==|!=|<|>)\s*(?P<limit>-?\d+(\.\d+)?)")

_PERCENTILES: Final = frozenset({"count", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms"})
_COUNTS: Final = frozenset(
    {"accepted", "confirmed", "rejected", "cancelled", "lost", "duplicated", "late", "out_of_order"}
)
_FUNCTION: Final = frozenset(
    {"invocations", "errors", "throttles", "cold_starts", "p50_ms", "p99_ms", "max_concurrency"}
)
_STOCK: Final = frozenset({"before", "after", "confirmed_units", "expected_units", "difference", "unaccounted"})
_REPLAY: Final = frozenset(
    {"not_final", "arrivals_off_ms", "arrivals_off_percent", "revenue_difference", "orders_difference", "guest_orders"}
)
_RUN: Final = frozenset({"intended", "dropped", "dead_letters", "late_p99_ms", "not_accepted", "unnotified"})

_RECOVERY: Final = frozenset(
    {"depth_before", "peak_depth", "peak_age_s", "queue_back_after_s", "peak_latency_ms", "latency_back_after_s"}
)

SEARCH: Final = "breakpoint"
"""Rules about what a search found in the end; the others are about each of its steps."""

ANY: Final = "<name>"
REQUEST: Final = "<METHOD> /<path>"
HOP: Final = "<stage>→<stage>"
_STAGE: Final = "|".join(("sent", *STAGES))
_NAMES: Final[Mapping[str, re.Pattern[str]]] = {
    ANY: re.compile(r".+"),
    REQUEST: re.compile(r"(GET|POST|PUT|PATCH|DELETE) /\S*"),
    HOP: re.compile(f"({_STAGE})→({_STAGE})"),
}
_EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    REQUEST: ("POST /orders", "GET /products"),
    HOP: tuple(map("→".join, permutations(("sent", *STAGES), 2))),
}
_PATHS: Final[tuple[tuple[tuple[str, ...], frozenset[str]], ...]] = (
    (("orders",), _COUNTS),
    (("sync", REQUEST), _PERCENTILES | {"failures", "failure_rate"}),
    (("async", "order"), _PERCENTILES),
    (("async", "stages", HOP), _PERCENTILES),
    (("functions", ANY), _FUNCTION),
    (("queues", ANY), frozenset({"max_depth", "max_age_s", "dead_letters"})),
    (("recovery",), _RECOVERY),
    (("drift", "latency"), frozenset({"first_p50_ms", "last_p50_ms", "ratio"})),
    (("drift", "cpu"), frozenset({"first_ms_per_order", "last_ms_per_order", "ratio"})),
    (("drift", "memory", ANY), frozenset({"first_mb", "last_mb", "mb_per_hour"})),
    (("stock",), _STOCK),
    (("replay",), _REPLAY),
    (("run",), _RUN),
    (("run", "warmup"), _COUNTS),
    ((SEARCH,), frozenset({"rate_per_s", "low", "high", "uncertainty_percent"})),
    (("cost",), frozenset({"usd_per_million", "usd_per_month", "standing_usd_per_month"})),
)
"""Where rules may look, and for what: a misspelt path is found before the run, not after an hour of it."""


class Result(TypedDict):
    """A rule, the value that was found (None: there was none) and whether it holds."""

    rule: str
    value: float | None
    ok: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One checked rule."""

    text: str
    path: tuple[str, ...]
    comparison: str
    limit: float

    @property
    def is_of_search(self) -> bool:
        """Whether it is about the result of a search, and not about a run at one rate."""
        return self.path[0] == SEARCH

    def judge(self, summary: Mapping[str, Any]) -> Result:
        """Look the value up and compare. No such entry, or null: `value` None, `ok` False."""
        value = _look_up(summary, self.path)
        ok = value is not None and _COMPARISONS[self.comparison](value, self.limit)
        return Result(rule=self.text, value=value, ok=ok)


def parse(text: str) -> Rule:
    """Read one rule. Raises UsageError, naming the rule and what is wrong with it."""
    signs = _SIGNS.search(text)
    if signs is not None and signs[0] not in _COMPARISONS:
        raise UsageError(f"SLO {text!r}: {signs[0]!r} is no comparison; there are {' '.join(_COMPARISONS)}")
    match = _RULE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"SLO {text!r}: write <path> <comparison> <number>, as in 'async.order.p95_ms < 1000'")
    path = tuple(part.strip() for part in match["path"].split("."))
    if not any(_fits(path, where, leaves) for where, leaves in _PATHS):
        raise UsageError(f"SLO {text!r}: no such figure {match['path']!r}; {_hint(match['path'])}")
    return Rule(text.strip(), path, match["comparison"], float(match["limit"]))


def load(scenario: str, file: Path | None = None) -> list[Rule]:
    """Read all rules of a scenario, from the file given or the defaults.

    The whole file is checked, also what it says of other scenarios. Raises UsageError, naming the file, where it
    cannot be read, is no TOML of the form `[scenario] rules = […]`, names a scenario that there is not, has a bad
    rule, or does not name the scenario asked for: a run without any rule is asked for by `rules = []`.
    """
    path = file or DEFAULTS
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = {name: [parse(text) for text in _texts(name, table)] for name, table in tables.items()}
    except OSError as error:
        raise UsageError(f"SLO={path} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"SLO={path} is no TOML: {error}") from error
    except UsageError as error:
        raise UsageError(f"SLO={path}: {error}") from error
    if scenario not in rules:
        raise UsageError(f'SLO={path} has no rules for the scenario {scenario}: add [{scenario}] rules = ["…"]')
    return rules[scenario]


def is_judged(entry: Mapping[str, Any], state: str) -> bool:
    """Whether the run can be held to this rule: one without a value fails a whole run, but one that was ended may just
    not have come so far.
    """
    return entry["value"] is not None or state == "complete"


def judge(rules: Iterable[Rule], summary: Mapping[str, Any]) -> list[Result]:
    """Judge every rule; none is skipped because another failed."""
    return [rule.judge(summary) for rule in rules]


def is_slow(judged: Iterable[Result]) -> bool:
    """Whether something took longer than a rule allows."""
    return any(
        not entry["ok"] and entry["value"] is not None and "_ms" in entry["rule"] and "<" in entry["rule"]
        for entry in judged
    )


def _texts(name: str, table: object) -> list[str]:
    if name not in scenarios.MODULES:
        raise UsageError(f"[{name}] is no scenario; there are {', '.join(sorted(scenarios.MODULES))}")
    texts = table.get("rules") if isinstance(table, dict) else None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise UsageError(f'[{name}] needs rules = ["…", …], a list of texts')
    if isinstance(table, dict) and (more := sorted(table.keys() - {"rules"})):
        raise UsageError(f"[{name}] has {', '.join(more)}, but rules is all that there can be")
    return texts


def _fits(path: tuple[str, ...], where: tuple[str, ...], leaves: frozenset[str]) -> bool:
    return (
        len(path) == len(where) + 1
        and path[-1] in leaves
        and all(_is_named(part, expected) for part, expected in zip(path, where, strict=False))
    )


def _is_named(part: str, expected: str) -> bool:
    return bool(_NAMES[expected].fullmatch(part)) if expected in _NAMES else part == expected


def _hint(path: str) -> str:
    """The figures that are written alike; where there are none, how figures begin."""
    parts = path.split(".")
    figures = [figure for where, leaves in _PATHS for figure in _figures(parts, where, leaves)]
    if alike := get_close_matches(path, figures, n=2):
        return f"did you mean {' or '.join(alike)}?"
    return f"figures begin with {', '.join(dict.fromkeys(where[0] for where, _ in _PATHS))}"


def _figures(parts: list[str], where: tuple[str, ...], leaves: frozenset[str]) -> Iterable[str]:
    """Every figure of an entry, with the names that were given where names of that kind can be, else with examples."""
    given = [*parts, *[""] * len(where)]
    choices = [
        (part,) if _is_named(part, expected) else _EXAMPLES.get(expected, (expected,))
        for part, expected in zip(given, where, strict=False)
    ]
    return (".".join(figure) for figure in product(*choices, sorted(leaves)))


def _look_up(summary: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    node: Any = summary
    for part in path[:-1]:
        node = node.get(part) if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping):
        return None
    if path[-1] == "failure_rate":
        return float(node["failures"]) / node["count"] if node.get("count") else None
    value = node.get(path[-1])
    return None if value is None else float(value)
