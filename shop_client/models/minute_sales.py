from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MinuteSales")


@_attrs_define
class MinuteSales:
    """What was sold in one minute.

    Attributes:
        minute (str):
        orders (int):
        units (int):
        revenue_cents (int):
    """

    minute: str
    orders: int
    units: int
    revenue_cents: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        minute = self.minute

        orders = self.orders

        units = self.units

        revenue_cents = self.revenue_cents

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "minute": minute,
                "orders": orders,
                "units": units,
                "revenueCents": revenue_cents,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        minute = d.pop("minute")

        orders = d.pop("orders")

        units = d.pop("units")

        revenue_cents = d.pop("revenueCents")

        minute_sales = cls(
            minute=minute,
            orders=orders,
            units=units,
            revenue_cents=revenue_cents,
        )

        minute_sales.additional_properties = d
        return minute_sales

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
