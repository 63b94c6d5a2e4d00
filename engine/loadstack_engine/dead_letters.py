"""Messages to dead-letter queues, as EventBridge and its Scheduler send them."""

from loadstack_engine.in_process import Client, queue_url

_ATTRIBUTE_LENGTH = 1024


def send_dead_letter(queue_arn: str, body: str, attributes: dict[str, str]) -> None:
    """Raises ``ServiceException`` where the queue does not take it."""
    Client.of("sqs", queue_arn).send_message(
        QueueUrl=queue_url(queue_arn),
        MessageBody=body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": _printable(value)} for name, value in attributes.items()
        },
    )


def _printable(value: str) -> str:
    return "".join(c if c.isprintable() else " " for c in value)[:_ATTRIBUTE_LENGTH] or " "
