"""The grid: which settings are tried, and in which order. Standard library only: the set-up asks as well."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from bootstrap.flows import Flow
from sandbox.errors import UsageError

MOST_CELLS = 12
MOST_ROUNDS = 10
USUAL_ROUNDS = 4  # fewer tell no difference from chance
_LEAST_MB, _MOST_MB = 128, 10_240  # as Lambda has them
_MOST_BATCH = 10  # more wants a batching window, which would be another thing to compare
_BOTH_FLOWS = ",".join(Flow)
# What the stack of this checkout is made for, and others' is not; and what would want its workers anew for each run.
_NOT_HERE = {
    "HOST": "make load-matrix deploys each cell to this checkout's sandbox, and empties it: leave HOST out.",
    "ENDPOINT": "make load-matrix deploys each cell to this checkout's sandbox, and empties it: leave ENDPOINT out.",
    "MASTER": "make load-matrix runs many loads, and MASTER's workers end with the first: give WORKERS.",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting of the stack; None: as it is (`flow`), or as the shop declares it."""

    flow: Flow | None = None
    memory_mb: int | None = None
    batch_size: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        told = (
            self.flow or "",
            f"{self.memory_mb} MB" if self.memory_mb else "",
            f"batch {self.batch_size}" if self.batch_size else "",
        )
        return " · ".join(part for part in told if part) or "as it is"


@dataclass(frozen=True, slots=True)
class Grid:
    """Every cell is run once in each round; `words` are the settings as they were given, in their order."""

    cells: tuple[Cell, ...]
    rounds: int
    words: Mapping[str, str]

    @property
    def runs(self) -> int:
        return len(self.cells) * self.rounds

    def order(self) -> Iterator[tuple[int, int]]:
        """Round, from 1, and number of the cell, from 0: there and back again. A machine that becomes slower or faster
        evenly then does so for all cells alike, where the rounds are an even number.
        """
        there = range(len(self.cells))
        for number in range(1, self.rounds + 1):
            yield from ((number, cell) for cell in (there if number % 2 else reversed(there)))


def from_environment(environment: Mapping[str, str]) -> Grid:
    """``FLOW``, ``MEMORY`` and ``BATCH``, each a list with commas between, and ``ROUNDS``. Both flows where none of the
    lists is given.

    Raises:
        UsageError: a value is none, or twice there; nothing to compare, or more than `MOST_CELLS` cells.
    """
    for word, why in _NOT_HERE.items():
        if environment.get(word):
            raise UsageError(f"{word}={environment[word]}: {why}")
    words = {word: environment[word] for word in ("FLOW", "MEMORY", "BATCH") if environment.get(word)}
    words = words or {"FLOW": _BOTH_FLOWS}
    rounds = _whole("ROUNDS", environment.get("ROUNDS") or str(USUAL_ROUNDS), 1, MOST_ROUNDS)
    flows = _values(words, "FLOW", _flow)
    memories = _values(words, "MEMORY", lambda text: _whole("MEMORY", text, _LEAST_MB, _MOST_MB))
    batches = _values(words, "BATCH", lambda text: _whole("BATCH", text, 1, _MOST_BATCH))
    cells = tuple(Cell(*each) for each in product(flows, memories, batches))
    given = " ".join(f"{word}={value}" for word, value in words.items())
    if len(cells) < 2:
        raise UsageError(f"{given} is one cell, with nothing to compare it to: give two values, as in BATCH=1,10.")
    if len(cells) > MOST_CELLS:
        raise UsageError(f"{given} are {len(cells)} cells: at most {MOST_CELLS} are run; leave some values out.")
    return Grid(cells, rounds, words)


def _values[T](words: Mapping[str, str], word: str, read: Callable[[str], T]) -> list[T | None]:
    """What the list of that word has; one None where the word is not given."""
    if word not in words:
        return [None]
    found: list[T | None] = []
    for text in words[word].split(","):
        value = read(text.strip())
        if value in found:
            raise UsageError(f"{word}={words[word]} has {text.strip()} twice: name each once.")
        found.append(value)
    return found


def _flow(text: str) -> Flow:
    if text not in {*Flow}:
        raise UsageError(f"FLOW={text} is unknown: there are choreography and saga, as in FLOW={_BOTH_FLOWS}.")
    return Flow(text)


def _whole(word: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise UsageError(f"{word}={text} is out of bounds: whole numbers from {least} to {most}.")
    return int(text)
