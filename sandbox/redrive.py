"""``make redrive QUEUE=…``: sends dead letters back to where they failed.

Queues: SQS moves the messages itself (StartMessageMoveTask), and goes on when this command is interrupted. Functions:
each event is invoked again and only then taken out, so an interruption may repeat one, and loses none.
"""

import time
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console

from bootstrap import describe
from bootstrap.clients import Clients
from bootstrap.observed import Observed
from bootstrap.references import Kind, arn_of
from bootstrap.references import Ref as Reference
from bootstrap.shop import SHOP
from sandbox.dead_letters.homes import Home, chosen
from sandbox.dead_letters.messages import receive, release
from sandbox.errors import EXIT_FAILED, EXIT_OK, NotRunningError, SandboxError
from sandbox.target import Target

_POLL_S = 0.2
_HIDDEN_S = 60
_ENDED = {"COMPLETED", "FAILED", "CANCELLED"}


class RedriveError(SandboxError):
    """SQS or Lambda refused; what was not moved lies where it lay."""


def run(target: Target, queue: str, console: Console) -> int:
    """Send back what lies in the dead-letter queue of that name, or of the queue of that name.

    Exit code 1 where something stays, because another command looks at it.

    Raises:
        UsageError: `queue` has no dead-letter queue.
        NotRunningError: there is no sandbox, or not this queue.
        RedriveError: the endpoint refused.
    """
    home = chosen(SHOP, queue)
    target.require_running()
    clients = Clients(target.endpoint)
    url = Observed(clients).queues().get(home.queue)
    if url is None:
        raise NotRunningError(f"The queue {home.queue} is not there: make up creates it.")
    waiting = describe.queue_depths(clients, SHOP)[home.queue].total
    if not waiting:
        console.print(f"[green]Nothing lies in {home.queue}.[/]")
        return EXIT_OK
    try:
        moved = _invoke_again(clients, home, url) if home.place.kind is Kind.FUNCTION else _move(clients, home, url)
    except ClientError as error:
        raise RedriveError(f"{home.queue}: {error.response['Error'].get('Message', error)}") from error
    console.print(f"{moved} sent from {home.queue} to {home.place}")
    if moved < waiting:
        left = waiting - moved
        console.print(f"[red]{left} left in {home.queue}[/]: another command looks at them. Try again in a minute.")
        return EXIT_FAILED
    return EXIT_OK


def _move(clients: Clients, home: Home, url: str) -> int:
    """How many messages SQS moved. A task that already runs is waited for: there can be one a queue."""
    source = arn_of(Reference(Kind.QUEUE, home.queue), clients.place)
    if _latest(clients, source).get("Status") != "RUNNING":
        # The destination is named, since what EventBridge or SNS put here has no queue that it came from.
        clients.sqs.start_message_move_task(SourceArn=source, DestinationArn=arn_of(home.place, clients.place))
    while (task := _latest(clients, source)).get("Status") not in _ENDED:
        time.sleep(_POLL_S)
    if task["Status"] != "COMPLETED":
        reason = task.get("FailureReason", "no reason given")
        raise RedriveError(f"{home.queue}: moving ended as {task['Status']}: {reason}. The rest lies where it lay.")
    return int(task.get("ApproximateNumberOfMessagesMoved", 0))


def _latest(clients: Clients, source: str) -> dict[str, Any]:
    tasks: Any = clients.sqs.list_message_move_tasks(SourceArn=source, MaxResults=1)["Results"]
    return tasks[0] if tasks else {}


def _invoke_again(clients: Clients, home: Home, url: str) -> int:
    """How many events were handed to Lambda; those that failed again since the start are left."""
    started = datetime.now(UTC)
    sent = 0
    while batch := receive(clients.sqs, url, _HIDDEN_S, count=1):
        [message] = batch
        if message.sent_at > started:
            release(clients.sqs, url, batch)
            break
        try:
            payload = message.body.encode()
            clients.lambda_.invoke(FunctionName=home.place.name, InvocationType="Event", Payload=payload)
        except BaseException:
            release(clients.sqs, url, batch)
            raise
        clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=message.handle)
        sent += 1
    return sent
