"""Updates that turn a condition round: what it brings is made, what it takes away is deleted.

LocalStack leaves out every resource whose condition is false now, so that those which it took away stay for ever, and
works out each property for the old and the new template alike: a reference to what is in one of them only ends the
update.
"""

from typing import Any

from localstack.services.cloudformation.engine.v2.change_set_model import NodeResources, is_nothing
from localstack.services.cloudformation.engine.v2.change_set_model_preproc import (
    ChangeSetModelPreproc,
    PreprocEntityDelta,
)
from localstack.services.cloudformation.engine.validations import ValidationError

# In the place of a reference to what is in the other template only: a text, for it may be a part of one.
_NOBODY_ASKS = ""


def visit_resources(preproc: ChangeSetModelPreproc, node_resources: NodeResources) -> None:
    for resource in node_resources.resources:
        if not is_nothing(resource.condition_reference):
            condition = preproc._resolve_resource_condition_reference(resource.condition_reference)
            if condition.after is False and condition.before is not True:
                continue
        preproc.visit(resource)


def use() -> None:
    resolve_stock = ChangeSetModelPreproc._resolve_attribute
    refer_stock = ChangeSetModelPreproc._resolve_reference

    def resolve_attribute(preproc: ChangeSetModelPreproc, arguments: str | list[str], select_before: bool) -> Any:
        try:
            return resolve_stock(preproc, arguments, select_before)
        except ValidationError:
            name = (arguments.split(".") if isinstance(arguments, str) else arguments)[0]
            condition = _condition(preproc, name)
            if condition and (condition.after if select_before else condition.before) is True:
                return _NOBODY_ASKS
            raise

    def resolve_reference(preproc: ChangeSetModelPreproc, logical_id: str) -> Any:
        delta = refer_stock(preproc, logical_id)
        if is_nothing(delta.before) is not is_nothing(delta.after) and _condition(preproc, logical_id):
            before = _NOBODY_ASKS if is_nothing(delta.before) else delta.before
            return PreprocEntityDelta(before, _NOBODY_ASKS if is_nothing(delta.after) else delta.after)
        return delta

    ChangeSetModelPreproc._resolve_attribute = resolve_attribute
    ChangeSetModelPreproc._resolve_reference = resolve_reference
    ChangeSetModelPreproc.visit_node_resources = visit_resources


def _condition(preproc: ChangeSetModelPreproc, name: str) -> Any:
    """Of the resource: what its condition was and is; None where it has none, or there is no such resource."""
    for node in preproc._change_set.update_model.node_template.resources.resources:
        if node.name == name and not is_nothing(node.condition_reference):
            return preproc._resolve_condition(node.condition_reference.value)
    return None
