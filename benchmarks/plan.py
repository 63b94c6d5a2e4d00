"""What a run is to do, checked whole before anything starts."""

from dataclasses import dataclass, replace

from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.contenders.localstack import variant_settings
from benchmarks.errors import UsageError
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.base import Scenario

DEFAULT_ROUNDS = 3


@dataclass(frozen=True)
class Plan:
    """Scenarios and contenders in the order in which they are gone through.

    ``warm_ping_s`` and ``warm_orders_s`` are the loads before the first round: long enough for a function process for
    each connection, and for DynamoDB Local's compiler.
    """

    scenarios: tuple[Scenario, ...]
    contenders: tuple[Contender, ...]
    rounds: int
    warm_ping_s: float = 2.0
    warm_orders_s: float = 4.0


def check(only: str | None, contenders: str | None, rounds: int) -> Plan:
    """From the words of the command: names with commas between, None or empty for the default, which is all.

    Raises:
        UsageError: a name is unknown, or fewer than one round.
    """
    if rounds < 1:
        raise UsageError(f"ROUNDS={rounds}: give a whole number of at least 1.")
    default = ",".join(name for name, each in CONTENDERS.items() if each.by_default)
    scenarios = tuple(_named("ONLY", SCENARIOS, only or ",".join(SCENARIOS)))
    chosen = _named("CONTENDERS", CONTENDERS, contenders or default)
    if contenders:
        chosen = [replace(each, optional=False) for each in chosen]
    if CONTENDERS["variant"] in chosen:
        variant_settings()
    taking_part = tuple(each for each in chosen if any(each.takes_part(scenario.name) for scenario in scenarios))
    if not taking_part:
        raise UsageError(f"None of CONTENDERS={contenders} takes part in ONLY={only}.")
    return Plan(scenarios, taking_part, rounds)


def _named[T](variable: str, known: dict[str, T], words: str) -> list[T]:
    names = [word.strip() for word in words.split(",") if word.strip()]
    for name in names:
        if name not in known:
            raise UsageError(f"{variable}: there is no {name}; there are {', '.join(known)}.")
    return [value for name, value in known.items() if name in names]
