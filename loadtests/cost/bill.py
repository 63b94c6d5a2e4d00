"""The bill of a load: how much of each thing it used, for how many orders, and what that makes a million and a month.

All sums are of decimals, rounded only where they are told; so they can be computed again by hand, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from loadtests.cost.prices import Price, Prices
from loadtests.cost.usage import NONE, Counted, polled_queues, quantities

MILLION: Final = 1_000_000
HOURS_OF_MONTH: Final = 730
"""As AWS's calculator has it: https://docs.aws.amazon.com/pricing-calculator/latest/userguide/"""

SECONDS_OF_MONTH: Final = HOURS_OF_MONTH * 3600
IDLE_POLLS_A_MONTH: Final = 5 * SECONDS_OF_MONTH // 20
"""Of a queue that a function listens to: Lambda begins with five polls at once
(https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html), each of which may wait 20 s, SQS's longest
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html). How long
Lambda's do wait AWS does not say: an assumption.
"""

_STANDING: Final = ("alarms", "dashboards", "custom_metrics")


@dataclass(frozen=True, slots=True)
class Line:
    """So much of one thing, at its price."""

    price: Price
    quantity: Decimal

    @property
    def usd(self) -> Decimal:
        """What it costs."""
        return self.price.of(self.quantity)


@dataclass(frozen=True, slots=True)
class Bill:
    """`lines` of what `count` orders (or requests) used; `standing`, a month, of what costs without any."""

    count: int
    lines: tuple[Line, ...]
    standing: tuple[Line, ...]

    @property
    def usd(self) -> Decimal:
        """Of all that was used."""
        return total(self.lines)

    def usd_per_million(self, usd: Decimal) -> Decimal:
        """A part of what was used, for a million as these."""
        return usd / self.count * MILLION

    def usd_per_month(self, usd: Decimal, rate_per_s: Decimal) -> Decimal:
        """A part of what was used, for a month with so many a second."""
        return usd / self.count * rate_per_s * SECONDS_OF_MONTH

    def by_service(self) -> dict[str, Decimal]:
        """What was used, summed by service, the dearest first."""
        services = dict.fromkeys(line.price.service for line in self.lines)
        sums = {name: total(line for line in self.lines if line.price.service == name) for name in services}
        return dict(sorted(sums.items(), key=lambda each: -each[1]))


def bill(usage: Counted, prices: Prices, count: int) -> Bill:
    """Price what was used for `count` orders, which are at least one. Lines of nothing are left out."""
    lines = [Line(prices[key], quantity) for key, quantity in quantities(usage).items() if quantity]
    return Bill(count, tuple(lines), tuple(_standing(usage, prices)))


def total(lines: Iterable[Line]) -> Decimal:
    """The sum of what they cost."""
    return sum((line.usd for line in lines), NONE)


def _standing(usage: Counted, prices: Prices) -> Iterator[Line]:
    there = usage.get("cloudwatch", {})
    counts: Mapping[str, int] = {
        **{f"cloudwatch.{key}": there.get(key) or 0 for key in _STANDING},
        "secretsmanager.secrets": usage.get("secretsmanager", {}).get("secrets") or 0,
        "sqs.idle_polls": polled_queues(usage) * IDLE_POLLS_A_MONTH,
    }
    for key, count in counts.items():
        if count:
            yield Line(prices[key], Decimal(count))
