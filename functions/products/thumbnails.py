"""Where thumbnails can be read by anybody."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """URLs of objects: S3's own, or, beside an endpoint that is not AWS's, one at the address that the client uses.

    That endpoint's port is another one for the client than for the function where there is a container between them.
    """

    base: str

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        """Those for whoever sent this request."""
        bucket = os.environ["IMAGES_BUCKET"]
        if "AWS_ENDPOINT_URL" not in os.environ:
            return cls(f"https://{bucket}.s3.{os.environ['AWS_REGION']}.amazonaws.com")
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        scheme = headers.get("x-forwarded-proto", "http").lower()
        return cls(f"{scheme}://{headers.get('host', '')}/{bucket}")

    def shown(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """A product as it is stored, with the URL of its thumbnail where it has one."""
        image = item.get("image")
        return {**item, "thumbnailUrl": f"{self.base}/{quote(image['thumbnail'])}"} if image else item
