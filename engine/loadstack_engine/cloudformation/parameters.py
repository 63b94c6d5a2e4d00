"""Parameters that are lists or numbers, in the template that a stack had until now.

LocalStack takes them apart for the new template alone: an update or a deletion of a stack in which ``Fn::Select`` picks
from a ``CommaDelimitedList`` is refused, and a number that stays is a change.
"""

from typing import Any

from localstack.services.cloudformation.engine.v2.change_set_model_preproc import ChangeSetModelPreproc


def typed(value: Any, kind: Any) -> Any:
    """A parameter's value as ``Ref`` gives it; what is no text has been taken apart already."""
    if not isinstance(value, str) or not isinstance(kind, str):
        return value
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        return [each.strip() for each in value.split(",")]
    if kind == "Number":
        return float(value) if "." in value else int(value)
    return value


def use() -> None:
    visit = ChangeSetModelPreproc.visit_node_parameter

    def visit_node_parameter(preproc: ChangeSetModelPreproc, node: Any) -> Any:
        delta = visit(preproc, node)
        delta.before = typed(delta.before, preproc.visit(node.type_).before)
        return delta

    ChangeSetModelPreproc.visit_node_parameter = visit_node_parameter
