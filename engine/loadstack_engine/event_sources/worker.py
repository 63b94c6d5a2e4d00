"""A mapping's life, as the Lambda provider drives it and ``GetEventSourceMapping`` shows it."""

from collections.abc import Callable
from typing import Any, Protocol

from localstack.services.lambda_.event_source_mapping.esm_worker import EsmState, EsmStateReason
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.utils.aws.arns import parse_arn

from loadstack_engine.in_process import provider_of

# By mapping: the worker that was stopped last and has batches in work.
_ENDING: dict[str, "MappingWorker"] = {}


class Source(Protocol):
    """What reads a queue or a stream and delivers to a function."""

    def start(self) -> None: ...

    def stop(self) -> None:
        """Deliver nothing more, from now on. Batches in work finish; ``finished`` is called after the last."""

    def forget(self) -> None:
        """The mapping is deleted: keep nothing about it."""


class MappingWorker:
    """Takes the place of LocalStack's ``EsmWorker`` (same methods), without a thread of its own.

    Creating → Enabled when started; Disabling → Disabled, and Deleting → gone, once the batches in work have finished.
    ``source`` makes what delivers, given what to call when it has finished.
    """

    def __init__(
        self,
        configuration: dict[str, Any],
        enabled: bool,
        reason: EsmStateReason,
        source: Callable[[Callable[[], None]], Source],
    ) -> None:
        self.esm_config = configuration
        self.enabled = enabled
        self.current_state = EsmState.CREATING
        self.state_transition_reason = reason
        self._started = False
        self._source = source(self._finished)

    @property
    def uuid(self) -> str:
        uuid: str = self.esm_config["UUID"]
        return uuid

    def create(self) -> None:
        if self.enabled:
            self._started = True
            self._source.start()
            self._show(EsmState.ENABLED)
        else:
            # An update puts this worker in the place of one that may still have batches in work.
            self._show(EsmState.DISABLING if self.uuid in _ENDING else EsmState.DISABLED)

    def stop(self) -> None:
        """Disable it; also what happens to the old worker of a mapping that is updated."""
        self.enabled = False
        self._end(EsmState.DISABLING)

    def delete(self) -> None:
        self._end(EsmState.DELETING)

    def stop_for_shutdown(self) -> None:
        if self._started:
            self._source.stop()

    def _end(self, state: EsmState) -> None:
        self._show(state)
        if self._started:
            _ENDING[self.uuid] = self
            self._source.stop()
        else:
            self._finished()

    def _finished(self) -> None:
        if _ENDING.get(self.uuid) is self:
            del _ENDING[self.uuid]
        if self.current_state == EsmState.DELETING:
            self._mappings.pop(self.uuid, None)
            self._source.forget()
        for worker in (self, provider_of("lambda").esm_workers.get(self.uuid)):
            if worker and worker.current_state == EsmState.DISABLING:
                worker._show(EsmState.DISABLED)

    def _show(self, state: EsmState) -> None:
        """In the list of mappings too, unless an update has put another worker in this one's place."""
        self.current_state = state
        if (shown := self._mappings.get(self.uuid)) and provider_of("lambda").esm_workers.get(self.uuid, self) is self:
            shown["State"] = state

    @property
    def _mappings(self) -> dict[str, Any]:
        function = parse_arn(self.esm_config["FunctionArn"])
        mappings: dict[str, Any] = lambda_stores[function["account"]][function["region"]].event_source_mappings
        return mappings
