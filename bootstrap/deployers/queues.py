"""SQS queues and their policies."""

import json
from typing import Any

from bootstrap import policies
from bootstrap.context import Context, Outcome
from bootstrap.resources import Queue, QueuePolicy


def ensure(context: Context, queue: Queue) -> Outcome:
    sqs = context.clients.sqs
    wanted = _attributes(context, queue)
    url = context.observed.queues().get(queue.name)
    if url is None:
        context.ids[queue.ref] = sqs.create_queue(QueueName=queue.name, Attributes=wanted)["QueueUrl"]
        return Outcome.CREATED
    context.ids[queue.ref] = url
    found = context.observed.queue_attributes(queue.name)
    different = {name: value for name, value in wanted.items() if not _same(found.get(name, ""), value)}
    if not different:
        return Outcome.UNCHANGED
    sqs.set_queue_attributes(QueueUrl=url, Attributes=different)
    return Outcome.UPDATED


def ensure_policy(context: Context, policy: QueuePolicy) -> Outcome:
    sqs = context.clients.sqs
    url = context.ids[policy.queue]
    wanted = policies.document(policy.statements, context.resolve)
    found = context.observed.queue_attributes(policy.queue.name).get("Policy")
    if found and json.loads(found) == wanted:
        return Outcome.UNCHANGED
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(wanted)})
    return Outcome.UPDATED if found else Outcome.CREATED


def _attributes(context: Context, queue: Queue) -> Any:
    redrive = ""  # setting the empty string removes a redrive policy
    if queue.dead_letter:
        redrive = json.dumps(
            {
                "deadLetterTargetArn": context.arn(queue.dead_letter.queue),
                "maxReceiveCount": queue.dead_letter.max_receive_count,
            }
        )
    attributes = {
        "VisibilityTimeout": str(queue.visibility_timeout),
        "MessageRetentionPeriod": str(queue.message_retention_period),
        "RedrivePolicy": redrive,
    }
    if queue.maximum_message_size is not None:
        attributes["MaximumMessageSize"] = str(queue.maximum_message_size)
    return attributes if redrive or queue.name in context.observed.queues() else _without_redrive(attributes)


def _without_redrive(attributes: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if name != "RedrivePolicy"}


def _same(found: str, wanted: str) -> bool:
    """Compare as AWS means it: JSON comes back in another order, and its numbers may be strings."""
    if not wanted.startswith("{"):
        return found == wanted
    as_text = {name: str(value) for name, value in json.loads(found or "{}").items()}
    return as_text == {name: str(value) for name, value in json.loads(wanted).items()}
