"""What becomes of uploads, with objects and products in memory."""

import base64
import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from images import pictures
from images.consumer import Uploads, decoded
from images.domain import MAX_IMAGE_BYTES, MAX_PIXELS, NoUploadError, Picture, Places, RefusedError, Upload
from images.store import NewerError, NoProductError
from tests.unit.functions.factories import record_with_unknown_fields, sqs_record


def png(width: int = 4, height: int = 3, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


@dataclass
class MemoryObjects:
    """`Objects` by key; `reasons` by the key that was set aside."""

    stored: dict[str, bytes] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def read(self, key: str) -> bytes | None:
        """See `Objects`."""
        return self.stored.get(key)

    def keep(self, places: Places, picture: Picture, content: bytes) -> None:
        """See `Objects`."""
        self.stored |= {places.original: content, places.thumbnail: picture.thumbnail}

    def set_aside(self, upload: Upload, content: bytes, reason: str, message: str) -> None:
        """See `Objects`."""
        self.stored[upload.set_aside_key()] = content
        self.reasons[upload.set_aside_key()] = reason

    def delete(self, *keys: str) -> None:
        """See `Objects`."""
        for key in keys:
            self.stored.pop(key, None)


@dataclass
class MemoryProducts:
    """`ProductImages`: what each product shows; None is a product without a picture."""

    shown: dict[str, tuple[Upload, Places] | None]

    def show(self, upload: Upload, places: Places, picture: Picture) -> Places | None:
        """See `ProductImages`."""
        if upload.product_id not in self.shown:
            raise NoProductError
        now = self.shown[upload.product_id]
        if now and now[0].version > upload.version:
            raise NewerError
        self.shown[upload.product_id] = (upload, places)
        return now[1] if now and now[0].version != upload.version else None


def key(time: int, product: str = "p1") -> str:
    return f"uploads/{product}/{time}_req-{time}/corr-{time}"


def service(*products: str) -> tuple[Uploads, MemoryObjects, MemoryProducts]:
    objects, known = MemoryObjects(), MemoryProducts(dict.fromkeys(products))
    return Uploads(objects, known, pictures.read), objects, known


_times = st.lists(st.integers(0, 5), max_size=9).map(lambda more: [*range(6), *more]).flatmap(st.permutations)


@settings(max_examples=30)
@given(_times)
def test_last_upload_wins_in_whatever_order_and_however_often_they_are_told(times: Sequence[int]) -> None:
    uploads, objects, products = service("p1")
    content = {time: png(time + 1) for time in range(6)}
    objects.stored |= {key(time): base64.b64encode(content[time]) for time in range(6)}
    for time in times:
        uploads.on_object(key(time))
    shown = products.shown["p1"]
    assert shown
    assert shown[0].key == key(5)
    assert objects.stored.keys() == {shown[1].original, shown[1].thumbnail}
    assert objects.stored[shown[1].original] == content[5]


def test_function_that_died_after_it_had_shown_the_picture_is_done_at_the_next_try() -> None:
    uploads, objects, products = service("p1")
    objects.stored[key(1)] = base64.b64encode(png())
    upload = Upload.of(key(1))
    products.shown["p1"] = (upload, Places.of(upload))
    uploads.on_object(key(1))
    assert objects.stored.keys() == {Places.of(upload).original, Places.of(upload).thumbnail}


def test_unknown_product_and_what_is_no_picture_are_set_aside_with_a_reason() -> None:
    uploads, objects, products = service("p1")
    objects.stored |= {key(1, "p2"): base64.b64encode(png()), key(2): base64.b64encode(b"GIF89a"), key(3): b"no base64"}
    for each in list(objects.stored):
        uploads.on_object(each)
    assert list(objects.reasons.values()) == ["UNKNOWN_PRODUCT", "NOT_AN_IMAGE", "NOT_AN_IMAGE"]
    assert objects.stored.keys() == objects.reasons.keys()
    assert products.shown == {"p1": None}


def test_message_of_s3_names_objects_in_its_own_encoding_or_none() -> None:
    uploads, objects, _ = service("a~b")
    objects.stored[key(1, "a~b")] = base64.b64encode(png())
    body = {"Records": [{"s3": {"object": {"key": key(1, "a%7Eb")}}}]}
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    for each in (body, {"Service": "Amazon S3", "Event": "s3:TestEvent"}):
        uploads.on_record(SQSRecord(record_with_unknown_fields(sqs_record(json.dumps(each)))))
    assert key(1, "a~b") not in objects.stored


@pytest.mark.parametrize("wrong", ["uploads/p1/x", "thumbnails/p1/1_r/c", "uploads/../1_r/c", "uploads/p1/{time}_r/c"])
def test_key_that_api_gateway_does_not_make_is_left_alone(wrong: str) -> None:
    uploads, objects, _ = service("p1")
    objects.stored[wrong] = b""
    uploads.on_object(wrong)
    assert wrong in objects.stored
    with pytest.raises(NoUploadError):
        Upload.of(wrong)


@given(st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1))
def test_versions_sort_as_the_times(one: int, other: int) -> None:
    versions = [Upload.of(f"uploads/p/{time}_r/c").version for time in (one, other)]
    assert (versions[0] < versions[1]) == (one < other)


