"""What a run shall be, checked whole before anything starts."""

import re
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from loadtests.arrivals.schedule import PATTERNS, Pattern
from loadtests.errors import UsageError

DEFAULT_RATE: Final = 5.0
MAX_RATE: Final = 2_000.0
MAX_USERS: Final = 5_000
MAX_WORKERS: Final = 32
MAX_DURATION_S: Final = 24 * 3600.0
MAX_THINK_S: Final = 3600.0
API_PATH: Final = "/_aws/execute-api/shop/dev"

_DURATION = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<unit>ms|s|m|h|)")
_UNIT_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. Exactly one of `rate` (open model, arrivals a second) and `users` (closed model) is set.

    `warmup_s` of the same load run before the measured `duration_s`; `drain_s` is the longest wait for
    orders under way after the last arrival. `arrivals` is for the open model: evenly spaced, or the Poisson
    process that `seed` makes; `think_s` for the closed one: a user's pause between iterations, on average.
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

    @property
    def api(self) -> str:
        """The Shop API's address, without a slash at the end."""
        return self.host + API_PATH

    @property
    def model(self) -> Literal["open", "closed"]:
        """`open` when arrivals do not wait for answers, `closed` when each user does."""
        return "closed" if self.users is not None else "open"

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values; `Plan(**…)` reads them back (a worker process does)."""
        return asdict(self)


def parse_duration(text: str) -> float:
    """Seconds of `60`, `60s`, `1.5m`, `2h` or `500ms`. Raises ValueError for any other form."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration: write seconds (60), or 60s, 2m, 1h")
    return float(match["number"]) * _UNIT_S[match["unit"]]


def check(plan: Plan) -> Plan:
    """Return the plan unchanged, or raise UsageError naming the option and its bounds."""
    if plan.rate is not None and plan.users is not None:
        raise UsageError("--rate and --users exclude each other: arrivals at a rate, or users in a loop")
    if plan.rate is None and plan.users is None:
        raise UsageError("give --rate (arrivals a second) or --users (users in a loop)")
    if plan.rate is not None and not 0 < plan.rate <= MAX_RATE:
        raise UsageError(f"--rate must be above 0 and at most {MAX_RATE:g} arrivals a second, not {plan.rate:g}")
    if plan.users is not None and not 1 <= plan.users <= MAX_USERS:
        raise UsageError(f"--users must be 1 to {MAX_USERS}, not {plan.users}")
    if not 1 <= plan.workers <= MAX_WORKERS:
        raise UsageError(f"--workers must be 1 to {MAX_WORKERS} processes, not {plan.workers}")
    if plan.users is not None and plan.users < plan.workers:
        raise UsageError(f"--workers {plan.workers} is more than --users {plan.users}: some would have no user")
    if not 0 < plan.duration_s <= MAX_DURATION_S:
        raise UsageError(f"--duration must be above 0 and at most 24h, not {plan.duration_s:g} s")
    if not 0 <= plan.warmup_s <= MAX_DURATION_S:
        raise UsageError(f"--warmup must be 0 to 24h, not {plan.warmup_s:g} s")
    if not 0 <= plan.drain_s <= MAX_DURATION_S:
        raise UsageError(f"--drain must be 0 to 24h, not {plan.drain_s:g} s")
    _check_models(plan)
    _check_host(plan.host)
    return plan


def _check_models(plan: Plan) -> None:
    if plan.arrivals not in PATTERNS:
        raise UsageError(f"ARRIVALS must be one of {', '.join(PATTERNS)}, not {plan.arrivals!r}")
    if plan.arrivals != "even" and plan.users is not None:
        raise UsageError(f"ARRIVALS={plan.arrivals} is for RATE=…: with USERS=… arrivals follow from the answers")
    if not 0 <= plan.think_s <= MAX_THINK_S:
        raise UsageError(f"THINK must be 0 to 1h, not {plan.think_s:g} s")
    if plan.think_s and plan.users is None:
        raise UsageError("THINK=… is for USERS=…: arrivals at a rate wait for nobody")


def _check_host(host: str) -> None:
    try:
        parts = urlsplit(host)
        port_is_bad = parts.port == 0
    except ValueError:
        port_is_bad = True
        parts = urlsplit("")
    if port_is_bad or parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"--host must be an address such as http://127.0.0.1:4566, not {host!r}")
    if parts.query or parts.fragment or parts.username or any(each.isspace() for each in host):
        raise UsageError(f"--host takes an address alone, without spaces, user, query or fragment: {host!r}")
