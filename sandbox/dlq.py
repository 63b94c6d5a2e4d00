"""``make dlq``: what lies in the dead-letter queues, and why. Nothing is taken out."""

from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.markup import escape

from bootstrap import describe
from bootstrap.clients import Clients
from bootstrap.observed import Observed
from bootstrap.resources import Stack
from sandbox import flows
from sandbox.counted import counted
from sandbox.dead_letters.homes import Home, chosen, homes
from sandbox.dead_letters.messages import MAX_MESSAGES, Message, content_of, peek
from sandbox.dead_letters.reasons import Reasons
from sandbox.errors import EXIT_OK
from sandbox.target import Target


def run(target: Target, queue: str | None, console: Console) -> int:
    """List the messages of all dead-letter queues, or of `queue`'s; nothing there is no failure.

    Raises:
        UsageError: `queue` has no dead-letter queue.
        NotRunningError: there is no sandbox.
    """
    target.require_running()
    clients = Clients(target.endpoint)
    declared = flows.stack_at(clients)
    urls = Observed(clients).queues()
    stack = flows.with_others_letters(declared, urls)
    wanted = [chosen(stack, queue)] if queue else list(homes(stack).values())
    found = [_show(clients, home, urls[home.queue], console) for home in _filled(clients, stack, wanted)]
    if not any(found):
        where = wanted[0].queue if queue else f"{len(wanted)} queues"
        console.print(f"[green]No dead letters[/] in {where}.")
    return EXIT_OK


def _filled(clients: Clients, stack: Stack, wanted: list[Home]) -> list[Home]:
    """Those that hold something, or may: SQS counts approximately, so what is in flight counts too."""
    depths = describe.queue_depths(clients, stack)
    return [home for home in wanted if home.queue in depths and depths[home.queue].total]


def _show(clients: Clients, home: Home, url: str, console: Console) -> bool:
    """Whether there was something to show."""
    with peek(clients.sqs, url) as messages:
        if not messages:
            return False
        reasons = Reasons(clients.logs, home, messages)
        more = " or more" if len(messages) == MAX_MESSAGES else ""
        console.print(
            f"[bold red]{home.queue}[/]  {counted(len(messages), 'message')}{more}, failed in {home.place};"
            f" make redrive QUEUE={home.queue} sends back"
        )
        for message in messages:
            for line in _lines(message, reasons.of(message)):
                console.print(line)
    return True


def _lines(message: Message, reason: str) -> list[str]:
    content = content_of(message)
    about = [f"[bold]{escape(content.what)}[/]"]
    if content.order_id:
        about.append(f"order {escape(content.order_id)}")
    if content.correlation_id:
        about.append(f"correlation {escape(content.correlation_id)}")
    age = duration(datetime.now(UTC) - message.sent_at)
    return [
        f"  {message.id}  {age} old, received {counted(message.received, 'time')}, looks included  {'  '.join(about)}",
        f"    {escape(reason)}",
    ]


def duration(age: timedelta) -> str:
    """``42 s``, ``5 min``, ``3 h``, ``2 d``: the largest unit that is reached, cut off."""
    seconds = max(int(age.total_seconds()), 0)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
