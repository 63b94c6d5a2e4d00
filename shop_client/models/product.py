from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.image import Image


T = TypeVar("T", bound="Product")


@_attrs_define
class Product:
    """One product; `stock` is what can still be bought, `image` and `thumbnailUrl` are left out until there is one.

    Attributes:
        product_id (str):
        name (str):
        category (str):
        price_cents (int):
        stock (int):
        description (str):
        image (Image | None | Unset):
        thumbnail_url (None | str | Unset):
    """

    product_id: str
    name: str
    category: str
    price_cents: int
    stock: int
    description: str
    image: Image | None | Unset = UNSET
    thumbnail_url: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.image import Image

        product_id = self.product_id

        name = self.name

        category = self.category

        price_cents = self.price_cents

        stock = self.stock

        description = self.description

        image: dict[str, Any] | None | Unset
        if isinstance(self.image, Unset):
            image = UNSET
        elif isinstance(self.image, Image):
            image = self.image.to_dict()
        else:
            image = self.image

        thumbnail_url: None | str | Unset
        if isinstance(self.thumbnail_url, Unset):
            thumbnail_url = UNSET
        else:
            thumbnail_url = self.thumbnail_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "productId": product_id,
                "name": name,
                "category": category,
                "priceCents": price_cents,
                "stock": stock,
                "description": description,
            }
        )
        if image is not UNSET:
            field_dict["image"] = image
        if thumbnail_url is not UNSET:
            field_dict["thumbnailUrl"] = thumbnail_url

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.image import Image

        d = dict(src_dict)
        product_id = d.pop("productId")

        name = d.pop("name")

        category = d.pop("category")

        price_cents = d.pop("priceCents")

        stock = d.pop("stock")

        description = d.pop("description")

        def _parse_image(data: object) -> Image | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                image_type_0 = Image.from_dict(data)

                return image_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Image | None | Unset, data)

        image = _parse_image(d.pop("image", UNSET))

        def _parse_thumbnail_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        thumbnail_url = _parse_thumbnail_url(d.pop("thumbnailUrl", UNSET))

        product = cls(
            product_id=product_id,
            name=name,
            category=category,
            price_cents=price_cents,
            stock=stock,
            description=description,
            image=image,
            thumbnail_url=thumbnail_url,
        )

        product.additional_properties = d
        return product

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
