"""Where the messages of each dead-letter queue belong, read from the declaration of the stack."""

from collections.abc import Mapping
from dataclasses import dataclass

from bootstrap.references import Kind, Ref
from bootstrap.resources import EventSourceMapping, Function, Queue, Stack, Subscription
from bootstrap.state_machines import StateMachine
from bootstrap.streams import StreamMapping
from sandbox.errors import UsageError


@dataclass(frozen=True, slots=True)
class Home:
    """One dead-letter queue: what lies in it failed in `place`, a queue, a function, a stream mapping or a state
    machine, and goes back there.

    `function` works on it, and logs to `log_group`; both are None for a queue that feeds no function. `topics` are
    those that the queue subscribes to.
    """

    queue: str
    place: Ref
    function: str | None
    log_group: str | None
    topics: tuple[str, ...] = ()


def homes(stack: Stack) -> Mapping[str, Home]:
    """All dead-letter queues by name, in the order of their names."""
    found = {}
    for queue in stack.of(Queue):
        if queue.dead_letter:
            name = queue.dead_letter.queue.name
            found[name] = _home_of_queue(stack, name, queue.ref)
    for function in stack.of(Function):
        if function.dead_letters:
            name = function.dead_letters.name
            found[name] = Home(name, function.ref, function.name, function.log_group.name)
    for mapping in stack.of(StreamMapping):
        reader = stack.find(mapping.function)
        if mapping.dead_letters and isinstance(reader, Function):
            name = mapping.dead_letters.name
            found[name] = Home(name, mapping.ref, reader.name, reader.log_group.name)
    for machine in stack.of(StateMachine):
        found[machine.dead_letters.name] = Home(machine.dead_letters.name, machine.ref, None, None)
    return dict(sorted(found.items()))


def _home_of_queue(stack: Stack, name: str, queue: Ref) -> Home:
    fed = [stack.find(mapping.function) for mapping in stack.of(EventSourceMapping) if mapping.queue == queue]
    function = next((each for each in fed if isinstance(each, Function)), None)
    topics = tuple(each.topic.name for each in stack.of(Subscription) if each.queue == queue)
    if function is None:
        return Home(name, queue, None, None, topics)
    return Home(name, queue, function.name, function.log_group.name, topics)


def chosen(stack: Stack, name: str) -> Home:
    """The dead-letter queue of that name, or of the queue of that name: `payments` is `payments-dlq`.

    Raises:
        UsageError: there is none; names those that there are.
    """
    known = homes(stack)
    for home in known.values():
        if name == home.queue or (name == home.place.name and home.place.kind is Kind.QUEUE):
            return home
    raise UsageError(f"QUEUE={name} has no dead-letter queue; there are {', '.join(known) or 'none'}.")
