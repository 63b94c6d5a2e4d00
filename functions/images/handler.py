"""Lambda entry of images: the SQS queue that S3 tells of uploads."""

import os
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from common import aws
from common.consumer import consume
from common.log import logger
from images import pictures
from images.consumer import Uploads
from images.store import DynamoProductImages, S3Objects

uploads = Uploads(
    S3Objects(aws.s3(), os.environ["IMAGES_BUCKET"]),
    DynamoProductImages(aws.dynamodb(), os.environ["PRODUCTS_TABLE"]),
    pictures.read,
)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Work through one batch."""
    return consume(event, context, uploads.on_record)
