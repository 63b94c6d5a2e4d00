"""Reading pictures with Pillow, which looks at the size before it unfolds any pixel.

https://pillow.readthedocs.io/en/stable/handbook/security.html
"""

import io
import struct
import warnings
import zlib

from PIL import Image, ImageOps

from images.domain import MAX_IMAGE_BYTES, MAX_PIXELS, MAX_SIDE, THUMBNAIL_SIDE, Picture, RefusedError

_FORMATS = ("JPEG", "PNG")
_QUALITY = 85
# What Pillow's readers raise of a file that is none, is cut off, or lies about itself.
_BROKEN = (OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, EOFError, struct.error, zlib.error)


def read(content: bytes) -> Picture:
    """The picture in `content`, with its thumbnail. Raises RefusedError: TOO_LARGE, NOT_AN_IMAGE, TOO_MANY_PIXELS."""
    if len(content) > MAX_IMAGE_BYTES:
        raise RefusedError("TOO_LARGE", f"It has {len(content)} bytes, and may have {MAX_IMAGE_BYTES}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of oddities in metadata, and of sizes, which are looked at below
            return _read(content)
    except Image.DecompressionBombError as error:
        # Pillow's own limit is far above ours, and it tells no width and height.
        raise RefusedError("TOO_MANY_PIXELS", f"It may have {MAX_PIXELS} pixels, and has many more.") from error
    except _BROKEN as error:
        raise RefusedError("NOT_AN_IMAGE", f"It cannot be read as PNG or JPEG: {error}") from error


def _read(content: bytes) -> Picture:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        width, height = image.size
        if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
            raise RefusedError(
                "TOO_MANY_PIXELS", f"It is {width} by {height} pixels, and may have {MAX_PIXELS} of them."
            )
        media_type = f"image/{(image.format or '').lower()}"
        # JPEG: read at a fraction of the size. Else the whole is read, once.
        image.draft("RGB", (2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE))
        small = _in_eight_bits(image)
        small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        upright = ImageOps.exif_transpose(small)
        turned = image.getexif().get(0x0112) in (5, 6, 7, 8)
        width, height = (height, width) if turned else (width, height)
        return Picture(width, height, media_type, len(content), _jpeg(upright))


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Pillow scales no picture with sixteen bits of grey."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    return image


def _jpeg(image: Image.Image) -> bytes:
    """On white where it is transparent; nothing of the picture's metadata (a place, say) comes along."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
