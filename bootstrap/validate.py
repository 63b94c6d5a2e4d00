"""Checks the whole declaration before anything is sent, and tells all its mistakes at once.

Each check takes the stack and yields lines that name the resource, say what is wrong and what to do. `CHECKS`
lists them; those of one kind of resource are in `validate_resources`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from graphlib import CycleError
from pathlib import Path

from bootstrap.archives import Archive
from bootstrap.buckets import BucketNotification
from bootstrap.deploy import order
from bootstrap.errors import DeclarationError
from bootstrap.monitoring import Alarm, AlarmStates, Dashboard
from bootstrap.references import Arn, Kind, Ref
from bootstrap.resources import (
    EventSourceMapping,
    Folder,
    Function,
    Layer,
    Permission,
    Queue,
    QueuePolicy,
    Role,
    Rule,
    Stack,
    Subscription,
    references,
)
from bootstrap.rest_api import AwsIntegration, RestApi
from bootstrap.state_machines import StateMachine
from bootstrap.streams import StreamMapping
from bootstrap.validate_grants import grants
from bootstrap.validate_resources import mistakes_of
from bootstrap.validate_state_machine import state_machine_mistakes
from bootstrap.validate_streams import stream_roles, streams, typed_references

type Check = Callable[[Stack], Iterator[str]]
_API_GATEWAY = "apigateway.amazonaws.com"


def validate(stack: Stack, root: Path) -> None:
    """Return if the declaration has no mistakes; `root` is the repository, where functions and layers are.

    Raises:
        DeclarationError: with all the mistakes.
    """
    if found := mistakes(stack, root):
        raise DeclarationError(found)


def mistakes(stack: Stack, root: Path) -> list[str]:
    """One line a mistake, in the order of the checks; empty when there is none."""
    found = [line for each in CHECKS for line in each(stack)]
    found += [line for resource in stack.resources for line in mistakes_of(resource)]
    return found + list(_missing_files(stack, root))


def _duplicates(stack: Stack) -> Iterator[str]:
    for ref, count in Counter(resource.ref for resource in stack.resources).items():
        if count > 1:
            yield f"{ref}: declared {count} times: keep one, or give the other another name."


def _undeclared(stack: Stack) -> Iterator[str]:
    declared = {resource.ref for resource in stack.resources}
    for resource in stack.resources:
        for ref in sorted(references(resource) - declared, key=str):
            yield f"{resource.ref}: refers to {ref}, which is not declared: declare it, or correct the name."


def _wrong_kinds(stack: Stack) -> Iterator[str]:
    for owner, role, ref, kinds in _typed_references(stack):
        if ref.kind not in kinds:
            yield f"{owner}: its {role} must be {' or '.join(map(_with_article, kinds))}, and {ref} is not."


def _with_article(kind: Kind) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _typed_references(stack: Stack) -> Iterator[tuple[Ref, str, Ref, tuple[Kind, ...]]]:
    """Who refers to what, as what, and of which kinds that may be."""
    for function in stack.of(Function):
        yield function.ref, "role", function.role, (Kind.ROLE,)
        yield function.ref, "log group", function.log_group, (Kind.LOG_GROUP,)
        yield from ((function.ref, "layer", layer, (Kind.LAYER,)) for layer in function.layers)
        if function.dead_letters:
            yield function.ref, "dead-letter queue", function.dead_letters, (Kind.QUEUE,)
    for mapping in stack.of(EventSourceMapping):
        yield mapping.ref, "source", mapping.queue, (Kind.QUEUE,)
        yield mapping.ref, "function", mapping.function, (Kind.FUNCTION,)
    yield from typed_references(stack)
    for queue in stack.of(Queue):
        if queue.dead_letter:
            yield queue.ref, "dead-letter queue", queue.dead_letter.queue, (Kind.QUEUE,)
    for policy in stack.of(QueuePolicy):
        yield policy.ref, "queue", policy.queue, (Kind.QUEUE,)
    for rule in stack.of(Rule):
        if rule.event_bus:
            yield rule.ref, "event bus", rule.event_bus, (Kind.EVENT_BUS,)
        yield from ((rule.ref, "target", each.ref, (Kind.QUEUE, Kind.FUNCTION)) for each in rule.targets)
        targets = [each.dead_letters for each in rule.targets if each.dead_letters]
        yield from ((rule.ref, "target's dead-letter queue", each, (Kind.QUEUE,)) for each in targets)
    for archive in stack.of(Archive):
        yield archive.ref, "event bus", archive.event_bus, (Kind.EVENT_BUS,)
    for subscription in stack.of(Subscription):
        yield subscription.ref, "topic", subscription.topic, (Kind.TOPIC,)
        yield subscription.ref, "endpoint", subscription.queue, (Kind.QUEUE,)
        if subscription.dead_letters:
            yield subscription.ref, "dead-letter queue", subscription.dead_letters, (Kind.QUEUE,)
    for permission in stack.of(Permission):
        yield permission.ref, "function", permission.function, (Kind.FUNCTION,)
    for alarm in stack.of(Alarm):
        yield from ((alarm.ref, "action", action, (Kind.TOPIC,)) for action in alarm.actions)
    for dashboard in stack.of(Dashboard):
        shown = [each for each in dashboard.widgets if isinstance(each, AlarmStates)]
        yield from ((dashboard.ref, "alarm", alarm, (Kind.ALARM,)) for each in shown for alarm in each.alarms)
    for machine in stack.of(StateMachine):
        yield machine.ref, "role", machine.role, (Kind.ROLE,)
        yield machine.ref, "dead-letter queue", machine.dead_letters, (Kind.QUEUE,)
    for notification in stack.of(BucketNotification):
        yield notification.ref, "bucket", notification.bucket, (Kind.BUCKET,)
        yield notification.ref, "queue", notification.queue, (Kind.QUEUE,)
        yield notification.ref, "policy", notification.policy, (Kind.QUEUE_POLICY,)
    for api in stack.of(RestApi):
        yield from ((api.ref, "function", function, (Kind.FUNCTION,)) for function in api.functions())
        for integration in _aws_integrations(api):
            yield api.ref, "integration's role", integration.credentials, (Kind.ROLE,)


def _aws_integrations(api: RestApi) -> list[AwsIntegration]:
    return [route.target for route in api.routes if isinstance(route.target, AwsIntegration)]


def _cycles(stack: Stack) -> Iterator[str]:
    try:
        order(stack.resources).prepare()
    except CycleError as error:
        circle = " -> ".join(str(ref) for ref in error.args[1])
        yield f"{circle}: they refer to each other in a circle: take one of these references out."


def _visibility_timeouts(stack: Stack) -> Iterator[str]:
    for mapping in stack.of(EventSourceMapping):
        queue, function = stack.find(mapping.queue), stack.find(mapping.function)
        if not isinstance(queue, Queue) or not isinstance(function, Function):
            continue
        if queue.visibility_timeout < function.timeout:
            yield (
                f"{queue.ref}: its visibility timeout of {queue.visibility_timeout} s is shorter than the"
                f" {function.timeout} s of {function.ref}: make it longer, best six times as long."
            )


def _dead_letters(stack: Stack) -> Iterator[str]:
    """What fails for good must lie somewhere: behind queues, asynchronous functions, rules' targets, subscriptions."""
    last = _places(stack).keys()
    for queue in stack.of(Queue):
        if queue.dead_letter and queue.dead_letter.queue == queue.ref:
            yield f"{queue.ref}: is its own dead-letter queue: declare another one."
        elif not queue.dead_letter and queue.ref not in last:
            yield f"{queue.ref}: has no dead-letter queue: declare one, so that no message is lost."
    for queue_ref, places in sorted(_places(stack).items(), key=lambda each: str(each[0])):
        if len(places) > 1:
            known = " and ".join(sorted(map(str, places)))
            yield f"{queue_ref}: takes the dead letters of {known}: give each its own, so that they can be sent back."
    called = {target.ref: rule.ref for rule in stack.of(Rule) for target in rule.targets}
    for function in stack.of(Function):
        if function.ref in called and not function.dead_letters:
            yield (
                f"{function.ref}: {called[function.ref]} invokes it asynchronously, and it has no dead-letter queue:"
                " give it dead_letters."
            )
    for rule in stack.of(Rule):
        for target in rule.targets:
            # What is meant for a dead-letter queue has no other to go to.
            if not target.dead_letters and target.ref not in last:
                yield f"{rule.ref}: its target {target.id} has no dead-letter queue: give it dead_letters."
    for subscription in stack.of(Subscription):
        if not subscription.dead_letters:
            yield f"{subscription.ref}: has no dead-letter queue: give it dead_letters."


