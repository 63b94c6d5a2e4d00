from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.minute_sales import MinuteSales
    from ..models.product_sales import ProductSales


T = TypeVar("T", bound="Sales")


@_attrs_define
class Sales:
    """`GET /analytics/sales`: confirmed orders that are not cancelled, each in the minute of its confirmation.

    Attributes:
        orders (int):
        units (int):
        revenue_cents (int):
        by_minute (list[MinuteSales]):
        by_product (list[ProductSales]):
    """

    orders: int
    units: int
    revenue_cents: int
    by_minute: list[MinuteSales]
    by_product: list[ProductSales]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        orders = self.orders

        units = self.units

        revenue_cents = self.revenue_cents

        by_minute = []
        for by_minute_item_data in self.by_minute:
            by_minute_item = by_minute_item_data.to_dict()
            by_minute.append(by_minute_item)

        by_product = []
        for by_product_item_data in self.by_product:
            by_product_item = by_product_item_data.to_dict()
            by_product.append(by_product_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "orders": orders,
                "units": units,
                "revenueCents": revenue_cents,
                "byMinute": by_minute,
                "byProduct": by_product,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.minute_sales import MinuteSales
        from ..models.product_sales import ProductSales

        d = dict(src_dict)
        orders = d.pop("orders")

        units = d.pop("units")

        revenue_cents = d.pop("revenueCents")

        by_minute = []
        _by_minute = d.pop("byMinute")
        for by_minute_item_data in _by_minute:
            by_minute_item = MinuteSales.from_dict(by_minute_item_data)

            by_minute.append(by_minute_item)

        by_product = []
        _by_product = d.pop("byProduct")
        for by_product_item_data in _by_product:
            by_product_item = ProductSales.from_dict(by_product_item_data)

            by_product.append(by_product_item)

        sales = cls(
            orders=orders,
            units=units,
            revenue_cents=revenue_cents,
            by_minute=by_minute,
            by_product=by_product,
        )

        sales.additional_properties = d
        return sales

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
