"""What a run shall be, checked whole before anything starts."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from loadtests import master
from loadtests.address import Address, resolve
from loadtests.arrivals.schedule import PATTERNS, Pattern
from loadtests.errors import UsageError

DRAIN_S: Final = 30.0
MAX_RATE: Final = 2_000.0
MAX_USERS: Final = 5_000
MAX_WORKERS: Final = 32
MAX_DURATION_S: Final = 24 * 3600.0
MAX_THINK_S: Final = 3600.0
MAX_ARRIVALS: Final = 400_000
"""Of one run, warm-up included: their rows are kept in memory until the report is written, about 4 kB each where one
process does it all (measured: 1.5 kB in the order book, 2.3 kB as rows), so 1.6 GB.
"""

_NUMBER: Final = r"\d+(?:\.\d+)?"
_SECONDS = re.compile(_NUMBER)
_DURATION = re.compile(
    rf"(?:(?P<h>{_NUMBER})h)?(?:(?P<m>{_NUMBER})m(?!s))?(?:(?P<s>{_NUMBER})s)?(?:(?P<ms>{_NUMBER})ms)?"
)
_UNIT_S: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. Exactly one of `rate` (open model, arrivals a second) and `users` (closed model) is set.

    `warmup_s` of the same load run before the measured `duration_s`; `drain_s` is the longest wait for
    orders under way after the last arrival. `arrivals` is for the open model: evenly spaced, jittered, or the Poisson
    process that `seed` makes; `think_s` for the closed one: a user's pause between iterations, on average.
    With a `master` (`ADDRESS:PORT`) the `workers` are not started, but waited for there.
    `host`, `endpoint` and `slo` are as they were given: see `address`; `slo` is the name of a file of rules,
    None for the defaults. With a `port` the host is this checkout's sandbox there, which `make load` brings up.
    With a `rate_max` it is many runs: a search from `rate` up to there, for a bracket as narrow as `precision`, of
    which each step lasts `duration_s` (`breakpoint`).
    With a `log` (its file's name) the arrivals are those that it has from `since` to `until`, as these were given,
    `speed` times as fast; `rate` is then their mean, and `seed` that of their place within a minute (see `replay`).
    """

    scenario: str
    host: str
    rate: float | None
    users: int | None
    duration_s: float
    warmup_s: float
    drain_s: float
    workers: int
    engine: str | None = None
    arrivals: Pattern = "even"
    think_s: float = 0.0
    seed: int = 1
    endpoint: str | None = None
    slo: str | None = None
    master: str | None = None
    port: int | None = None
    rate_max: float | None = None
    precision: float | None = None
    log: str | None = None
    speed: float = 600.0
    since: str | None = None
    until: str | None = None

    @property
    def address(self) -> Address:
        """Where the Shop API is, and the AWS endpoint."""
        return resolve(self.host, self.endpoint)

    @property
    def api(self) -> str:
        """The Shop API's address, without a slash at the end."""
        return self.address.api

    @property
    def is_distributed(self) -> bool:
        """Whether other processes than the main one generate the load."""
        return self.workers > 1 or self.master is not None

    @property
    def model(self) -> Literal["open", "closed"]:
        """`open` when arrivals do not wait for answers, `closed` when each user does."""
        return "closed" if self.users is not None else "open"

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values; `Plan(**…)` reads them back (a worker process does)."""
        return asdict(self)


def parse_duration(text: str) -> float:
    """Seconds of `60`, `60s`, `1.5m`, `2h`, `1h30m` or `500ms`. Raises ValueError for any other form."""
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError(f"{text!r} is no duration: write seconds (60), or 60s, 2m, 1h30m")
    return sum(float(number) * _UNIT_S[unit] for unit, number in match.groupdict(default="0").items())


def said(name: str, value: float, typed: Mapping[str, str]) -> str:
    """`DURATION=90m` as it was typed; where it was not, the value."""
    return f"{name}={typed.get(name, f'{value:.12g}')}"


def check(plan: Plan, typed: Mapping[str, str] = MappingProxyType({})) -> Plan:
    """Return the plan unchanged, or raise UsageError naming the setting and its bounds.

    `typed` has what the user wrote, by variable: messages repeat it.
    """
    rate, users, workers = plan.rate, plan.users, plan.workers
    if rate is not None and users is not None:
        raise UsageError("RATE and USERS exclude each other: arrivals at a rate, or users in a loop")
    if rate is None and users is None:
        raise UsageError("give RATE (arrivals a second) or USERS (users in a loop)")
    if rate is not None and not 0 < rate <= MAX_RATE:
        raise UsageError(
            f"{said('RATE', rate, typed)} is out of bounds: above 0, at most {MAX_RATE:g} arrivals a second"
        )
    if users is not None and not 1 <= users <= MAX_USERS:
        raise UsageError(f"{said('USERS', users, typed)} is out of bounds: 1 to {MAX_USERS}")
    if not 1 <= workers <= MAX_WORKERS:
        raise UsageError(f"{said('WORKERS', workers, typed)} is out of bounds: 1 to {MAX_WORKERS} processes")
    if users is not None and users < workers:
        raise UsageError(f"WORKERS={workers} is more than USERS={users}: some would have no user")
    if not 0 < plan.duration_s <= MAX_DURATION_S:
        raise UsageError(f"{said('DURATION', plan.duration_s, typed)} is out of bounds: above 0, at most 24h")
    if not 0 <= plan.warmup_s <= MAX_DURATION_S:
        raise UsageError(f"{said('WARMUP', plan.warmup_s, typed)} is out of bounds: 0 to 24h")
    if not 0 <= plan.drain_s <= MAX_DURATION_S:
        raise UsageError(f"{said('DRAIN', plan.drain_s, typed)} is out of bounds: 0 to 24h")
    _check_models(plan, typed)
    if plan.master is not None:
        master.read(plan.master)
    resolve(plan.host, plan.endpoint)
    return plan


def _check_models(plan: Plan, typed: Mapping[str, str]) -> None:
    if plan.arrivals not in PATTERNS:
        raise UsageError(f"ARRIVALS={plan.arrivals} is not known; there are: {', '.join(PATTERNS)}")
    if plan.arrivals != "even" and plan.users is not None:
        raise UsageError(f"ARRIVALS={plan.arrivals} is for RATE=…: with USERS=… arrivals follow from the answers")
    if not 0 <= plan.think_s <= MAX_THINK_S:
        raise UsageError(f"{said('THINK', plan.think_s, typed)} is out of bounds: 0 to 1h")
    if plan.think_s and plan.users is None:
        raise UsageError("THINK=… is for USERS=…: arrivals at a rate wait for nobody")
    if "SEED" in typed and plan.arrivals == "even" and not plan.think_s and plan.log is None:
        raise UsageError("SEED=… is for ARRIVALS=poisson or jittered, THINK=… or LOG=…: nothing else is left to chance")