@given(st.binary(max_size=200))
def test_base64_is_undone(content: bytes) -> None:
    assert decoded(base64.b64encode(content)) == content


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (640, 480)])
def test_thumbnail_of_any_mode_and_shape_is_a_jpeg_that_fits(mode: str, size: tuple[int, int]) -> None:
    picture = pictures.read(png(*size, mode=mode))
    assert (picture.width, picture.height, picture.media_type) == (*size, "image/png")
    with Image.open(io.BytesIO(picture.thumbnail)) as thumbnail:
        assert thumbnail.format == "JPEG"
        assert max(thumbnail.size) == min(max(size), 320)


def test_picture_is_shown_as_the_camera_was_held() -> None:
    image, buffer = Image.new("RGB", (400, 200)), io.BytesIO()
    exif = image.getexif()
    exif[0x0112] = 6
    exif[0x010E] = "a secret place"
    image.save(buffer, "JPEG", exif=exif)
    picture = pictures.read(buffer.getvalue())
    assert (picture.width, picture.height) == (200, 400)
    assert b"secret" not in picture.thumbnail
    with Image.open(io.BytesIO(picture.thumbnail)) as thumbnail:
        assert thumbnail.size == (160, 320)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "NOT_AN_IMAGE"),
        (png()[:-30], "NOT_AN_IMAGE"),
        (b"\xff\xd8\xff" + bytes(50), "NOT_AN_IMAGE"),
        (png().ljust(MAX_IMAGE_BYTES + 1, b"\0"), "TOO_LARGE"),
    ],
    ids=["empty", "cut off", "no JPEG", "too large"],
)
def test_what_is_no_picture_or_too_large_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(RefusedError) as refused:
        pictures.read(content)
    assert refused.value.reason == reason


def _with_size(width: int, height: int) -> bytes:
    """A PNG that says so in its header."""
    small = bytearray(png())
    small[16:24] = width.to_bytes(4) + height.to_bytes(4)
    small[29:33] = zlib.crc32(bytes(small[12:29])).to_bytes(4)
    return bytes(small)


@pytest.mark.parametrize(("width", "height"), [(10_000, 4_001), (30_001, 1), (1, 30_001), (2**31 - 1, 2**31 - 1)])
def test_bomb_is_refused_before_it_unfolds(width: int, height: int) -> None:
    with pytest.raises(RefusedError) as refused:
        pictures.read(_with_size(width, height))
    assert refused.value.reason == "TOO_MANY_PIXELS"
    assert str(MAX_PIXELS) in str(refused.value)


@given(st.binary(max_size=64), st.integers(0, 200))
def test_broken_pictures_are_refused_and_never_crash(garbage: bytes, place: int) -> None:
    content = bytearray(png(30, 30))
    content[place : place + len(garbage)] = garbage
    uploads, objects, _ = service("p1")
    objects.stored[key(1)] = base64.b64encode(bytes(content))
    uploads.on_object(key(1))
    assert key(1) not in objects.stored
    assert set(objects.reasons.values()) <= {"NOT_AN_IMAGE", "TOO_MANY_PIXELS"}
