"""The words of LocalStack's resource providers, and what all of ours need."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from localstack.services.cloudformation.deployment_utils import check_not_found_exception
from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent, ResourceRequest

type Model = dict[str, Any]
type Request = ResourceRequest[Model]
type Event = ProgressEvent[Model]


class Provider(Protocol):
    """What CloudFormation asks of a type. An answer of IN_PROGRESS is asked again."""

    SCHEMA: Mapping[str, Any]

    def create(self, request: Request) -> Event: ...

    def update(self, request: Request) -> Event: ...

    def delete(self, request: Request) -> Event: ...


def done(model: Model, message: str = "") -> Event:
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model, message=message)


def told(change: Callable[[Request], Event], request: Request) -> Event:
    """What came of it; of an exception, what it says. LocalStack takes any for a resource that it failed to delete, and
    one that sounds like *not found* for a success.
    """
    try:
        return change(request)
    except Exception as error:
        return failed(error)


def told_of_deletion(delete: Callable[[Request], Event], request: Request) -> Event:
    """As `told`; but what is not there any more is deleted."""
    try:
        return delete(request)
    except Exception as error:
        if check_not_found_exception(error, request.resource_type, request.desired_state):
            return done({})
        return failed(error)


def failed(error: Exception, **context: Any) -> Event:
    return ProgressEvent(
        status=OperationStatus.FAILED,
        resource_model={},
        message=str(error) or type(error).__name__,
        custom_context={"exception": error, **context},
    )


def chosen(model: Mapping[str, Any], names: Iterable[str]) -> Model:
    """These properties of a model, where it has them."""
    return {name: model[name] for name in names if model.get(name) is not None}


def changed_tags(model: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Tags that are new or have another value than before, and the keys of those that are gone."""
    wanted, had = ({each["Key"]: each["Value"] for each in of.get("Tags") or ()} for of in (model, before))
    new = {key: value for key, value in sorted(wanted.items()) if had.get(key) != value}
    return new, sorted(had.keys() - wanted.keys())


def own_properties(schema: Mapping[str, Any]) -> set[str]:
    """What a resource keeps, whatever becomes of the rest: its identifiers, what only AWS sets, and what can only be
    set when it is created (a change of that replaces it).
    """
    kinds = ("primaryIdentifier", "readOnlyProperties", "createOnlyProperties")
    pointers = [pointer for kind in kinds for pointer in schema.get(kind, ())]
    return {pointer.removeprefix("/properties/").partition("/")[0] for pointer in pointers} | {"Name"}


def updated(request: Request, schema: Mapping[str, Any]) -> Model:
    """What the template asks for now, with what the resource keeps, names that were made up among it."""
    return asked_for(request.previous_state or {}, request.desired_state, schema)


def asked_for(before: Model, wanted: Model, schema: Mapping[str, Any]) -> Model:
    return {**chosen(before, own_properties(schema)), **wanted}
