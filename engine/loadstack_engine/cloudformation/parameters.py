"""Parameters that are lists or numbers, in the template that a stack had until now; and defaults that are no texts.

LocalStack takes lists and numbers apart for the new template alone: an update or a deletion of a stack in which
``Fn::Select`` picks from a ``CommaDelimitedList`` is refused, and a number that stays is a change. A default that is
``true`` or ``false`` it hands on as such, where CloudFormation has a text.
"""

from typing import Any

from localstack.services.cloudformation.engine.v2.change_set_model_preproc import ChangeSetModelPreproc

from loadstack_engine.cloudformation.texts import as_text


def typed(value: Any, kind: Any) -> Any:
    """A parameter's value as ``Ref`` gives it; what is no text has been taken apart already."""
    if isinstance(value, bool):
        return as_text(value)
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
        kind = preproc.visit(node.type_)
        delta.before, delta.after = typed(delta.before, kind.before), typed(delta.after, kind.after)
        return delta

    ChangeSetModelPreproc.visit_node_parameter = visit_node_parameter
