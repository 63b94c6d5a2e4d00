"""A payment gateway in memory, shaped as Stripe's payment intents are: one intent an order, captured or cancelled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from payments.domain import ProviderUnavailableError
from payments.gateway import Intent
from tests.unit.functions.interleaving import step

OPEN = {"requires_capture", "processing", "requires_payment_method"}


@dataclass
class FakeGateway:
    """`Gateway`. Others may come between any two requests, and between a request and its answer.

    `faults` are drawn one a request: "" for none, "lost" for a request that never arrives, "late" for one that is done
    and whose answer does not come. When they are used up there are no more. `undecided` intents stay in processing
    until `authorize_late`.
    """

    faults: Iterator[str] = field(default_factory=lambda: iter(()))
    undecided: bool = False
    intents: dict[str, Intent] = field(default_factory=dict)
    amounts: dict[str, int] = field(default_factory=dict)
    refunded: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def create(self, order_id: str, amount_cents: int, token: str) -> Intent:
        """See `Gateway`. The order is the idempotency key."""
        return self._request("create", order_id, lambda: self._created(order_id, amount_cents, token))

    def capture(self, order_id: str, intent_id: str) -> Intent:
        """See `Gateway`."""
        return self._request("capture", order_id, lambda: self._moved(intent_id, {"requires_capture"}, "succeeded"))

    def cancel(self, order_id: str, intent_id: str) -> Intent:
        """See `Gateway`."""
        return self._request("cancel", order_id, lambda: self._moved(intent_id, OPEN, "canceled"))

    def refund(self, order_id: str, intent_id: str) -> None:
        """See `Gateway`. A second refund is refused, as Stripe does without its key."""

        def give_back() -> Intent:
            assert self.intents[intent_id].status == "succeeded"
            self.refunded.add(intent_id)
            return self.intents[intent_id]

        self._request("refund", order_id, give_back)

    def retrieve(self, intent_id: str) -> Intent | None:
        """See `Gateway`."""
        return self._request("retrieve", intent_id, lambda: self.intents.get(intent_id))

    def authorize_late(self, order_id: str) -> str:
        """The customer's bank has answered; returns the intent's id."""
        (intent,) = [each for each in self.intents.values() if each.order_id == order_id]
        self._moved(intent.id, {"processing"}, "requires_capture")
        return intent.id

    def balance(self, order_id: str) -> int:
        """What the customer has paid and not got back, in cents."""
        taken = [i for i in self.intents.values() if i.order_id == order_id and i.status == "succeeded"]
        return sum(self.amounts[intent.id] for intent in taken if intent.id not in self.refunded)

    def held(self, order_id: str) -> int:
        """What is on hold on the customer's card, in cents."""
        open_ = [i for i in self.intents.values() if i.order_id == order_id and i.status == "requires_capture"]
        return sum(self.amounts[intent.id] for intent in open_)

    def _request[T](self, what: str, about: str, do: Callable[[], T]) -> T:
        step()
        fault = next(self.faults, "")
        self.asked.append(f"{what} {about}")
        if fault == "lost":
            raise ProviderUnavailableError("no connection")
        answer = do()
        step()
        if fault == "late":
            raise ProviderUnavailableError("no answer")
        return answer

    def _created(self, order_id: str, amount_cents: int, token: str) -> Intent:
        intent_id = f"pi_{order_id}"
        good = "processing" if self.undecided else "requires_capture"
        status = "requires_payment_method" if token == "tok_declined" else good
        self.amounts.setdefault(intent_id, amount_cents)
        return self.intents.setdefault(intent_id, Intent(intent_id, status, order_id))

    def _moved(self, intent_id: str, before: set[str], after: str) -> Intent:
        intent = self.intents[intent_id]
        if intent.status in before:
            self.intents[intent_id] = replace(intent, status=after)
        return self.intents[intent_id]
