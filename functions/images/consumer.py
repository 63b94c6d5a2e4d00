"""What becomes of an upload.

| step | a function that dies after it |
|---|---|
| picture and thumbnail are stored, under names of this upload | stores the same again |
| the product shows them, unless it shows a later upload | finds its own upload there, and goes on |
| the picture before is deleted | leaves that one: an object that nobody refers to |
| the upload is deleted | finds it gone, and is done |
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common.log import logger
from images.domain import NoUploadError, Picture, Places, RefusedError, Upload
from images.store import NewerError, NoProductError, Objects, ProductImages


@dataclass(frozen=True, slots=True)
class Uploads:
    """Takes uploads in, or sets them aside."""

    objects: Objects
    products: ProductImages
    read: Callable[[bytes], Picture]

    def on_record(self, record: SQSRecord) -> None:
        """Handle one message of S3: of one object, or of none (the test that S3 sends at first)."""
        message: dict[str, Any] = json.loads(record.body)
        for each in message.get("Records", ()):
            self.on_object(unquote_plus(each["s3"]["object"]["key"]))

    def on_object(self, key: str) -> None:
        """Handle one object. What nobody could have uploaded is logged, and left where it is."""
        try:
            upload = Upload.of(key)
        except NoUploadError:
            logger.warning("an object that is no upload", key=key)
            return
        logger.append_keys(correlation_id=upload.correlation_id, product_id=upload.product_id)
        stored = self.objects.read(key)
        if stored is None:
            logger.info("the upload is handled already")
            return
        content = decoded(stored)
        try:
            self._take(upload, content)
        except RefusedError as error:
            logger.warning("image set aside", reason=error.reason, why=str(error))
            self.objects.set_aside(upload, content, error.reason, str(error))
        self.objects.delete(key)

    def _take(self, upload: Upload, content: bytes) -> None:
        picture = self.read(content)
        places = Places.of(upload)
        self.objects.keep(places, picture, content)
        try:
            before = self.products.show(upload, places, picture)
        except NewerError:
            logger.info("a later upload is shown")
            self.objects.delete(places.original, places.thumbnail)
            return
        except NoProductError as error:
            self.objects.delete(places.original, places.thumbnail)
            raise RefusedError("UNKNOWN_PRODUCT", "There is no such product.") from error
        logger.info("image shown", width=picture.width, height=picture.height, bytes=picture.size)
        if before:
            self.objects.delete(before.original, before.thumbnail)


def decoded(stored: bytes) -> bytes:
    """The picture of the base64 that API Gateway stores; what is none is left as it is, to be refused as a picture."""
    try:
        return base64.b64decode(stored, validate=True)
    except binascii.Error:
        return stored
