"""A stack is made whole or not at all, and an update that fails leaves what was there.

LocalStack 4.14.0 stops at the first failure, calls the stack ``ROLLBACK_COMPLETE``, and leaves what it had made; after
an update it also takes the new template for what is there, and forgets the resources that it had not come to. It calls
a stack deleted of which something could not be.

States, in AWS's words: *creating* → ``CREATE_COMPLETE``, or ``ROLLBACK_IN_PROGRESS`` → ``ROLLBACK_COMPLETE`` with
nothing left; *updating* → ``UPDATE_COMPLETE``, or ``UPDATE_ROLLBACK_IN_PROGRESS`` → ``UPDATE_ROLLBACK_COMPLETE`` with
the old template; *deleting* → ``DELETE_COMPLETE`` or ``DELETE_FAILED``. Where undoing fails too the status ends so.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

import copy
import logging
from dataclasses import dataclass
from typing import Any

from localstack.aws.api.cloudformation import ChangeAction, ChangeSetType, ResourceStatus, StackStatus
from localstack.services.cloudformation.engine.v2.change_set_model_executor import (
    ChangeSetModelExecutor,
    ChangeSetModelExecutorResult,
    TriggerRollback,
)
from localstack.services.cloudformation.engine.v2.change_set_model_preproc import PreprocProperties
from localstack.services.cloudformation.resource_provider import OperationStatus
from localstack.services.cloudformation.v2.entities import Stack

_ROLLED_BACK = {
    StackStatus.ROLLBACK_COMPLETE,
    StackStatus.ROLLBACK_FAILED,
    StackStatus.UPDATE_ROLLBACK_COMPLETE,
    StackStatus.UPDATE_ROLLBACK_FAILED,
}
# LocalStack gives the stack the status of a resource that failed, in the middle of things and after them: a caller that
# waits for the end would take it for that.
_NOT_THE_STACKS = {
    StackStatus.CREATE_FAILED: {StackStatus.CREATE_IN_PROGRESS, *_ROLLED_BACK},
    StackStatus.UPDATE_FAILED: {
        StackStatus.UPDATE_IN_PROGRESS,
        StackStatus.UPDATE_ROLLBACK_IN_PROGRESS,
        StackStatus.ROLLBACK_IN_PROGRESS,
        *_ROLLED_BACK,
    },
    StackStatus.DELETE_FAILED: set(StackStatus) - {StackStatus.DELETE_IN_PROGRESS},
}
# What a stack that is deleted does not have, or is to keep.
_NOT_THERE = {ResourceStatus.CREATE_FAILED, ResourceStatus.DELETE_SKIPPED}
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Done:
    """One resource that was made or changed; ``before`` is its model until then, ``after`` since then."""

    action: ChangeAction
    name: str
    type_name: str
    before: dict[str, Any] | None
    after: dict[str, Any]


class RolledBackError(Exception):
    """Why a stack was not made or updated."""


class FailedDeletionError(Exception):
    """Resources of a stack that could not be deleted."""


def execute(executor: ChangeSetModelExecutor) -> ChangeSetModelExecutorResult:
    """In the place of LocalStack's own; what the change set did is undone where a part of it fails."""
    change_set = executor._change_set
    stack = change_set.stack
    if stack.status == StackStatus.DELETE_IN_PROGRESS:
        return _delete(executor)
    old = copy.deepcopy(stack.resolved_resources)
    # UpdateStack calls its change set one of type CREATE.
    updates = change_set.change_set_type == ChangeSetType.UPDATE or bool(old)
    executor._loadstack_done = []
    failure = _failure(executor)
    if failure is None:
        if executor._deferred_actions:
            stack.set_stack_status(StackStatus.UPDATE_COMPLETE_CLEANUP_IN_PROGRESS)
            _run_deferred(executor)
        stack.processed_template = change_set.processed_template
        # LocalStack keeps them after it has said that the stack is complete: who asks in between sees none.
        stack.resolved_outputs = executor.outputs
        return ChangeSetModelExecutorResult(resources=executor.resources, outputs=executor.outputs)
    LOG.warning("Stack %s: %s", stack.stack_name, failure)
    _undo(executor, failure, updates=updates)
    if updates:
        # LocalStack takes these for the stack's own after whatever came of the change set.
        change_set.template, change_set.template_body = stack.template, stack.template_body
        change_set.resolved_parameters = stack.resolved_parameters
    else:
        stack.processed_template = {"Resources": {}}  # nothing to delete with the stack
    change_set.processed_template = stack.processed_template
    if change_set.change_set_name == f"cs-{stack.stack_name}-create":  # CreateStack, UpdateStack: not asked how it went
        raise RolledBackError(failure)
    return ChangeSetModelExecutorResult(resources=old, outputs=stack.resolved_outputs, failure_message=failure)


