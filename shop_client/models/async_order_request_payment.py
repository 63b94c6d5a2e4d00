from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.async_order_request_payment_token import AsyncOrderRequestPaymentToken

T = TypeVar("T", bound="AsyncOrderRequestPayment")


@_attrs_define
class AsyncOrderRequestPayment:
    """
    Attributes:
        method (str):
        token (AsyncOrderRequestPaymentToken):
    """

    method: str
    token: AsyncOrderRequestPaymentToken
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        method = self.method

        token = self.token.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "method": method,
                "token": token,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        method = d.pop("method")

        token = AsyncOrderRequestPaymentToken(d.pop("token"))

        async_order_request_payment = cls(
            method=method,
            token=token,
        )

        async_order_request_payment.additional_properties = d
        return async_order_request_payment

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
