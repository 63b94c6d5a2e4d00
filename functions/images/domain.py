"""What uploads, pictures and their places are, without AWS."""

import re
from dataclasses import dataclass
from typing import Self

MAX_IMAGE_BYTES = 5 * 1024 * 1024
# A picture of 20 kB can unfold to gigabytes. 40 megapixels are 160 MB at four bytes each.
MAX_PIXELS = 40_000_000
MAX_SIDE = 30_000
THUMBNAIL_SIDE = 320

_KEY = re.compile(
    r"uploads/(?P<product>[A-Za-z0-9][A-Za-z0-9._~-]{0,63})"
    r"/(?P<time>[0-9]{1,15})_(?P<request>[A-Za-z0-9-]{1,64})/(?P<correlation>[A-Za-z0-9._-]{1,64})"
)


class NoUploadError(Exception):
    """The object's key is none that API Gateway makes."""


class RefusedError(Exception):
    """The picture is not taken; `reason` says why in one word, the message in more."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Upload:
    """One picture as it came. `version` sorts the uploads of a product in the order in which API Gateway took them."""

    key: str
    product_id: str
    version: str
    correlation_id: str

    @classmethod
    def of(cls, key: str) -> Self:
        """The upload of an object's key. Raises NoUploadError."""
        match = _KEY.fullmatch(key)
        if match is None:
            raise NoUploadError(key)
        version = f"{int(match['time']):015}_{match['request']}"
        return cls(key, match["product"], version, match["correlation"])

    def set_aside_key(self) -> str:
        """Where it lies when it was refused."""
        return f"set-aside/{self.product_id}/{self.version}"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a picture (pixels, bytes), and its thumbnail, a JPEG."""

    width: int
    height: int
    media_type: str
    size: int
    thumbnail: bytes


@dataclass(frozen=True, slots=True)
class Places:
    """Where a product's picture lies. Each upload has keys of its own: nobody sees half of one and half of another."""

    original: str
    thumbnail: str

    @classmethod
    def of(cls, upload: Upload) -> Self:
        """Those of this upload."""
        name = f"{upload.product_id}/{upload.version}"
        return cls(f"originals/{name}", f"thumbnails/{name}.jpg")
