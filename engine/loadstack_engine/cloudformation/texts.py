"""What CloudFormation's functions take for the same: everything is a text there, and a number or `true` is as it is
written. LocalStack compares what YAML and JSON made of it, so that `Default: false` is not equal to `"false"`.
"""

from typing import Any

from localstack.services.cloudformation.engine.v2.change_set_model_preproc import (
    ChangeSetModelPreproc,
    PreprocEntityDelta,
)


def as_text(value: Any) -> Any:
    """A number, true or false as a text; anything else as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def equal(arguments: Any, known: Any) -> Any:
    """Of a template with both arguments, whether they are the same text; of one without, what was ``known`` of it."""
    if not isinstance(arguments, list):
        return known
    first, second = map(as_text, arguments)
    return first == second


def use() -> None:
    equals_stock = ChangeSetModelPreproc.visit_node_intrinsic_function_fn_equals

    def visit_equals(preproc: ChangeSetModelPreproc, node: Any) -> Any:
        delta = equals_stock(preproc, node)
        given = preproc.visit(node.arguments)
        return PreprocEntityDelta(equal(given.before, delta.before), equal(given.after, delta.after))

    ChangeSetModelPreproc.visit_node_intrinsic_function_fn_equals = visit_equals
