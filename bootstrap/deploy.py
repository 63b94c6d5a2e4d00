"""Creates and updates a stack: in the order that the references ask for, side by side where they do not."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter

from botocore.exceptions import BotoCoreError, ClientError

from bootstrap import deployers
from bootstrap.clients import Clients
from bootstrap.context import Context, Outcome, Progress, silent
from bootstrap.deployers import layers
from bootstrap.errors import DeployError
from bootstrap.observed import Observed
from bootstrap.package import Artifacts
from bootstrap.references import Ref
from bootstrap.resources import EventSourceMapping, Function, Resource, Stack, references
from bootstrap.streams import StreamMapping

WORKERS = 8

_HINTS = {
    "AccessDenied": "The endpoint wants other credentials.",
    "AccessDeniedException": "The endpoint wants other credentials.",
    "ConnectTimeoutError": "Is the sandbox running? make status tells.",
    "EndpointConnectionError": "Is the sandbox running? make up starts it.",
    "InternalError": "The engine failed, not the declaration: its log has more (make logs).",
    "InternalFailure": "The engine failed, not the declaration: its log has more (make logs).",
    "ReadTimeoutError": "The engine is very busy or stuck: make logs, or make down and make up.",
    "ResourceConflictException": "Something else changes the same resource now: wait for it and try again.",
    "ResourceInUseException": "Something else changes the same resource now: wait for it and try again.",
    "ServiceException": "The engine failed, not the declaration: its log has more (make logs).",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What happened to each resource, in the order in which it was done."""

    outcomes: tuple[tuple[Ref, Outcome], ...]

    def with_outcome(self, outcome: Outcome) -> tuple[Ref, ...]:
        return tuple(ref for ref, what in self.outcomes if what is outcome)

    @property
    def changed(self) -> bool:
        return any(what is not Outcome.UNCHANGED for _, what in self.outcomes)


def deploy(
    clients: Clients,
    stack: Stack,
    artifacts: Artifacts,
    progress: Progress = silent,
    only: str | None = None,
) -> Report:
    """Make the endpoint hold what `stack` declares; what is there already is left alone.

    With `only`, the function of that name and its mappings alone: its role, layers, queues and so on are used
    as they are. `progress` is called for each resource when it is done, from the thread that called `deploy`.

    Raises:
        DeployError: the first failure; what was running then was waited for, what was not begun was left.
        KeyboardInterrupt: as `DeployError`: no thread of ours is left.
    """
    context = Context(clients, artifacts, Observed(clients))
    if only is None:
        return _run(context, stack.resources, progress)
    chosen = _of_service(stack, only)
    try:
        _use_what_is_there(context, chosen)
    except (BotoCoreError, ClientError) as error:
        raise explain(f"service {only}", error) from error
    return _run(context, chosen, progress)


def order(resources: Sequence[Resource]) -> TopologicalSorter[Ref]:
    """A sorter of the resources by their references; references to others than these do not count, nor those that
    do not wait.

    Raises:
        graphlib.CycleError: at `prepare()`, when resources refer to each other in a circle.
    """
    declared = {resource.ref for resource in resources}
    return TopologicalSorter(
        {each.ref: sorted(references(each, awaited=True) & declared, key=str) for each in resources}
    )


def explain(resource: str, error: Exception) -> DeployError:
    """What AWS or botocore raised, as the one line that a developer needs."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code, message = details.get("Code", "Error"), details.get("Message", str(error))
    else:
        code, message = type(error).__name__, str(error)
    first_line = (message.strip().splitlines() or ["no message"])[0].rstrip(".")
    return DeployError(resource, code, first_line, _HINTS.get(code, ""))


def _of_service(stack: Stack, name: str) -> tuple[Resource, ...]:
    functions = [each for each in stack.of(Function) if each.name == name]
    if not functions:
        known = ", ".join(sorted(each.name for each in stack.of(Function)))
        raise DeployError(f"service {name}", "Unknown", "no such service", f"There are: {known}.")
    mappings: tuple[EventSourceMapping | StreamMapping, ...] = (*stack.of(EventSourceMapping), *stack.of(StreamMapping))
    return (*functions, *(each for each in mappings if each.function == functions[0].ref))


def _use_what_is_there(context: Context, resources: Sequence[Resource]) -> None:
    """Fill in the ids of the layers, as their deployment would have."""
    for function in resources:
        if isinstance(function, Function):
            for layer in function.layers:
                context.ids[layer] = layers.latest_version(context, layer)


def _run(context: Context, resources: Sequence[Resource], progress: Progress) -> Report:
    by_ref = {resource.ref: resource for resource in resources}
    sorter = order(resources)
    sorter.prepare()
    done: list[tuple[Ref, Outcome]] = []
    running: dict[Future[Outcome], Ref] = {}
    executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="deploy")
    try:
        while sorter.is_active():
            for ref in sorter.get_ready():
                running[executor.submit(deployers.ensure, context, by_ref[ref])] = ref
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                ref = running.pop(future)
                outcome = _result(future, ref)
                done.append((ref, outcome))
                progress(str(ref), outcome)
                sorter.done(ref)
    finally:
        context.stop.set()
        executor.shutdown(wait=True, cancel_futures=True)
    return Report(tuple(done))


def _result(future: Future[Outcome], ref: Ref) -> Outcome:
    try:
        return future.result()
    except DeployError:
        raise
    except (BotoCoreError, ClientError, TimeoutError, RuntimeError, OSError) as error:
        raise explain(str(ref), error) from error
