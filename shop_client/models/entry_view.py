from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.entry_view_type import EntryViewType

T = TypeVar("T", bound="EntryView")


@_attrs_define
class EntryView:
    """Money that moved: from the customer (charge), or back.

    Attributes:
        type_ (EntryViewType):
        amount_cents (int):
        at (str):
    """

    type_: EntryViewType
    amount_cents: int
    at: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_.value

        amount_cents = self.amount_cents

        at = self.at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "amountCents": amount_cents,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        type_ = EntryViewType(d.pop("type"))

        amount_cents = d.pop("amountCents")

        at = d.pop("at")

        entry_view = cls(
            type_=type_,
            amount_cents=amount_cents,
            at=at,
        )

        entry_view.additional_properties = d
        return entry_view

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
