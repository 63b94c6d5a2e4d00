"""Pictures of products: from the upload to the thumbnail, and what is refused on the way."""

import io
import struct
import uuid
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import requests
from PIL import Image

from bootstrap.shop_uploads import IMAGES, MAX_IMAGE_BYTES
from tests.conftest import Aws
from tests.integration.conftest import Customer
from tests.waiting import until


def picture(kind: str, width: int, height: int, colour: str = "red") -> bytes:
    """One picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, kind)
    return buffer.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of that many pixels by as many, all black: some hundred kilobytes that unfold to gigabytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packed = zlib.compressobj(9)
    rows = b"".join(packed.compress(bytes(1 + side * 3)) for _ in range(side // 16)) + packed.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def put(who: Customer, product_id: str, content: bytes, kind: str = "image/png", **headers: str) -> requests.Response:
    """Upload a picture."""
    given = {"Content-Type": kind, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return who.call("PUT", f"/products/{product_id}/image", data=content, headers=given)


def shown(who: Customer, product_id: str) -> dict[str, Any]:
    """The product, once it has a picture."""

    def look() -> dict[str, Any] | None:
        product: dict[str, Any] = who.call("GET", f"/products/{product_id}").json()
        return product if "thumbnailUrl" in product else None

    return until(look)


def set_aside(aws: Aws, product_id: str) -> dict[str, str]:
    """What S3 knows of the product's refused upload, once there is one."""

    def look() -> dict[str, str] | None:
        found = aws("s3").list_objects_v2(Bucket=IMAGES.name, Prefix=f"set-aside/{product_id}/").get("Contents", [])
        if not found:
            return None
        metadata: dict[str, str] = aws("s3").head_object(Bucket=IMAGES.name, Key=found[0]["Key"])["Metadata"]
        return metadata

    return until(look)


def keys(aws: Aws, prefix: str) -> list[str]:
    """The objects below `prefix`."""
    found = aws("s3").list_objects_v2(Bucket=IMAGES.name, Prefix=prefix).get("Contents", [])
    return [each["Key"] for each in found]


@pytest.mark.parametrize(("kind", "width", "height"), [("PNG", 640, 480), ("JPEG", 300, 900)])
def test_picture_becomes_a_thumbnail_that_anybody_can_read(
    admin: Customer, anonymous: Customer, product: Callable[[int], str], kind: str, width: int, height: int
) -> None:
    product_id, content = product(5), picture(kind, width, height)
    assert "thumbnailUrl" not in admin.call("GET", f"/products/{product_id}").json()
    assert put(admin, product_id, content, f"image/{kind.lower()}").status_code == 202
    found = shown(anonymous, product_id)
    assert found["image"] == {
        "width": width,
        "height": height,
        "type": f"image/{kind.lower()}",
        "bytes": len(content),
    }
    answer = requests.get(found["thumbnailUrl"], timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(answer.content)) as thumbnail:
        assert max(thumbnail.size) == 320
        assert thumbnail.width * height == pytest.approx(thumbnail.height * width, rel=0.02)
    [listed] = [each for each in anonymous.products(found["category"]) if each["productId"] == product_id]
    assert listed == found


def test_edit_keeps_the_picture_and_the_later_upload_wins(
    admin: Customer, product: Callable[[int], str], aws: Aws
) -> None:
    product_id = product(5)
    assert put(admin, product_id, picture("PNG", 400, 400)).status_code == 202
    first = shown(admin, product_id)
    edit = {name: first[name] for name in ("name", "category", "priceCents", "stock", "description")}
    edited = admin.call("PUT", f"/products/{product_id}", {**edit, "name": "Another"})
    assert edited.json() == {**first, "name": "Another"}
    assert put(admin, product_id, picture("PNG", 200, 100)).status_code == 202
    until(lambda: shown(admin, product_id)["image"]["width"] == 200)
    until(lambda: len(keys(aws, f"thumbnails/{product_id}/")) == len(keys(aws, f"originals/{product_id}/")) == 1)
    assert keys(aws, f"uploads/{product_id}/") == []


@pytest.mark.parametrize(
    ("size", "content_type", "status"),
    [
        (MAX_IMAGE_BYTES, "image/png", 202),
        (MAX_IMAGE_BYTES + 1, "image/png", 413),
        (11 * 1024 * 1024, "image/png", 413),
        (100, "text/plain", 400),
        (100, "image/gif", 400),
    ],
)
def test_size_and_type_are_looked_at_before_anything_is_stored(
    admin: Customer, product: Callable[[int], str], aws: Aws, size: int, content_type: str, status: int
) -> None:
    product_id = product(5)
    answer = put(admin, product_id, picture("PNG", 8, 8).ljust(size, b"\0"), content_type)
    assert answer.status_code == status, answer.text
    if status != 202:
        assert set(answer.json()["error"]) == {"code", "message", "details"}
        assert keys(aws, f"uploads/{product_id}/") == []
    else:
        assert shown(admin, product_id)["image"]["bytes"] == size


@pytest.mark.parametrize("content", [b"", b"{}", b"GIF89a" + bytes(100), b"\x00\xff" * 50])
def test_body_that_begins_like_no_picture_is_400(
    admin: Customer, product: Callable[[int], str], content: bytes
) -> None:
    answer = put(admin, product(5), content)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"] == [{"field": "body", "message": "is neither a PNG nor a JPEG"}]


def test_only_admins_may(
    admin: Customer, customer: Customer, anonymous: Customer, product: Callable[[int], str], endpoint: str
) -> None:
    product_id, content = product(5), picture("PNG", 8, 8)
    assert put(customer, product_id, content).json()["error"]["code"] == "FORBIDDEN"
    assert put(anonymous, product_id, content).status_code == 401
    for path in ("%2e%2e", "-", "a%2Fb", "x" * 65):
        assert put(admin, path, content).status_code == 404, path


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (picture("PNG", 64, 64)[:100], "NOT_AN_IMAGE"),
        (b"\xff\xd8\xff" + bytes(64), "NOT_AN_IMAGE"),
        (bomb(20_000), "TOO_MANY_PIXELS"),
    ],
    ids=["cut off", "not a JPEG", "bomb"],
)
def test_what_only_begins_like_a_picture_is_set_aside_with_a_reason(
    admin: Customer, product: Callable[[int], str], aws: Aws, content: bytes, reason: str
) -> None:
    product_id, correlation_id = product(5), f"pictures-{uuid.uuid4()}"
    answer = put(admin, product_id, content, X_Correlation_Id=correlation_id)
    assert answer.status_code == 202
    found = set_aside(aws, product_id)
    assert (found["reason"], found["correlation-id"]) == (reason, correlation_id)
    assert "thumbnailUrl" not in admin.call("GET", f"/products/{product_id}").json()
    until(lambda: keys(aws, f"uploads/{product_id}/") == [])


def test_picture_of_a_product_that_is_gone_is_set_aside(admin: Customer, aws: Aws) -> None:
    product_id = uuid.uuid4().hex
    assert put(admin, product_id, picture("PNG", 64, 64)).status_code == 202
    assert set_aside(aws, product_id)["reason"] == "UNKNOWN_PRODUCT"
    until(lambda: keys(aws, f"thumbnails/{product_id}/") == [])
