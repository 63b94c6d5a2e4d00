"""The catalogue of what the services tell each other.

| type | source | says | consumed by |
|---|---|---|---|
| `CartCheckedOut` | shop.cart | a cart is bought; its `orderId`, prices and time (stage `accepted`) stand | orders |
| `CartAbandoned` | shop.cart | a cart was left with something in it; once for each version of it | notifications |
| `OrderPlaced` | shop.orders | an order is accepted and stored | inventory |
| `StockReserved` | shop.inventory | all its lines are held | payments, orders |
| `StockRejected` | shop.inventory | a line is out of stock; nothing is held | orders |
| `PaymentCaptured` | shop.payments | it is charged | inventory, orders |
| `PaymentDeclined` | shop.payments | it will never be charged | inventory, orders |
| `OrderCancelled` | shop.orders | it was cancelled on request, whole; or charged, but rejected | inventory, payments |
| `PaymentRefunded` | shop.payments | the charge of a cancelled order went back | |
| `ReservationExpired` | shop.inventory | it was not paid in time: is it charged? Nothing is released yet | payments |
| `OrderNotified` | shop.notifications | the mail is out | orders |

All carry the same `OrderEvent` (the whole order: nobody has to call back); only `CartAbandoned`, which is about no
order, carries a `CartEvent`. `OrderAnnouncement` is what the topic `order-events` tells the outside. Consumers ignore
fields that they do not know; a change that breaks one gets a new `version`; the JSON Schema of each version is in
`schemas`. Everything is delivered at least once and in any order.
"""

from common.events.announcement import OrderAnnouncement, TimelineEntry
from common.events.cart import CartData, CartEvent, CartMetadata
from common.events.order import EventType, Line, Metadata, OrderData, OrderEvent, Payment, Reason
from common.events.publisher import BusEvent, EventPublisher, Publisher, PublishError
from common.events.stages import Stage, Stages

__all__ = [
    "BusEvent",
    "CartData",
    "CartEvent",
    "CartMetadata",
    "EventPublisher",
    "EventType",
    "Line",
    "Metadata",
    "OrderAnnouncement",
    "OrderData",
    "OrderEvent",
    "Payment",
    "PublishError",
    "Publisher",
    "Reason",
    "Stage",
    "Stages",
    "TimelineEntry",
]
