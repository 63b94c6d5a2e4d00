"""A step of an order's saga: what the state machine `order-saga` asks a service for, and what it is told.

Each service that takes part maps the names of its steps to functions of its own. A step may be asked for again at any
time (its answer got lost, or the function died): it does nothing twice, and answers as the first time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from common.consumer import log_keys
from common.events import OrderEvent
from common.log import logger
from common.model import Model
from common.trail import Invocation, follow, leg


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step, by which the state machine chooses the next one, and the order as it is then."""

    what: str
    order: OrderEvent


type Step = Callable[[OrderEvent], Outcome]


class Failure(Model):
    """Why a step failed for good, as Step Functions says it."""

    error: str = Field(alias="Error", default="")


class Saga(Model):
    """How far the saga of an order is: what the state machine passes from state to state.

    `failure` is that of the step whose work is being taken back.
    """

    order: OrderEvent
    failure: Failure | None = None


class Request(Model):
    """What a service is invoked with."""

    step: str
    saga: Saga


def is_step(event: Mapping[str, Any]) -> bool:
    """Whether the state machine invoked the function: neither API Gateway nor SQS nor EventBridge has this field."""
    return "step" in event


def take(event: dict[str, Any], context: LambdaContext, steps: Mapping[str, Step]) -> dict[str, Any]:
    """Take the step that `event` asks for; answers the saga with its outcome.

    Raises what the step raises: then Step Functions asks again, or takes back what was done before. KeyError for a
    step that is not one of `steps`, and pydantic's ValidationError for anything else.
    """
    request = Request.model_validate(event)
    order = request.saga.order
    log_keys(order.metadata.correlation_id, order.data.order_id, request.step)
    if request.saga.failure is not None:
        logger.warning("a step failed for good before; the saga goes on from there", error=request.saga.failure.error)
    with Invocation.of(context).serving_step():
        follow(order.trail)
        try:
            outcome = steps[request.step](order.without_trail())
        except Exception:
            logger.exception("the step failed; the state machine asks again, or gives up", leg=leg())
            raise
        logger.info("step taken", outcome=outcome.what, leg=leg())
        told = outcome.order.with_trail().model_dump(mode="json", by_alias=True, exclude_none=True)
        return {**event["saga"], "outcome": outcome.what, "order": told}
