"""Empties what the stack holds and seeds it again; the stack itself stays as it is.

Where the endpoint has a route for that (``POST /_loadstack/reset``), that does it. Elsewhere, in this order: executions
of state machines are stopped; queues; then the invocations that run are waited for, so that none writes afterwards;
tables, those whose streams feed functions first, and buckets; queues once more; archives, which are made anew, so that
nobody replays what is about nothing. A request that comes in meanwhile may find its table missing for a moment there,
and fails.
"""

import json
import math
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bootstrap import batches
from bootstrap.archives import Archive
from bootstrap.buckets import Bucket
from bootstrap.clients import Clients
from bootstrap.context import Context, Progress, silent
from bootstrap.deploy import explain
from bootstrap.deployers import archives, tables
from bootstrap.errors import DeployError, ResetError
from bootstrap.observed import Observed
from bootstrap.package import Artifacts
from bootstrap.references import Ref
from bootstrap.resources import LogGroup, Queue, Resource, Stack, Table
from bootstrap.seed import seed
from bootstrap.state_machines import StateMachine
from bootstrap.streams import StreamMapping

_WORKERS = 8
_IDLE_LIMIT_S = 3.0  # the slowest payment takes two
_IDLE_POLL_S = 0.05
_NEXT_READ_S = 1.0  # AWS reads a shard four times a second; others once
_ENGINE_LIMIT_S = 30.0  # the engine waits ten seconds for running invocations
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# Tables with more items are made anew: DynamoDB Local makes one faster than it deletes so many. Not a table with a
# stream: a new table has a new stream, unknown to its consumers.
RECREATE_ABOVE = batches.BATCH_SIZE


def reset(clients: Clients, stack: Callable[[], Stack], api_url: str, progress: Progress = silent) -> None:
    """Empty tables, queues (the dead-letter queues too), buckets and log streams, then seed. `stack` is asked for where
    the endpoint has no route for it: to know which one it is costs calls of two more services.

    Raises:
        ResetError: something could not be emptied; the rest was, and calling again is safe.
        SeedError: see `seed`.
    """
    if not _reset_by_engine(clients.endpoint):
        _reset_by_api(clients, stack())
    progress("reset", "tables, queues and logs are empty")
    seed(clients, api_url, progress)


def _reset_by_engine(endpoint: str) -> bool:
    """Whether the endpoint has the route; raises ResetError where it does and something is not empty."""
    request = urllib.request.Request(f"{endpoint}/_loadstack/reset", data=b"", method="POST")
    try:
        with _DIRECT.open(request, timeout=_ENGINE_LIMIT_S) as answer:
            outcome = json.load(answer)
            return isinstance(outcome, dict) and "took_ms" in outcome
    except urllib.error.HTTPError as error:
        with error:
            if failed := _failed(error.read()):
                raise ResetError(f"The engine could not empty all services: {failed}") from error
        return False
    except (OSError, ValueError):
        return False


def _failed(body: bytes) -> str:
    """What the route says is not empty; nothing where it was not the route that answered."""
    try:
        return ", ".join(f"{service}: {error}" for service, error in json.loads(body)["failed"].items())
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _reset_by_api(clients: Clients, stack: Stack) -> None:
    context = Context(clients, Artifacts({}, {}), Observed(clients))
    _each(stack.of(StateMachine), lambda machine: _stop_executions(context, machine))
    _each(stack.of(Queue), lambda queue: _purge(context, queue))
    _wait_until_idle(clients.endpoint)
    _empty_sources_of_streams(context, stack)
    _each(stack.of(Table), lambda table: empty_table(context, table))
    _each(stack.of(Bucket), lambda bucket: _empty_bucket(context, bucket))
    _each(stack.of(LogGroup), lambda group: _empty_log_group(context, group))
    _each(stack.of(Queue), lambda queue: _purge(context, queue))
    _each(stack.of(Archive), lambda archive: _empty_archive(context, archive))


def _empty_sources_of_streams(context: Context, stack: Stack) -> None:
    """The tables whose changes feed functions, and then wait until these have heard of the last change: else they would
    write it into their own tables when those are empty.
    """
    mappings = stack.of(StreamMapping)
    if not mappings:
        return
    sources = {mapping.table for mapping in mappings}
    _each([table for table in stack.of(Table) if table.ref in sources], lambda table: empty_table(context, table))
    time.sleep(max(mapping.maximum_batching_window for mapping in mappings) + _NEXT_READ_S)
    _wait_until_idle(context.clients.endpoint)


