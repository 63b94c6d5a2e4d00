"""What a scenario offers, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from loadtests.arrivals.schedule import Share, Timetable
from loadtests.orders import Order
from loadtests.records import Placed


class Response(Protocol):
    """The part of Locust's responses that scenarios use. `content` is None when no answer came."""

    content: bytes | None

    @property
    def status_code(self) -> int:
        """The HTTP status; 0 when no answer came."""

    def failure(self, exc: str) -> None:
        """Count the request as failed, whatever its status, and say why."""


class Http(Protocol):
    """A keep-alive HTTP client that reports every request to Locust, as `FastHttpSession` is one.

    Requests whose `context` has an `arrival` are measured; the others (logging in) are not.
    """

    def request(
        self,
        method: str,
        url: str,
        *,
        name: str,
        catch_response: bool,
        headers: dict[str, str],
        data: str | None = None,
        context: Mapping[str, float] | None = None,
    ) -> AbstractContextManager[Response]:
        """Send it; the answer is complete when this returns, and is reported when the block ends."""


class Journey(Protocol):
    """One shopper's way through a scenario, or one process's in the open model. Greenlets share it."""

    def prepare(self, arrival: float) -> None:
        """Do what a shopper does before; never raises for what the stack answers."""

    def iterate(self, arrival: float) -> None:
        """Do what is measured, now; `arrival` is when it should have begun (epoch seconds). Never raises
        likewise.
        """


@runtime_checkable
class Timed(Protocol):
    """A journey that has to know when the run began, for what is done depends on the arrival's instant."""

    def begin(self, start: float) -> None:
        """The measured window begins at that instant (epoch seconds); called before the first arrival."""


@runtime_checkable
class Divisible(Protocol):
    """A scenario that tells each generating process less than all."""

    def part(self, shop: dict[str, Any], share: Share) -> dict[str, Any]:
        """What a process with that share of the arrivals needs of what `open` returned."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """The load of a run that names none: `rate` (arrivals a second) or `users`, for `duration_s` after `warmup_s`."""

    rate: float | None = 5.0
    users: int | None = None
    duration_s: float = 60.0
    warmup_s: float = 2.0


USUAL: Final = Defaults()


class Scenario(Protocol):
    """What the harness needs of a scenario. It keeps nothing between runs.

    `lead_s`: how long before it arrives an iteration is prepared. `unit`: what an arrival is, in the plural.
    """

    @property
    def lead_s(self) -> float:
        """Seconds; 0 or more."""

    @property
    def unit(self) -> str:
        """`orders`, `reads`, …"""

    @property
    def defaults(self) -> Defaults:
        """What counts where the command line is silent."""

    def schedule(self, rate: float, duration_s: float, /) -> Timetable:
        """The arrivals of a run at that rate, for that long; `rate` is what the scenario says it is."""

    def open(self, http: Http) -> dict[str, Any]:
        """Log in and learn what there is to buy; JSON values, shared by all processes. Raises SetupError."""

    def journey(
        self,
        http: Http,
        shop: dict[str, Any],
        prefix: str,
        placed: Callable[[Placed], None],
        seed: int,
        at_once: int = 1,
    ) -> Journey:
        """Make a journey. Its correlation ids start with `prefix`; `placed` is told of every order that was
        sent.

        `at_once` is how many of its iterations may well be under way at the same time; more is possible.
        """

    def close(self, http: Http, shop: dict[str, Any], orders: Sequence[Order]) -> dict[str, Any] | None:
        """What the shop says after the load and its drain, as JSON values (`Result.outcome`); None without any.

        `orders` are all of the run's, as they stand then; none where Locust's own UI runs the scenario.
        Never raises for what the stack answers: what it does not tell is None. When the run was ended it is cut off
        after two seconds.
        """
