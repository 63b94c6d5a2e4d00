"""Which provider makes a resource: LocalStack's with what we add to it, ours, or one that says that there is none."""

from collections.abc import Mapping
from typing import Any

from localstack.services.cloudformation.resource_provider import OperationStatus, ResourceProviderExecutor

from loadstack_engine.cloudformation import custom_resources, taken_out
from loadstack_engine.cloudformation.models import (
    Event,
    Provider,
    Request,
    done,
    failed,
    told,
    told_of_deletion,
    updated,
)
from loadstack_engine.cloudformation.own import OWN, PUT_AGAIN, Own
from loadstack_engine.cloudformation.unsupported import UnsupportedProvider

# Under this name the event of a resource that failed has the model of what was made nevertheless.
MADE = "made"


class CompletedProvider:
    """LocalStack's provider of a type, and what we do beside it (see ``own.py``)."""

    def __init__(self, type_name: str, theirs: Any) -> None:
        self._type = type_name
        self._theirs = theirs
        self._own = OWN.get(type_name) or Own()
        self.SCHEMA: Mapping[str, Any] = theirs.SCHEMA

    def create(self, request: Request) -> Event:
        if self._own.create:
            event = done(request.desired_state)
            self._own.create(request, request.desired_state)
        else:
            event = self._theirs.create(request)
        try:
            return self._finished(request, event)
        except Exception as error:
            return failed(error, **{MADE: event.resource_model})

    def update(self, request: Request) -> Event:
        return told(self._update, request)

    def delete(self, request: Request) -> Event:
        return told_of_deletion(self._delete, request)

    def _update(self, request: Request) -> Event:
        if self._own.update:
            model = updated(request, self.SCHEMA)
            self._own.update(request, model)
            return self._finished(request, done(model))
        try:
            return self._finished(request, taken_out.update(self._type, self._theirs, request))
        except NotImplementedError:
            return self._finished(request, self._updated_otherwise(request))

    def _delete(self, request: Request) -> Event:
        if self._own.delete:
            self._own.delete(request, request.desired_state)
            return done({})
        event: Event = self._theirs.delete(request)
        return event

    def _updated_otherwise(self, request: Request) -> Event:
        if self._type in PUT_AGAIN:
            request.desired_state = updated(request, self.SCHEMA)
            event: Event = self._theirs.create(request)
            return event
        changed = ", ".join(_changed(request)) or "it"
        return done(
            request.previous_state or {},
            f"Not updated ({changed}): LocalStack cannot change a resource of {self._type}, only create and delete it",
        )

    def _finished(self, request: Request, event: Event) -> Event:
        if event.status is OperationStatus.SUCCESS and self._own.finish and event.resource_model is not None:
            self._own.finish(request, event.resource_model)
        return event


def _changed(request: Request) -> list[str]:
    before, after = request.previous_state or {}, request.desired_state
    return sorted(key for key in after if after[key] != before.get(key))


def use() -> None:
    load = ResourceProviderExecutor.try_load_resource_provider

    def try_load(type_name: str) -> Provider:
        from loadstack_engine.cloudformation.new_types import NEW_TYPES, NewTypeProvider

        if type_name and custom_resources.is_custom(type_name):
            return custom_resources.CustomResourceProvider()
        if type_name in NEW_TYPES:
            return NewTypeProvider(NEW_TYPES[type_name])
        theirs = load(type_name)
        return CompletedProvider(type_name, theirs) if theirs else UnsupportedProvider(type_name)

    ResourceProviderExecutor.try_load_resource_provider = staticmethod(try_load)
    custom_resources.add_route()
