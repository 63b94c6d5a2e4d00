from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ProductSales")


@_attrs_define
class ProductSales:
    """What was sold of one product: `orders` are those that have it.

    Attributes:
        product_id (str):
        orders (int):
        units (int):
        revenue_cents (int):
    """

    product_id: str
    orders: int
    units: int
    revenue_cents: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        product_id = self.product_id

        orders = self.orders

        units = self.units

        revenue_cents = self.revenue_cents

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "productId": product_id,
                "orders": orders,
                "units": units,
                "revenueCents": revenue_cents,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        product_id = d.pop("productId")

        orders = d.pop("orders")

        units = d.pop("units")

        revenue_cents = d.pop("revenueCents")

        product_sales = cls(
            product_id=product_id,
            orders=orders,
            units=units,
            revenue_cents=revenue_cents,
        )

        product_sales.additional_properties = d
        return product_sales

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
