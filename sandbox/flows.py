"""Which flow the stack of an endpoint has: what its topic is tagged with (``bootstrap.shop``)."""

from collections.abc import Collection
from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from bootstrap.clients import Clients
from bootstrap.deploy import explain
from bootstrap.deployers import topics
from bootstrap.flows import TAG, Flow
from bootstrap.references import arn_of
from bootstrap.resources import Queue, Stack
from bootstrap.shop import ORDER_EVENTS, stack
from bootstrap.shop_gateway import with_gateway
from bootstrap.state_machines import StateMachine
from sandbox import gateways
from sandbox.errors import UsageError

USUAL = Flow.CHOREOGRAPHY
# There is no such topic; or the endpoint knows no tags of topics, as it is told by what and whose it is.
_UNTOLD = {
    "NotFound",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "InvalidAction",
    "NotImplemented",
    "UnknownOperationException",
}


def of(clients: Clients) -> Flow | None:
    """The flow of the stack that is there; None where there is none, or it does not say.

    Raises:
        DeployError: the endpoint did not answer, or failed.
    """
    try:
        found = topics.tags_of(clients.sns, arn_of(ORDER_EVENTS, clients.place))
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _UNTOLD:
            return None
        raise explain(str(ORDER_EVENTS), error) from error
    except BotoCoreError as error:
        raise explain(str(ORDER_EVENTS), error) from error
    told = found.get(TAG)
    return next((flow for flow in Flow if flow == told), None)


def stack_at(clients: Clients) -> Stack:
    """The declaration of what is there. Raises as `of`."""
    return with_gateway(stack_of(of(clients)), gateways.running(clients))


def with_others_letters(declared: Stack, queues: Collection[str]) -> Stack:
    """Also what lies, or will lie, in dead-letter queues of the other flow that are among these `queues`: what it began
    goes on after the switch.
    """
    others = [each for flow in Flow for each in stack(flow).resources if declared.find(each.ref) is None]
    letters = {each.name for each in others if isinstance(each, Queue) and each.name in queues}
    kept = [
        each
        for each in others
        if (isinstance(each, Queue) and each.name in letters)
        or (isinstance(each, StateMachine) and each.dead_letters.name in letters)
    ]
    return replace(declared, resources=(*declared.resources, *kept))


def stack_of(flow: Flow | None) -> Stack:
    """The declaration for a flow; None: the usual one's."""
    return stack(flow or USUAL)


def require(endpoint: str, asked: Flow | None) -> None:
    """Raises UsageError where a command that works on what is there was asked for the other flow."""
    if asked and (runs := of(Clients(endpoint))) not in (None, asked):
        raise UsageError(f"This stack runs with FLOW={runs}: make up FLOW={asked} changes it; or leave FLOW out.")
