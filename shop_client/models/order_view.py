from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.line_view import LineView
    from ..models.timeline_entry import TimelineEntry


T = TypeVar("T", bound="OrderView")


@_attrs_define
class OrderView:
    """`GET /orders/{orderId}`.

    Attributes:
        order_id (str):
        customer_id (str):
        items (list[LineView]):
        total_cents (int):
        status (str):
        reason (None | str):
        timeline (list[TimelineEntry]):
    """

    order_id: str
    customer_id: str
    items: list[LineView]
    total_cents: int
    status: str
    reason: None | str
    timeline: list[TimelineEntry]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        order_id = self.order_id

        customer_id = self.customer_id

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        total_cents = self.total_cents

        status = self.status

        reason: None | str
        reason = self.reason

        timeline = []
        for timeline_item_data in self.timeline:
            timeline_item = timeline_item_data.to_dict()
            timeline.append(timeline_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "orderId": order_id,
                "customerId": customer_id,
                "items": items,
                "totalCents": total_cents,
                "status": status,
                "reason": reason,
                "timeline": timeline,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.line_view import LineView
        from ..models.timeline_entry import TimelineEntry

        d = dict(src_dict)
        order_id = d.pop("orderId")

        customer_id = d.pop("customerId")

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = LineView.from_dict(items_item_data)

            items.append(items_item)

        total_cents = d.pop("totalCents")

        status = d.pop("status")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        timeline = []
        _timeline = d.pop("timeline")
        for timeline_item_data in _timeline:
            timeline_item = TimelineEntry.from_dict(timeline_item_data)

            timeline.append(timeline_item)

        order_view = cls(
            order_id=order_id,
            customer_id=customer_id,
            items=items,
            total_cents=total_cents,
            status=status,
            reason=reason,
            timeline=timeline,
        )

        order_view.additional_properties = d
        return order_view

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