def _places(stack: Stack) -> dict[Ref, set[Ref]]:
    """For each dead-letter queue the queues and functions that what lies in it was meant for."""
    pairs = [(each.dead_letter.queue, each.ref) for each in stack.of(Queue) if each.dead_letter]
    pairs += [(each.dead_letters, each.ref) for each in stack.of(Function) if each.dead_letters]
    pairs += [(each.dead_letters, each.queue) for each in stack.of(Subscription) if each.dead_letters]
    pairs += [(each.dead_letters, each.ref) for each in stack.of(StreamMapping) if each.dead_letters]
    pairs += [(each.dead_letters, each.ref) for each in stack.of(StateMachine)]
    targets = [target for rule in stack.of(Rule) for target in rule.targets]
    pairs += [(each.dead_letters, each.ref) for each in targets if each.dead_letters]
    found: dict[Ref, set[Ref]] = {}
    for dead_letters, place in pairs:
        found.setdefault(dead_letters, set()).add(place)
    return found


def _mapping_roles(stack: Stack) -> Iterator[str]:
    """AWS refuses a mapping whose function's role may not read the queue."""
    for mapping in stack.of(EventSourceMapping):
        function = stack.find(mapping.function)
        role = stack.find(function.role) if isinstance(function, Function) else None
        if isinstance(role, Role) and not _may(role, "sqs:ReceiveMessage", mapping.queue):
            yield f"{mapping.ref}: {role.ref} may not receive from {mapping.queue}: allow sqs:ReceiveMessage."


