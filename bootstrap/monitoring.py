"""The words of the declaration for what watches the stack: metrics, alarms, dashboards.

They belong to those of `resources`, and need none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from bootstrap.references import Kind, Ref, Value

type Statistic = Literal["SampleCount", "Average", "Sum", "Minimum", "Maximum"]
type Comparison = Literal[
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
]
type Missing = Literal["missing", "ignore", "breaching", "notBreaching"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of CloudWatch: exactly the one with these dimensions."""

    namespace: str
    name: str
    dimensions: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm on one metric; `actions` are topics, told when it fires and when it is over.

    `period` in seconds. It fires when `datapoints_to_alarm` of the last `evaluation_periods` values cross the
    threshold.
    """

    kind: ClassVar[Kind] = Kind.ALARM
    name: str
    description: str
    metric: Metric
    statistic: Statistic
    threshold: float
    actions: tuple[Ref, ...]
    comparison: Comparison = "GreaterThanOrEqualToThreshold"
    period: int = 60
    evaluation_periods: int = 1
    datapoints_to_alarm: int = 1
    missing_data: Missing = "notBreaching"

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a graph."""

    metric: Metric
    label: str
    statistic: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A widget with a line for each metric, a value a minute."""

    title: str
    lines: tuple[Line, ...]
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class AlarmStates:
    """A widget with a field for each alarm, in the colour of its state."""

    title: str
    alarms: tuple[Ref, ...]


type Widget = Graph | AlarmStates


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard; its widgets stand two in a row."""

    kind: ClassVar[Kind] = Kind.DASHBOARD
    name: str
    widgets: tuple[Widget, ...]

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)
