"""State machines. What their definitions refer to is substituted by name, as Step Functions has it."""

from collections.abc import Mapping
from typing import Any

from bootstrap.references import Arn, Ref
from bootstrap.state_machines import StateMachine
from bootstrap.template.names import Expression, expression, logical_id

_ANY_PARTITION = "arn:aws:"


def state_machine(declared: StateMachine) -> dict[str, Any]:
    substitutions: dict[str, Expression] = {}
    definition = _substituted(declared.definition, substitutions)
    return {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {
            "Name": declared.name,
            "Type": declared.type,
            "Role": expression(declared.role.arn()),
            "DefinitionSubstitutions": substitutions,
            "Definition": definition,
        },
    }


def _substituted(data: Any, substitutions: dict[str, Expression]) -> Any:
    """`data` with `${Name}` for each reference; what each name stands for is added to `substitutions`."""
    match data:
        case Arn(ref=ref, suffix=suffix):
            return f"{_named(f'{logical_id(ref)}Arn', ref.arn(), substitutions)}{suffix}"
        case Ref():
            return _named(f"{logical_id(data)}Name", data, substitutions)
        case str() if data.startswith(_ANY_PARTITION):
            substitutions["Partition"] = {"Ref": "AWS::Partition"}
            return "arn:${Partition}:" + data.removeprefix(_ANY_PARTITION)
        case Mapping():
            return {name: _substituted(item, substitutions) for name, item in data.items()}
        case tuple() | list():
            return [_substituted(item, substitutions) for item in data]
        case _:
            return data


def _named(name: str, value: Ref | Arn, substitutions: dict[str, Expression]) -> str:
    substitutions[name] = expression(value)
    return f"${{{name}}}"