def _dead_letter_roles(stack: Stack) -> Iterator[str]:
    """Lambda sends dead letters with the function's own role."""
    for function in stack.of(Function):
        role, queue = stack.find(function.role), function.dead_letters
        if isinstance(role, Role) and queue and not _may(role, "sqs:SendMessage", queue):
            yield f"{function.ref}: {role.ref} may not send to {queue}: allow sqs:SendMessage."


def _may(role: Role, action: str, queue: Ref) -> bool:
    return any(action in each.actions and queue.arn() in each.resources for each in role.statements)


def _senders(stack: Stack) -> Iterator[str]:
    """A rule or topic whose messages a queue, or a function, does not let in loses them without a word."""
    let_in = {(each.queue, s.source.ref) for each in stack.of(QueuePolicy) for s in each.statements if s.source}
    let_in |= {(each.function, each.source.ref) for each in stack.of(Permission)}
    for receiver, sender in _deliveries(stack):
        if (receiver, sender) not in let_in:
            what = "a queue policy" if receiver.kind is Kind.QUEUE else "a permission"
            yield f"{receiver}: does not let {sender} in: declare {what} with it as the source."


def _deliveries(stack: Stack) -> Iterator[tuple[Ref, Ref]]:
    """Receiver and sender of everything that AWS itself delivers."""
    for rule in stack.of(Rule):
        for target in rule.targets:
            yield target.ref, rule.ref
            if target.dead_letters:
                yield target.dead_letters, rule.ref
    for subscription in stack.of(Subscription):
        yield subscription.queue, subscription.topic
        if subscription.dead_letters:
            yield subscription.dead_letters, subscription.topic
    yield from ((each.queue, each.bucket) for each in stack.of(BucketNotification))
    for api in stack.of(RestApi):
        yield from ((function, api.ref) for function in api.functions())


def _integration_roles(stack: Stack) -> Iterator[str]:
    """API Gateway tells only its caller, in a 500, that it may not take a role, or that the role may not do this."""
    for api in stack.of(RestApi):
        for integration in _aws_integrations(api):
            role = stack.find(integration.credentials)
            if not isinstance(role, Role):
                continue
            if role.service != _API_GATEWAY:
                yield f"{role.ref}: API Gateway may not take it: make {_API_GATEWAY} its service."
            allowed = {each.ref for s in role.statements for each in s.resources if isinstance(each, Arn)}
            if integration.resource not in allowed:
                yield f"{role.ref}: may do nothing with {integration.resource}: add a statement for {api.ref}."


def _missing_files(stack: Stack, root: Path) -> Iterator[str]:
    for function in stack.of(Function):
        yield from _missing_handler(function, root)
    for layer in stack.of(Layer):
        path = root / layer.content.path
        is_there = path.is_dir() if isinstance(layer.content, Folder) else path.is_file()
        if not is_there:
            yield f"{layer.ref}: {layer.content.path} is missing: create it, or correct the layer's content."


def _missing_handler(function: Function, root: Path) -> Iterator[str]:
    """The handler `orders.handler.handler` of code under the prefix `orders` is in `handler.py` of its
    folder.
    """
    module, _, name = function.handler.rpartition(".")
    if not module or not name:
        yield f"{function.ref}: the handler {function.handler!r} names no function: write module.function."
        return
    file = Path(*module.split(".")).with_suffix(".py")
    if function.code.prefix and not file.is_relative_to(function.code.prefix):
        yield f"{function.ref}: the handler {function.handler} is outside its code, {function.code.prefix}."
        return
    source = Path(function.code.path) / file.relative_to(function.code.prefix)
    if not (root / source).is_file():
        yield f"{function.ref}: {source.as_posix()} is missing: create it, or correct the handler."


CHECKS: tuple[Check, ...] = (
    _duplicates,
    _undeclared,
    _wrong_kinds,
    _cycles,
    _visibility_timeouts,
    _dead_letters,
    _mapping_roles,
    _dead_letter_roles,
    _senders,
    _integration_roles,
    streams,
    stream_roles,
    state_machine_mistakes,
    grants,
)
