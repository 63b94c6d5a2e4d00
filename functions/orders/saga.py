"""Orders that a state machine brings to their end: how their saga begins, and the steps of orders in it."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from common.events import EventType, OrderEvent, Publisher, Reason, Stage
from common.saga import Outcome, Saga, Step
from orders.consumer import OrderReactions
from orders.domain import Order

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_NAMES = uuid.UUID("2f2c9c1e-83b5-4f0b-8a65-51f6a3f6d7a4")


class SagaPublisher:
    """A `Publisher` whose OrderPlaced starts the saga of an order; all else goes to the bus as ever.

    The saga bears the order's id as its name, so there is one, however often OrderPlaced is published.
    """

    def __init__(self, bus: Publisher, client: "SFNClient", state_machine_arn: str) -> None:
        self._bus = bus
        self._client = client
        self._state_machine_arn = state_machine_arn

    def publish(self, kind: EventType, events: Sequence[OrderEvent]) -> None:
        """See `Publisher`."""
        if kind is not EventType.ORDER_PLACED:
            self._bus.publish(kind, events)
            return
        for event in events:
            self._start(event)

    def _start(self, event: OrderEvent) -> None:
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=name_of(event.data.order_id),
                input=Saga(order=event.with_trail()).model_dump_json(by_alias=True, exclude_none=True),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise


def name_of(order_id: str) -> str:
    """The order's id, or where that is no name for an execution, one that follows from it."""
    return order_id if _NAME.fullmatch(order_id) else str(uuid.uuid5(_NAMES, order_id))


@dataclass(frozen=True, slots=True)
class OrderSteps:
    """One method for each step. The outcome is the status of the order."""

    reactions: OrderReactions

    def by_name(self) -> Mapping[str, Step]:
        """The steps by the names that the state machine uses."""
        return {"note": self.note, "confirm": self.confirm, "reject": self.reject}

    def note(self, order: OrderEvent) -> Outcome:
        """Note that the stock is held."""
        return _outcome(self.reactions.stock_reserved(order), order)

    def confirm(self, order: OrderEvent) -> Outcome:
        """CONFIRMED, unless it was cancelled meanwhile."""
        return _outcome(self.reactions.confirm(order), order)

    def reject(self, order: OrderEvent) -> Outcome:
        """REJECTED, unless it has another final status. For the reason of the step that said no; where one failed
        instead, for what that step was to get.
        """
        if _reason(order) is Reason.OUT_OF_STOCK:
            return _outcome(self.reactions.stock_rejected(order), order)
        return _outcome(self.reactions.payment_declined(order), order)


def _reason(order: OrderEvent) -> Reason:
    if order.data.reason is not None:
        return Reason(order.data.reason)
    return Reason.PAYMENT_DECLINED if Stage.STOCK_RESERVED.value in order.metadata.stages else Reason.OUT_OF_STOCK


def _outcome(stored: Order, order: OrderEvent) -> Outcome:
    return Outcome(stored.status.value, order)
