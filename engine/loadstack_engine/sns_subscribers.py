"""From a topic to its queues and functions, within the process.

Stock LocalStack 4.14.0 hands each message to a pool and reaches the subscriber through a botocore client. Formats,
filter policies, signatures and dead-letter queues stay LocalStack's own; other protocols keep the pool.
"""

from typing import Any

from localstack.aws.connect import connect_to
from localstack.constants import DEFAULT_AWS_ACCOUNT_ID
from localstack.services.sns import publisher
from localstack.services.sns.models import SnsSubscription
from localstack.services.sns.publisher import PublishDispatcher

from loadstack_engine.in_process import Client, queue_url
from loadstack_engine.runtime._loadstack_requests import last_part
from loadstack_engine.usage.harmless import harmless
from loadstack_engine.usage.meter import USAGE

_IMMEDIATE = frozenset({"sqs", "lambda"})


class Connections:
    """What the publishers see as ``connect_to``: clients of SQS and Lambda in the process, stock's for the rest."""

    def __call__(self, *, aws_access_key_id: str = DEFAULT_AWS_ACCOUNT_ID, region_name: str | None = None) -> Any:
        return _Connection(aws_access_key_id, region_name)

    def __getattr__(self, name: str) -> Any:
        return getattr(connect_to, name)


class _Connection:
    def __init__(self, account_id: str, region: str | None) -> None:
        self._account_id = account_id
        self._region = region

    @property
    def sqs(self) -> Client:
        return Client("sqs", self._account_id, self._region or "", origin="sns")

    @property
    def lambda_(self) -> Client:
        return Client("lambda", self._account_id, self._region or "")

    def __getattr__(self, service: str) -> Any:
        return getattr(connect_to(aws_access_key_id=self._account_id, region_name=self._region), service)


def use() -> None:
    """Deliver this way from now on."""
    stock = PublishDispatcher._submit_notification

    def submit(dispatcher: PublishDispatcher, notifier: Any, context: Any, subscriber: SnsSubscription) -> None:
        _count(context, subscriber)
        if subscriber["Protocol"] in _IMMEDIATE:
            notifier.publish(context=context, subscriber=subscriber)  # raises nothing
        else:
            stock(dispatcher, notifier, context, subscriber)

    publisher.connect_to = Connections()
    publisher.sqs_queue_url_for_arn = queue_url
    PublishDispatcher._submit_notification = submit


@harmless
def _count(context: Any, subscriber: SnsSubscription) -> None:
    count = len(getattr(context, "messages", "1"))  # a batch, or one
    USAGE.add(("sns", last_part(subscriber["TopicArn"]), "deliveries", subscriber["Protocol"]), count)
