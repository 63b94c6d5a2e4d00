"""The ledger in memory, with the same conditions as the DynamoDB one."""

from payments.domain import Entry, Kind, Opening, Payment
from tests.unit.functions.interleaving import step


class MemoryLedger:
    """`GatewayLedger` in dicts; others may come between any two of its operations."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Entry]] = {}
        self.attempts: dict[str, int] = {}
        self.openings: dict[str, Opening] = {}

    def payment(self, order_id: str) -> Payment:
        """See `Ledger`."""
        step()
        return Payment(**self.entries.get(order_id, {}), opening=self.openings.get(order_id))

    def enter(self, order_id: str, entry: Entry) -> Entry:
        """See `Ledger`."""
        step()
        return self.entries.setdefault(order_id, {}).setdefault(entry.slot, entry)

    def count_attempt(self, order_id: str) -> int:
        """See `Ledger`."""
        step()
        self.attempts[order_id] = self.attempts.get(order_id, 0) + 1
        return self.attempts[order_id]

    def open(self, order_id: str, opening: Opening) -> Opening:
        """See `GatewayLedger`."""
        step()
        return self.openings.setdefault(order_id, opening)

    def kinds(self, order_id: str) -> set[Kind]:
        """What an order's entries say."""
        return {entry.kind for entry in self.entries.get(order_id, {}).values()}

    def balance(self, order_id: str) -> int:
        """What the customer has paid and not got back, in cents."""
        sign = {Kind.CHARGE: 1, Kind.REFUND: -1}
        return sum(sign.get(entry.kind, 0) * entry.amount_cents for entry in self.entries.get(order_id, {}).values())
