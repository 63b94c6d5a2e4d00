"""The word for a state machine of Step Functions: part of `resources`, in a module of its own.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from bootstrap.references import Arn, Kind, Ref, Value, resolve


@dataclass(frozen=True, slots=True)
class StateMachine:
    """`definition` is the Amazon States Language as data; references in it stand for what they are elsewhere.

    The queue `dead_letters` gets the executions that failed for good, by a rule that the declaration has beside it:
    Step Functions itself keeps no dead letters.
    """

    kind: ClassVar[Kind] = Kind.STATE_MACHINE
    name: str
    definition: Mapping[str, Any]
    role: Ref
    dead_letters: Ref
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD"

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


def filled_in(data: Any, arn: Callable[[Ref], str]) -> Any:
    """`data` as plain JSON: each reference in it as the string that it stands for, where `arn` gives ARNs."""
    if isinstance(data, Ref | Arn):
        value: Value = data
        return resolve(value, arn)
    if isinstance(data, Mapping):
        return {name: filled_in(item, arn) for name, item in data.items()}
    if isinstance(data, tuple | list):
        return [filled_in(item, arn) for item in data]
    return data
