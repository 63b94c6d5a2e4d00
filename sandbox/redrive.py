"""``make redrive QUEUE=…``: sends dead letters back to where they failed.

Queues: SQS moves the messages itself (StartMessageMoveTask), and goes on when this command is interrupted. Functions:
each event is invoked again and only then taken out, so an interruption may repeat one, and loses none. State machines:
likewise, each as a new execution with the same input: RedriveExecution is not everywhere. Streams: likewise, the
records that a message tells of.
"""

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.markup import escape

from bootstrap import describe
from bootstrap.clients import Clients
from bootstrap.observed import Observed
from bootstrap.references import Kind, arn_of
from bootstrap.references import Ref as Reference
from sandbox import flows
from sandbox.dead_letters import stream_records
from sandbox.dead_letters.errors import RedriveError
from sandbox.dead_letters.executions import NotAnExecutionError, failed_execution
from sandbox.dead_letters.homes import Home, chosen
from sandbox.dead_letters.messages import Message, receive, release
from sandbox.errors import EXIT_FAILED, EXIT_OK, NotRunningError
from sandbox.target import Target

_POLL_S = 0.2
_HIDDEN_S = 60
_ENDED = {"COMPLETED", "FAILED", "CANCELLED"}


def run(target: Target, queue: str, console: Console) -> int:
    """Send back what lies in the dead-letter queue of that name, or of the queue of that name.

    Exit code 1 where something stays: another command looks at it, or what was sent failed again in front of it.

    Raises:
        UsageError: `queue` has no dead-letter queue.
        NotRunningError: there is no sandbox, or not this queue.
        RedriveError: the endpoint refused.
    """
    target.require_running()
    clients = Clients(target.endpoint)
    declared = flows.stack_at(clients)
    urls = Observed(clients).queues()
    stack = flows.with_others_letters(declared, urls)
    home = chosen(stack, queue)
    url = urls.get(home.queue)
    if url is None:
        raise NotRunningError(f"The queue {home.queue} is not there: make up creates it.")
    waiting = describe.queue_depths(clients, stack)[home.queue].total
    if not waiting:
        console.print(f"[green]Nothing lies in {home.queue}.[/]")
        return EXIT_OK
    refused: dict[str, str] = {}
    try:
        moved = _send_back(clients, home, url, refused)
    except ClientError as error:
        raise RedriveError(f"{home.queue}: {error.response['Error'].get('Message', error)}") from error
    console.print(f"{moved} sent from {home.queue} to {home.place}")
    for message_id, why in refused.items():
        console.print(f"[red]Message {message_id} lies where it lay[/]: it is {escape(why)}.")
    if (left := waiting - moved - len(refused)) > 0:
        console.print(
            f"[red]{left} left in {home.queue}[/]: another command looks at them, or what was sent has failed again"
            " (make dlq). Try again in a minute."
        )
    return EXIT_FAILED if refused or left > 0 else EXIT_OK


def _send_back(clients: Clients, home: Home, url: str, refused: dict[str, str]) -> int:
    """How many went. Those that cannot are left, and added to `refused` by id, with what they are."""
    match home.place.kind:
        case Kind.FUNCTION:
            return _each_again(clients, url, partial(_invoke, clients, home.place.name), refused)
        case Kind.STATE_MACHINE:
            return _each_again(clients, url, partial(_execute, clients), refused)
        case Kind.STREAM_MAPPING:
            return _each_again(clients, url, partial(stream_records.send_again, clients, home), refused)
        case _:
            return _move(clients, home, url)


def _invoke(clients: Clients, function: str, message: Message) -> None:
    clients.lambda_.invoke(FunctionName=function, InvocationType="Event", Payload=message.body.encode())


def _execute(clients: Clients, message: Message) -> None:
    """Start it again. The message names it: who was interrupted before taking that out starts nothing twice.

    Raises NotAnExecutionError.
    """
    failed = failed_execution(message.body)
    with contextlib.suppress(clients.stepfunctions.exceptions.ExecutionAlreadyExists):
        clients.stepfunctions.start_execution(
            stateMachineArn=failed.state_machine_arn, name=failed.name_again(message.id), input=failed.input
        )


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


def _each_again(clients: Clients, url: str, send: Callable[[Message], None], refused: dict[str, str]) -> int:
    """How many messages were sent; those that failed again since the start are left, and so are those `refused`."""
    started = datetime.now(UTC)
    sent = 0
    kept: list[Message] = []
    try:
        while batch := receive(clients.sqs, url, _HIDDEN_S, count=1):
            kept += batch
            [message] = batch
            if message.sent_at > started:
                break
            try:
                send(message)
            except NotAnExecutionError as error:
                refused[message.id] = str(error)
                continue
            clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=message.handle)
            kept.pop()
            sent += 1
    finally:
        release(clients.sqs, url, kept)
    return sent
