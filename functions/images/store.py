"""Where pictures are kept: objects in S3, and what is known of them on the product."""

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from common.dynamodb import blocking_item, condition_failed, from_wire, to_wire
from common.retry import retry_busy
from images.domain import Picture, Places, Upload

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

# Each upload has a thumbnail of its own name, which never changes.
_FOREVER = "public, max-age=31536000, immutable"


class Objects(Protocol):
    """What the service needs of S3. Everything may be done twice."""

    def read(self, key: str) -> bytes | None:
        """The object; None when it is gone."""

    def keep(self, places: Places, picture: Picture, content: bytes) -> None:
        """Store a picture and its thumbnail."""

    def set_aside(self, upload: Upload, content: bytes, reason: str, message: str) -> None:
        """Store what was refused, with the reason."""

    def delete(self, *keys: str) -> None:
        """Delete what is there of these."""


class ProductImages(Protocol):
    """What the service needs of the catalogue."""

    def show(self, upload: Upload, places: Places, picture: Picture) -> Places | None:
        """Make it the product's picture; returns where the one before lies, None where there was none.

        Raises NewerError, or NoProductError.
        """


class NewerError(Exception):
    """The product has a picture that was uploaded later."""


class NoProductError(Exception):
    """The product is not in the catalogue, or no longer."""


class S3Objects:
    """`Objects` in one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, key: str) -> bytes | None:
        """See `Objects`."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None

    def keep(self, places: Places, picture: Picture, content: bytes) -> None:
        """See `Objects`."""
        self._client.put_object(Bucket=self._bucket, Key=places.original, Body=content, ContentType=picture.media_type)
        self._client.put_object(
            Bucket=self._bucket,
            Key=places.thumbnail,
            Body=picture.thumbnail,
            ContentType="image/jpeg",
            CacheControl=_FOREVER,
        )

    def set_aside(self, upload: Upload, content: bytes, reason: str, message: str) -> None:
        """See `Objects`. Metadata are ASCII, and 2 kB of them at most."""
        told = message.encode("ascii", "replace").decode()[:500].replace("\n", " ")
        self._client.put_object(
            Bucket=self._bucket,
            Key=upload.set_aside_key(),
            Body=content,
            ContentType="application/octet-stream",
            Metadata={"reason": reason, "message": told, "correlation-id": upload.correlation_id},
        )

    def delete(self, *keys: str) -> None:
        """See `Objects`. One by one: DeleteObjects would need a grant for each prefix at once."""
        for key in keys:
            self._client.delete_object(Bucket=self._bucket, Key=key)


class DynamoProductImages:
    """`ProductImages` in the table `products`, of which it writes nothing but `image`, and the version.

    The version grows, as with each change of the product: an admin's edit that was read before puts back what it read.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    @retry_busy
    def show(self, upload: Upload, places: Places, picture: Picture) -> Places | None:
        """See `ProductImages`. Done twice, it is done: the second finds its own version, and nothing before it."""
        image = {
            "uploadedAs": upload.version,
            "original": places.original,
            "thumbnail": places.thumbnail,
            "width": picture.width,
            "height": picture.height,
            "type": picture.media_type,
            "bytes": picture.size,
        }
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=to_wire({"productId": upload.product_id}),
                UpdateExpression="SET image = :image ADD version :one",
                ConditionExpression="attribute_exists(productId)"
                " AND (attribute_not_exists(image) OR image.uploadedAs < :upload)",
                ExpressionAttributeValues=to_wire({":image": image, ":one": 1, ":upload": upload.version}),
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            _refuse(upload, blocking_item(error), error)
            return None
        return _places(from_wire(answer["Attributes"]))


def _refuse(upload: Upload, item: dict[str, Any] | None, error: ClientError) -> None:
    if item is None:
        raise NoProductError(upload.product_id) from error
    if item["image"]["uploadedAs"] != upload.version:
        raise NewerError(upload.product_id) from error


def _places(item: dict[str, Any]) -> Places | None:
    image = item.get("image")
    return Places(image["original"], image["thumbnail"]) if image else None
