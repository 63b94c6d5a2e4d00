"""When a resource is made anew in the place of an update: where a property that cannot be changed *has* changed.

LocalStack decides by the templates alone: a property that refers to a resource which is updated counts as changed. So
the stage of an API whose definition changed is made a second time, and fails, for it is there.
"""

from typing import Any

from localstack.services.cloudformation.engine.v2.change_set_model import is_nothing
from localstack.services.cloudformation.engine.v2.change_set_model_executor import ChangeSetModelExecutor
from localstack.services.cloudformation.resource_provider import ResourceProviderExecutor


def changed(before: dict[str, Any], after: dict[str, Any], fixed: list[str]) -> bool:
    """Whether one of these properties, given as pointers, has another value than before."""
    names = {pointer.removeprefix("/properties/").partition("/")[0] for pointer in fixed}
    return any(before.get(name) != after.get(name) for name in names)


def use() -> None:
    execute = ChangeSetModelExecutor._execute_resource_change

    def execute_resource_change(executor: ChangeSetModelExecutor, name: str, before: Any, after: Any) -> None:
        both = not is_nothing(before) and not is_nothing(after)
        if both and after.requires_replacement and before.resource_type == after.resource_type:
            provider = ResourceProviderExecutor.try_load_resource_provider(after.resource_type)
            fixed = list(provider.SCHEMA.get("createOnlyProperties", ()))
            after.requires_replacement = changed(before.properties.properties, after.properties.properties, fixed)
        execute(executor, name, before, after)

    ChangeSetModelExecutor._execute_resource_change = execute_resource_change