def _wait_until_idle(endpoint: str) -> None:
    """Wait until no function runs, for three seconds at the most; at once where the endpoint has no such figures."""
    deadline = time.monotonic() + _IDLE_LIMIT_S
    while time.monotonic() < deadline:
        try:
            with _DIRECT.open(f"{endpoint}/_loadstack/functions", timeout=_IDLE_LIMIT_S) as answer:
                functions = json.load(answer)
            busy = any(figures["concurrency"] for figures in functions.values())
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return
        if not busy:
            return
        time.sleep(_IDLE_POLL_S)


def _each[R: Resource](resources: Sequence[R], work: Callable[[R], None]) -> None:
    """`work` on all side by side; the first failure is raised when all are through."""
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="reset") as executor:
        futures = [(resource.ref, executor.submit(work, resource)) for resource in resources]
    for ref, future in futures:
        if error := future.exception():
            raise _readable(ref, error) from error


def _readable(ref: Ref, error: BaseException) -> BaseException:
    match error:
        case BotoCoreError() | ClientError() | TimeoutError():
            return ResetError(str(explain(str(ref), error)))
        case DeployError() | batches.ThrottledError():
            return ResetError(f"{ref}: {error}")
        case _:
            return error


def empty_table(context: Context, table: Table) -> None:
    """Delete all items; a table with many of them is made anew. A table that is not there is left."""
    if table.name not in context.observed.tables():
        return
    keys: list[dict[str, Any]] = []
    most = math.inf if table.stream else RECREATE_ABOVE
    for page in _key_pages(context, table):
        keys += page
        if len(keys) > most:
            tables.delete(context, table)
            tables.create(context, table)
            return
    batches.delete(context.clients.dynamodb, table.name, keys)


def _key_pages(context: Context, table: Table) -> Iterator[list[dict[str, Any]]]:
    names = [name for name in (table.hash_key, table.range_key) if name]
    pages = context.clients.dynamodb.get_paginator("scan").paginate(
        TableName=table.name,
        ConsistentRead=True,
        ProjectionExpression=", ".join(f"#k{n}" for n in range(len(names))),
        ExpressionAttributeNames={f"#k{n}": name for n, name in enumerate(names)},
        PaginationConfig={"PageSize": RECREATE_ABOVE + 1},
    )
    for page in pages:
        yield list(page["Items"])


def _purge(context: Context, queue: Queue) -> None:
    """Purge also drops messages in flight. Once a minute a queue, says AWS: a second one in that time is
    skipped there.
    """
    url = context.observed.queues().get(queue.name)
    if url is None:
        return
    try:
        context.clients.sqs.purge_queue(QueueUrl=url)
    except context.clients.sqs.exceptions.PurgeQueueInProgress:
        return


def _empty_bucket(context: Context, bucket: Bucket) -> None:
    s3 = context.clients.s3
    if bucket.name not in context.observed.buckets():
        return
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket.name):
        if found := page.get("Contents"):  # a page has at most as many as can be deleted at once
            keys: Any = [{"Key": each["Key"]} for each in found]
            s3.delete_objects(Bucket=bucket.name, Delete={"Objects": keys, "Quiet": True})


def _stop_executions(context: Context, machine: StateMachine) -> None:
    """Those that end by themselves meanwhile are as good; what is stopped stays listed, as it would on AWS."""
    sfn = context.clients.stepfunctions
    arn = context.observed.state_machines().get(machine.name)
    if arn is None:
        return
    for page in sfn.get_paginator("list_executions").paginate(stateMachineArn=arn, statusFilter="RUNNING"):
        for each in page["executions"]:
            with suppress(sfn.exceptions.ExecutionDoesNotExist):
                sfn.stop_execution(executionArn=each["executionArn"], cause="reset")


def _empty_archive(context: Context, archive: Archive) -> None:
    """Only a new archive is empty. One that is not there is left: so says an endpoint that has none."""
    if archive.name in context.observed.archives():
        context.clients.events.delete_archive(ArchiveName=archive.name)
        archives.create(context, archive)


def _empty_log_group(context: Context, group: LogGroup) -> None:
    logs = context.clients.logs
    if group.name not in context.observed.log_groups():
        return
    for page in logs.get_paginator("describe_log_streams").paginate(logGroupName=group.name):
        for stream in page["logStreams"]:
            logs.delete_log_stream(logGroupName=group.name, logStreamName=stream["logStreamName"])
