"""What another memory size would do to a function's duration and cost.

The assumption, which is what AWS says of Lambda
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html): processor time is given in proportion to
memory, and 1,769 MB are one processor. Functions run one thread here, and more processors help them no further. So of a
duration what the function computes takes longer below 1,769 MB, and what it waits for (DynamoDB, queues) takes as long
at any size. What was measured here is a function with a whole processor of this machine, which stands for AWS's.
Inits are apart: here a process is forked that has the libraries, which tells nothing of AWS's; what they took stays as
it was measured, at any size.

Cost is then memory times waiting, plus computing, which costs the same at any size up to 1,769 MB: a smaller size never
costs more, it takes longer. So beside the cheapest size that holds the function there is a balance of both, as AWS
Lambda Power Tuning (https://github.com/alexcasalboni/aws-lambda-power-tuning) has it: the least mean of cost and
duration, each as a share of its worst. That project measures on AWS; this is an estimate of what to try there.

Where the engine does not tell how much was computed, there are two bounds: all of it waiting, all of it computing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from loadtests.cost.bill import MILLION
from loadtests.cost.prices import Prices
from loadtests.cost.usage import MB_OF_GB, MS_OF_S, NONE

ONE_PROCESSOR_MB: Final = 1769
SIZES_MB: Final = (128, 256, 512, 1024, 1536, 1769, 3008)
"""Those that Power Tuning tries by default, and the one that is a whole processor."""

ROOM: Final = Decimal("1.2")
"""A size must be so many times the most that was used: another day's requests take more."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A function's invocations in a run. `computed_ms` is processor time without that of inits, at most the billed time
    without theirs; None if unknown;
    `used_mb` the most memory that an invocation used, None if unknown.
    """

    invocations: int
    billed_ms: Decimal
    memory_mb: int
    computed_ms: Decimal | None = None
    used_mb: int | None = None


type Bounds = tuple[Decimal, Decimal]
"""From, to; the same twice where nothing is unknown."""


@dataclass(frozen=True, slots=True)
class Size:
    """An estimate for the mean invocation: its milliseconds, and the dollars of a million as it."""

    memory_mb: int
    mean_ms: Bounds
    usd_per_million: Bounds


@dataclass(frozen=True, slots=True)
class Advice:
    """`sizes` that hold the function, ascending, the present one among them; `cheapest` and `balanced` are of these."""

    sizes: tuple[Size, ...]
    present: Size
    cheapest: Size
    balanced: Size


def measured(function: Mapping[str, Any]) -> Measured | None:
    """Of the engine's counters; None for a function that was not invoked, or whose size is not told."""
    if not function.get("requests") or not function.get("memory_mb"):
        return None
    billed = Decimal(str(function["billed_ms"]))
    computed = function.get("cpu_ms")
    ran = billed - Decimal(str(function.get("init_ms") or 0))
    return Measured(
        invocations=int(function["requests"]),
        billed_ms=billed,
        memory_mb=int(function["memory_mb"]),
        computed_ms=None if computed is None else min(max(ran, NONE), Decimal(str(computed))),
        used_mb=function.get("max_memory_used_mb"),
    )


def advise(function: Measured, prices: Prices) -> Advice:
    """Estimate each size that holds the function: the present one at least, smaller ones where its memory is known."""
    sizes = tuple(_estimate(function, memory_mb, prices) for memory_mb in _that_hold(function))
    return Advice(
        sizes=sizes,
        present=next(size for size in sizes if size.memory_mb == function.memory_mb),
        cheapest=min(sizes, key=_by_cost),
        balanced=_balanced(sizes),
    )


def cost(function: Measured, prices: Prices) -> Decimal:
    """Dollars of all its invocations, as they were measured."""
    return _usd(function.billed_ms / function.invocations, function.memory_mb, prices) / MILLION * function.invocations


def _that_hold(function: Measured) -> list[int]:
    least = function.memory_mb if function.used_mb is None else function.used_mb * ROOM
    return sorted({function.memory_mb, *(size for size in SIZES_MB if size >= least)})


def _estimate(function: Measured, memory_mb: int, prices: Prices) -> Size:
    computed = (Decimal(0), function.billed_ms) if function.computed_ms is None else (function.computed_ms,) * 2
    least, most = (_mean_ms(function, each, memory_mb) for each in computed)
    return Size(memory_mb, (least, most), (_usd(least, memory_mb, prices), _usd(most, memory_mb, prices)))


def _mean_ms(function: Measured, computed_ms: Decimal, memory_mb: int) -> Decimal:
    """What was measured had a processor of its own, whatever its memory."""
    share = min(Decimal(1), Decimal(memory_mb) / ONE_PROCESSOR_MB)
    return (function.billed_ms - computed_ms + computed_ms / share) / function.invocations


def _usd(mean_ms: Decimal, memory_mb: int, prices: Prices) -> Decimal:
    gb_seconds = mean_ms * memory_mb / MB_OF_GB / MS_OF_S
    return MILLION * (prices["lambda.gb_seconds"].of(gb_seconds) + prices["lambda.requests"].of(Decimal(1)))


def _by_cost(size: Size) -> tuple[Decimal, Decimal]:
    """Of two that cost the same the quicker one comes first."""
    return round(_middle(size.usd_per_million), 9), _middle(size.mean_ms)


def _balanced(sizes: Sequence[Size]) -> Size:
    dearest = max(_middle(size.usd_per_million) for size in sizes)
    slowest = max(_middle(size.mean_ms) for size in sizes)

    def share_of_worst(size: Size) -> Decimal:
        return _middle(size.usd_per_million) / dearest + (_middle(size.mean_ms) / slowest if slowest else Decimal(0))

    return min(sizes, key=share_of_worst)


def _middle(bounds: Bounds) -> Decimal:
    return (bounds[0] + bounds[1]) / 2
