"""The steps of payments in an order's saga."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.events import OrderEvent, Reason, Stage
from common.saga import Outcome, Step
from payments.charging import Charging
from payments.domain import Payment, Status


@dataclass(frozen=True, slots=True)
class PaymentSteps:
    """One method for each step. The outcome is the status of the payment."""

    charging: Charging

    def by_name(self) -> Mapping[str, Step]:
        """The steps by the names that the state machine uses."""
        return {"charge": self.charge, "refund": self.refund}

    def charge(self, order: OrderEvent) -> Outcome:
        """Charge the order, unless it was voided or refunded before."""
        payment = self.charging.charge(order)
        if payment.status is Status.CHARGED and payment.outcome is not None:
            return _outcome(payment, order.reached(Stage.PAYMENT_CAPTURED, payment.outcome.at))
        return _outcome(payment, order.because(Reason.PAYMENT_DECLINED))

    def refund(self, order: OrderEvent) -> Outcome:
        """Give back what was charged, or see to it that it never will be."""
        return _outcome(self.charging.give_back(order), order)


def _outcome(payment: Payment, order: OrderEvent) -> Outcome:
    return Outcome(payment.status.value if payment.status else "", order)
