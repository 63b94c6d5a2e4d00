"""What the mails say, without AWS."""

from dataclasses import dataclass

from common.events import CartEvent, OrderAnnouncement, Reason

_BODIES = {
    "CONFIRMED": "thank you for your order. We have charged {total} and are packing it.",
    "REJECTED": "we could not take your order: {reason}. You have not been charged.",
    "CANCELLED": "your order is cancelled. What we had charged goes back to you.",
}
_REASONS = {
    Reason.OUT_OF_STOCK.value: "something in it is out of stock",
    Reason.PAYMENT_DECLINED.value: "the payment was declined",
    Reason.UNKNOWN_PRODUCT.value: "something in it is not in our catalogue",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; at most one goes out about a thing (an order, a cart) in a status."""

    about: str
    status: str
    to: str
    subject: str
    body: str


def mail_about(announcement: OrderAnnouncement) -> Mail | None:
    """The mail that `announcement` calls for; None for a stage that calls for none.

    The stage decides, not the status: a "confirmed" that arrives after the cancellation is about CONFIRMED.
    """
    status = announcement.stage.upper()
    template = _BODIES.get(status)
    if template is None:
        return None
    reason = _REASONS.get(announcement.reason or "", "it cannot be delivered")
    return Mail(
        about=announcement.order_id,
        status=status,
        to=announcement.customer_email,
        subject=f"Your order {announcement.order_id} is {status.lower()}",
        body=(
            f"Hello,\n\n{template.format(total=money(announcement.total_cents), reason=reason)}\n\n"
            f"Reference: {announcement.correlation_id}\n"
        ),
    )


def reminder_of(event: CartEvent) -> Mail:
    """The mail about a cart that was left. Each change of the cart makes it another one."""
    cart = event.data
    pieces = sum(line.quantity for line in cart.items)
    return Mail(
        about=cart.customer_id,
        status=f"ABANDONED {cart.cart_version}",
        to=cart.customer_email,
        subject="There is something in your cart",
        body=(
            f"Hello,\n\nyour cart still holds {pieces} {'article' if pieces == 1 else 'articles'}, "
            f"today for {money(cart.total_cents)} together.\n\nReference: {event.metadata.correlation_id}\n"
        ),
    )


def money(cents: int) -> str:
    """1999 is `$19.99`, 5 is `$0.05`."""
    return f"${cents // 100:,}.{cents % 100:02}"
