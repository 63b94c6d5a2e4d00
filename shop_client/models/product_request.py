from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ProductRequest")


@_attrs_define
class ProductRequest:
    """`POST /products`, `PUT /products/{productId}`: all of a product but its id. Numbers are strict, as in orders.

    Attributes:
        name (str):
        category (str):
        price_cents (int):
        stock (int):
        description (str):
    """

    name: str
    category: str
    price_cents: int
    stock: int
    description: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        category = self.category

        price_cents = self.price_cents

        stock = self.stock

        description = self.description

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "category": category,
                "priceCents": price_cents,
                "stock": stock,
                "description": description,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        category = d.pop("category")

        price_cents = d.pop("priceCents")

        stock = d.pop("stock")

        description = d.pop("description")

        product_request = cls(
            name=name,
            category=category,
            price_cents=price_cents,
            stock=stock,
            description=description,
        )

        product_request.additional_properties = d
        return product_request

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
