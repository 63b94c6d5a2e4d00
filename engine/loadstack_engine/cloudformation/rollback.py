"""A stack is made whole or not at all, and an update that fails leaves what was there.

LocalStack 4.14.0 stops at the first failure, calls the stack ``ROLLBACK_COMPLETE``, and leaves what it had made; after
an update it also takes the new template for what is there, and forgets the resources that it had not come to. It calls
a stack deleted of which something could not be.

States, in AWS's words: *creating* → ``CREATE_COMPLETE``, or ``ROLLBACK_IN_PROGRESS`` → ``ROLLBACK_COMPLETE`` with
nothing left; *updating* → ``UPDATE_COMPLETE``, or ``UPDATE_ROLLBACK_IN_PROGRESS`` → ``UPDATE_ROLLBACK_COMPLETE`` with
the old template; *deleting* → ``DELETE_COMPLETE`` or ``DELETE_FAILED``. Where undoing fails too the status ends so, and
what was made and is still there goes with the stack. A change set that is refused, or never executed, changes no status
of a stack that was made.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

import copy
import logging
from dataclasses import dataclass
from typing import Any

from localstack.aws.api.cloudformation import (
    ChangeAction,
    ChangeSetStatus,
    ChangeSetType,
    ResourceStatus,
    StackStatus,
)
from localstack.services.cloudformation.engine.v2.change_set_model_executor import (
    ChangeSetModelExecutor,
    ChangeSetModelExecutorResult,
    TriggerRollback,
)
from localstack.services.cloudformation.engine.v2.change_set_model_preproc import PreprocProperties
from localstack.services.cloudformation.resource_provider import OperationStatus, ResourceProviderExecutor
from localstack.services.cloudformation.v2.entities import Stack

from loadstack_engine.cloudformation.loading import MADE
from loadstack_engine.cloudformation.models import Event, Model, asked_for

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
# LocalStack says these of any stack that a change set is made for; AWS of one that was not there before alone.
_OF_A_NEW_STACK = {StackStatus.REVIEW_IN_PROGRESS, StackStatus.ROLLBACK_IN_PROGRESS, StackStatus.CREATE_FAILED}
# What a stack that is deleted does not have, or is to keep.
_NOT_THERE = {ResourceStatus.CREATE_FAILED, ResourceStatus.DELETE_SKIPPED}
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Done:
    """One resource that was made or changed, or half so; ``before`` is its model until then, ``after`` since then."""

    action: ChangeAction
    name: str
    type_name: str
    before: Model | None
    after: Model


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
        resources = dict(executor.resources)  # before deletions add what is not there any more
        if executor._deferred_actions:
            stack.set_stack_status(StackStatus.UPDATE_COMPLETE_CLEANUP_IN_PROGRESS)
            _clean_up(executor)
        # LocalStack keeps these after it has said that the stack is complete: who asks in between sees the old ones,
        # and an update or a deletion in between begins with them.
        stack.resolved_resources, stack.resolved_outputs = resources, executor.outputs
        stack.template, stack.template_body = change_set.template, change_set.template_body
        stack.processed_template = change_set.processed_template
        stack.resolved_parameters = change_set.resolved_parameters
        return ChangeSetModelExecutorResult(resources=resources, outputs=executor.outputs)
    LOG.warning("Stack %s: %s", stack.stack_name, failure)
    _undo(executor, failure, updates=updates)
    if updates:
        # LocalStack takes these for the stack's own after whatever came of the change set.
        change_set.template, change_set.template_body = stack.template, stack.template_body
        change_set.resolved_parameters = stack.resolved_parameters
    else:
        stack.processed_template = {"Resources": {}}  # what was not undone is in _loadstack_left
    change_set.processed_template = stack.processed_template
    if change_set.change_set_name == f"cs-{stack.stack_name}-create":  # CreateStack, UpdateStack: not asked how it went
        raise RolledBackError(failure)
    return ChangeSetModelExecutorResult(resources=old, outputs=stack.resolved_outputs, failure_message=failure)


def _failure(executor: ChangeSetModelExecutor) -> str | None:
    if executor._change_set.status == ChangeSetStatus.FAILED:  # UpdateStack does not look: its transform failed
        return str(executor._change_set.status_reason)
    try:
        executor.process()
    except TriggerRollback as stop:
        return f"{stop.logical_resource_id}: {stop.reason}"
    except Exception as error:
        LOG.debug("The change set failed", exc_info=True)
        return str(error) or type(error).__name__
    return None


def _undo(executor: ChangeSetModelExecutor, failure: str, *, updates: bool) -> None:
    """The newest first. What was made and could not be deleted is kept in ``_loadstack_left``, for `_delete`."""
    stack = executor._change_set.stack
    begun = StackStatus.UPDATE_ROLLBACK_IN_PROGRESS if updates else StackStatus.ROLLBACK_IN_PROGRESS
    stack.set_stack_status(begun, failure)
    failed = [done for done in reversed(executor._loadstack_done) if not _undo_one(executor, done)]
    stack._loadstack_left = _left(stack) + [done for done in failed if done.action is ChangeAction.Add]
    if updates:
        over = StackStatus.UPDATE_ROLLBACK_FAILED if failed else StackStatus.UPDATE_ROLLBACK_COMPLETE
    else:
        over = StackStatus.ROLLBACK_FAILED if failed else StackStatus.ROLLBACK_COMPLETE
    stack.set_stack_status(over)


def _left(stack: Stack) -> list[_Done]:
    """What was made, is in no template of the stack, and could not be deleted yet: the newest first."""
    left: list[_Done] = getattr(stack, "_loadstack_left", [])
    return left


def _undo_one(executor: ChangeSetModelExecutor, done: _Done) -> bool:
    """Whether it could be undone."""
    is_new = done.action is ChangeAction.Add
    if is_new and done.before is None:
        executor._process_event(
            action=ChangeAction.Remove,
            logical_resource_id=done.name,
            event_status=OperationStatus.IN_PROGRESS,
            resource_type=done.type_name,
        )
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
    stack = executor._change_set.stack
    stack._loadstack_left = [done for done in _left(stack) if not _undo_one(executor, done)]
    failure = _failure(executor)
    _run_deferred(executor)
    states = stack.resource_states
    there = (name for name, state in states.items() if state["ResourceStatus"] not in _NOT_THERE)
    left = sorted({*there, *(done.name for done in _left(stack))})
    if left:
        reason = f"The following resource(s) failed to delete: [{', '.join(left)}]."
        reason = f"{reason} {failure}" if failure else reason
        stack.set_stack_status(StackStatus.DELETE_FAILED, reason)
        raise FailedDeletionError(reason)
    return ChangeSetModelExecutorResult(resources=executor.resources, outputs=executor.outputs)


def _clean_up(executor: ChangeSetModelExecutor) -> None:
    """Delete what an update left out or replaced. The stack then has what is live: not the old one of two with the same
    logical id, nor what could not be deleted, which is the account's from now on, as on AWS.
    """
    stack = executor._change_set.stack
    live = {name: state for name, state in stack.resource_states.items() if name in executor.resources}
    _run_deferred(executor)
    stack.resource_states = live


def _run_deferred(executor: ChangeSetModelExecutor) -> None:
    """Deletions, in reverse, so that who refers goes before what it refers to."""
    for deferred in reversed(executor._deferred_actions):
        deferred.action()


def _after(event: Event, arguments: dict[str, Any], before: Model | None) -> Model | None:
    """The model of what there is to undo, None where nothing was changed.

    Of a resource that failed: what was made of a new one; of one that was to be changed, which can take several calls,
    all that was asked for.
    """
    action = arguments["action"]
    if action not in (ChangeAction.Add, ChangeAction.Modify):
        return None
    if event.status is OperationStatus.SUCCESS:
        return event.resource_model or {}
    if action is ChangeAction.Add or before is None:
        return event.custom_context.get(MADE)
    schema = ResourceProviderExecutor.try_load_resource_provider(arguments["resource_type"]).SCHEMA
    return asked_for(before, arguments["after_properties"].properties, schema)


def use() -> None:
    stock = ChangeSetModelExecutor._execute_resource_action

    def execute_resource_action(executor: ChangeSetModelExecutor, **arguments: Any) -> Any:
        name = arguments["logical_resource_id"]
        had = executor._change_set.stack.resolved_resources.get(name)
        before = copy.deepcopy(had["Properties"]) if had and had.get("Properties") else None
        event = stock(executor, **arguments)
        if (after := _after(event, arguments, before)) is not None:
            kind = arguments["resource_type"]
            executor._loadstack_done.append(_Done(arguments["action"], name, kind, before, copy.deepcopy(after)))
        return event

    set_status = Stack.set_stack_status

    def set_stack_status(stack: Stack, status: StackStatus, reason: str | None = None) -> None:
        is_made = stack.status == StackStatus.CREATE_COMPLETE or stack.status.startswith("UPDATE_")
        if stack.status in _NOT_THE_STACKS.get(status, ()) or (is_made and status in _OF_A_NEW_STACK):
            return
        set_status(stack, status, reason)

    Stack.set_stack_status = set_stack_status
    ChangeSetModelExecutor._loadstack_execute_resource_action = staticmethod(stock)
    ChangeSetModelExecutor._execute_resource_action = execute_resource_action
    ChangeSetModelExecutor.execute = execute
