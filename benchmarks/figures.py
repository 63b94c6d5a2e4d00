"""All values of a run, by contender, cell and metric."""

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.statistics import Figure, figure, ratio

Key = tuple[str, str, str]


class Figures:
    """``values`` has a value for each round, None where a round gave none."""

    def __init__(self, values: Mapping[Key, Sequence[float | None]]) -> None:
        self._values = values

    @classmethod
    def of(cls, rounds: int, samples: Iterable[tuple[int, str, str, Mapping[str, float | None]]]) -> "Figures":
        """From ``(round, contender, cell, values by metric)``, rounds counted from one."""
        values: dict[Key, list[float | None]] = {}
        for number, contender, cell, measured in samples:
            for metric, value in measured.items():
                values.setdefault((contender, cell, metric), [None] * rounds)[number - 1] = value
        return cls(values)

    def metrics(self, cell: str) -> list[str]:
        """The metrics of a cell, in the order in which they were first given."""
        return list(dict.fromkeys(metric for _, of, metric in self._values if of == cell))

    def figure(self, contender: str, cell: str, metric: str) -> Figure | None:
        return figure(self._values.get((contender, cell, metric), ()))

    def ratio(self, ours: str, theirs: str, cell: str, metric: str) -> Figure | None:
        """Ours by theirs; None where one was not measured."""
        both = [self._values.get((name, cell, metric)) for name in (ours, theirs)]
        return ratio(both[0], both[1]) if both[0] and both[1] else None