def _failure(executor: ChangeSetModelExecutor) -> str | None:
    try:
        executor.process()
    except TriggerRollback as stop:
        return f"{stop.logical_resource_id}: {stop.reason}"
    except Exception as error:
        LOG.debug("The change set failed", exc_info=True)
        return str(error) or type(error).__name__
    return None


def _undo(executor: ChangeSetModelExecutor, failure: str, *, updates: bool) -> None:
    """The newest first."""
    stack = executor._change_set.stack
    begun = StackStatus.UPDATE_ROLLBACK_IN_PROGRESS if updates else StackStatus.ROLLBACK_IN_PROGRESS
    stack.set_stack_status(begun, failure)
    undone = [_undo_one(executor, done) for done in reversed(executor._loadstack_done)]
    if updates:
        over = StackStatus.UPDATE_ROLLBACK_COMPLETE if all(undone) else StackStatus.UPDATE_ROLLBACK_FAILED
    else:
        over = StackStatus.ROLLBACK_COMPLETE if all(undone) else StackStatus.ROLLBACK_FAILED
    stack.set_stack_status(over)


def _undo_one(executor: ChangeSetModelExecutor, done: _Done) -> bool:
    """Whether it could be undone."""
    is_new = done.action is ChangeAction.Add
    event = ChangeSetModelExecutor._loadstack_execute_resource_action(
        executor,
        action=ChangeAction.Remove if is_new else ChangeAction.Modify,
        logical_resource_id=done.name,
        resource_type=done.type_name,
        before_properties=PreprocProperties(properties=done.after),
        after_properties=None if is_new else PreprocProperties(properties=done.before or {}),
        part_of_replacement=True,
    )
    undone = event.status is OperationStatus.SUCCESS
    if is_new and done.before is None:
        status = ResourceStatus.DELETE_COMPLETE if undone else ResourceStatus.DELETE_FAILED
    else:  # changed back, or the old one is there still
        status = ResourceStatus.UPDATE_COMPLETE if undone else ResourceStatus.UPDATE_FAILED
    executor._process_event(
        action=done.action,
        logical_resource_id=done.name,
        event_status=event.status,
        resource_type=done.type_name,
        reason=event.message or None,
        custom_status=status,
    )
    return undone


def _delete(executor: ChangeSetModelExecutor) -> ChangeSetModelExecutorResult:
    """Raises FailedDeletionError, at which LocalStack calls the stack DELETE_FAILED.

    A failure before that is not told where all is gone: LocalStack works out the outputs too, also those of what a
    condition left out.
    """
    executor._loadstack_done = []
    failure = _failure(executor)
    _run_deferred(executor)
    states = executor._change_set.stack.resource_states
    left = [name for name, state in states.items() if state["ResourceStatus"] not in _NOT_THERE]
    if left:
        reason = f"The following resource(s) failed to delete: [{', '.join(left)}]."
        reason = f"{reason} {failure}" if failure else reason
        executor._change_set.stack.set_stack_status(StackStatus.DELETE_FAILED, reason)
        raise FailedDeletionError(reason)
    return ChangeSetModelExecutorResult(resources=executor.resources, outputs=executor.outputs)


def _run_deferred(executor: ChangeSetModelExecutor) -> None:
    """Deletions, in reverse, so that who refers goes before what it refers to."""
    for deferred in reversed(executor._deferred_actions):
        deferred.action()


def use() -> None:
    stock = ChangeSetModelExecutor._execute_resource_action

    def execute_resource_action(executor: ChangeSetModelExecutor, **arguments: Any) -> Any:
        name = arguments["logical_resource_id"]
        had = executor._change_set.stack.resolved_resources.get(name)
        before = copy.deepcopy(had["Properties"]) if had and had.get("Properties") else None
        event = stock(executor, **arguments)
        action = arguments["action"]
        if event.status is OperationStatus.SUCCESS and action in (ChangeAction.Add, ChangeAction.Modify):
            after = copy.deepcopy(event.resource_model or {})
            executor._loadstack_done.append(_Done(action, name, arguments["resource_type"], before, after))
        return event

    set_status = Stack.set_stack_status

    def set_stack_status(stack: Stack, status: StackStatus, reason: str | None = None) -> None:
        if stack.status not in _NOT_THE_STACKS.get(status, ()):
            set_status(stack, status, reason)

    Stack.set_stack_status = set_stack_status
    ChangeSetModelExecutor._loadstack_execute_resource_action = staticmethod(stock)
    ChangeSetModelExecutor._execute_resource_action = execute_resource_action
    ChangeSetModelExecutor.execute = execute
