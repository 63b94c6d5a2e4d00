"""Lambda entry of notifications: its SQS queue, fed by the topic `order-events` and the bus."""

import os
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from aws_lambda_powertools.utilities.typing import LambdaContext

from common import aws
from common.consumer import consume
from common.events import EventPublisher
from common.log import logger
from notifications.consumer import Notifications
from notifications.mailer import SesMailer
from notifications.once import Once

once = Once(DynamoDBPersistenceLayer(os.environ["NOTIFICATIONS_TABLE"], boto3_client=aws.dynamodb()))
publisher = EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.notifications")
notifications = Notifications(once, SesMailer(aws.ses(), os.environ["MAIL_SENDER"]), publisher)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Work through one batch."""
    once.register(context)
    return consume(event, context, notifications.on_record)
