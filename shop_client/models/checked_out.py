from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CheckedOut")


@_attrs_define
class CheckedOut:
    """The cart has become this order.

    Attributes:
        order_id (str):
        status (Literal['PENDING'] | Unset):  Default: 'PENDING'.
    """

    order_id: str
    status: Literal["PENDING"] | Unset = "PENDING"
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        order_id = self.order_id

        status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "orderId": order_id,
            }
        )
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        order_id = d.pop("orderId")

        status = cast(Literal["PENDING"] | Unset, d.pop("status", UNSET))
        if status != "PENDING" and not isinstance(status, Unset):
            raise ValueError(f"status must match const 'PENDING', got '{status}'")

        checked_out = cls(
            order_id=order_id,
            status=status,
        )

        checked_out.additional_properties = d
        return checked_out

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
