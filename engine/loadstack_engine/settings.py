"""The plugin's own settings, from environment variables, read when LocalStack starts."""

import logging
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Where the plugin finds its parts, and which of them are on.

    Every part that changes LocalStack is a ``bool`` here. ``LOADSTACK_STOCK=1`` turns them all off, except those that
    its own variable turns on (``=1``): LocalStack as it is, with the executor alone.

    Attributes:
        runtime_python: ``LOADSTACK_RUNTIME_PYTHON``: the interpreter of function processes. Its site-packages stand
            for what AWS's runtime carries (``awslambdaric`` at least, boto3). Default: LocalStack's own.
        dynamodb_local_dir: ``LOADSTACK_DYNAMODB_LOCAL_DIR``: a folder with ``DynamoDBLocal.jar`` and
            ``DynamoDBLocal_lib``. Unset: LocalStack downloads and starts its own.
        dynamodb_archive: ``LOADSTACK_DYNAMODB_ARCHIVE``: a folder made by ``loadstack_engine.dynamodb_local.archive``,
            with which it starts in half the processor time. Default: none.
        dynamodb_data: ``LOADSTACK_DYNAMODB_DATA``: a folder for its tables, which the next start finds again; with
            ``DYNAMODB_IN_MEMORY=0``. Default: LocalStack's own, which is emptied at each start.
        java: ``LOADSTACK_JAVA``: the java command for it, 11 or newer. Default: ``java`` on the PATH.
        preload: ``LOADSTACK_PRELOAD=sqs,sns``: services to load before the engine is ready, one after the other.
            LocalStack loads each at its first request otherwise, and requests at once can deadlock in the imports.
        dynamodb_direct: ``LOADSTACK_DYNAMODB_DIRECT=0`` sends functions' DynamoDB calls through LocalStack.
        sqs_event_sources: ``LOADSTACK_SQS_EVENT_SOURCES=0`` gives LocalStack's own poller back.
        stream_event_sources: ``LOADSTACK_STREAM_EVENT_SOURCES=0`` gives LocalStack's own pollers of DynamoDB Streams
            and Kinesis back.
        lambda_metrics: ``LOADSTACK_LAMBDA_METRICS=0`` gives LocalStack's own call per metric and invocation back.
        lambda_logs: ``LOADSTACK_LAMBDA_LOGS=0`` gives LocalStack's own thread per version and call per invocation back.
        log_lines: ``LOADSTACK_LOG_LINES``: how many lines of functions' logs are kept in all. Default 100,000.
        sqs_metrics: ``LOADSTACK_SQS_METRICS=0`` gives LocalStack's own call per metric and message back.
        metric_store: ``LOADSTACK_METRIC_STORE=0`` gives LocalStack's SQLite file for metrics back, without percentiles.
        emf: ``LOADSTACK_EMF=0`` leaves metrics in log lines alone.
        api_gateway: ``LOADSTACK_API_GATEWAY=0`` gives LocalStack's own handling of bodies and gateway responses back.
        service_models: ``LOADSTACK_SERVICE_MODELS=0`` lets every botocore session read its own copy of them again.
        authorizers: ``LOADSTACK_AUTHORIZERS=0`` lets requests pass without asking Lambda authorizers.
        throttling: ``LOADSTACK_THROTTLING=0`` lets them pass without usage plans' and stages' throttling and quotas.
        event_targets: ``LOADSTACK_EVENT_TARGETS=0`` gives EventBridge LocalStack's own way to its targets back.
        event_retries: ``LOADSTACK_EVENT_RETRIES=0`` gives LocalStack's single attempt at a target back.
        event_retry_base_s: ``LOADSTACK_EVENT_RETRY_BASE``: seconds before the first retry of EventBridge and its
            Scheduler; they double with each. Default: 1.
        event_archives: ``LOADSTACK_EVENT_ARCHIVES=0`` gives LocalStack's own archives and replays back.
        event_schedules: ``LOADSTACK_EVENT_SCHEDULES=0`` gives rules with a schedule LocalStack's own timing back.
        scheduler: ``LOADSTACK_SCHEDULER=0`` lets EventBridge Scheduler store schedules only, as LocalStack does.
        step_functions: ``LOADSTACK_STEP_FUNCTIONS=0`` gives Step Functions' own parsing and memory back.
        sns_subscribers: ``LOADSTACK_SNS_SUBSCRIBERS=0`` gives SNS LocalStack's own way to queues and functions back.
        stack_addresses: ``LOADSTACK_STACK_ADDRESSES=0`` leaves addresses of REST APIs in CloudFormation to LocalStack.
        cloudformation: ``LOADSTACK_CLOUDFORMATION=0`` gives LocalStack's own CloudFormation back: fewer types, no
            rollback, and hardly an update.
        s3_storage: ``LOADSTACK_S3_STORAGE=0`` has S3 write below ``/tmp`` whatever ``TMPDIR`` says.
        frozen_heap: ``LOADSTACK_FROZEN_HEAP=0`` lets every full garbage collection look at all that LocalStack loaded.
        quick_exit: ``LOADSTACK_QUICK_EXIT=0`` lets Python take everything apart at the end.
        hot_operations: ``LOADSTACK_HOT_OPERATIONS=0`` sends every AWS operation through LocalStack's chain of handlers.
        hot_rest_apis: ``LOADSTACK_HOT_REST_APIS=0`` sends REST APIs through LocalStack's general chain of handlers.
        fork_server: ``LOADSTACK_FORK_SERVER=0`` starts a fresh interpreter for every execution environment.
        sdk: ``LOADSTACK_SDK=0`` leaves botocore in function processes as it is: slower, the same otherwise.
        usage: ``LOADSTACK_USAGE=0`` counts nothing of what AWS would bill, and asks DynamoDB for no capacity.
        iam: ``LOADSTACK_IAM=0`` records nothing of what roles were asked for.
        invocation_path: ``LOADSTACK_INVOCATION_PATH=0`` gives LocalStack's own assignment of environments back, with
            a thread for each metric and a timer for each keep-alive.
        async_invocations: ``LOADSTACK_ASYNC_INVOCATIONS=0`` gives LocalStack's own queue and poller per version back.
        max_environments: ``LOADSTACK_MAX_ENVIRONMENTS``: how many execution environments there may be. Default 100.
        memory_limit: ``LOADSTACK_MEMORY_LIMIT=0`` reports the memory of functions and does not enforce their size.
        own_tmp: ``LOADSTACK_TMP=0`` leaves functions the machine's ``/tmp``, and their own folder in TMPDIR.
        debug: ``LOADSTACK_DEBUG=orders:5678,payments:5679:wait``: functions that a debugger can attach to, and where.
        parallel_starts: ``LOADSTACK_PARALLEL_STARTS``: how many environments may start at once. Default: the number
            of processors.
        instance: ``LOADSTACK_INSTANCE``: handed on to function processes as it is, so that whoever started
            LocalStack can tell its processes from others.
    """

    runtime_python: str = field(default_factory=lambda: os.environ.get("LOADSTACK_RUNTIME_PYTHON") or sys.executable)
    dynamodb_local_dir: Path | None = field(default_factory=lambda: _path("LOADSTACK_DYNAMODB_LOCAL_DIR"))
    dynamodb_archive: Path | None = field(default_factory=lambda: _path("LOADSTACK_DYNAMODB_ARCHIVE"))
    dynamodb_data: Path | None = field(default_factory=lambda: _path("LOADSTACK_DYNAMODB_DATA"))
    java: str = field(default_factory=lambda: os.environ.get("LOADSTACK_JAVA") or "java")
    preload: tuple[str, ...] = field(
        default_factory=lambda: tuple(filter(None, os.environ.get("LOADSTACK_PRELOAD", "").split(",")))
    )
    dynamodb_direct: bool = field(default_factory=lambda: _part("LOADSTACK_DYNAMODB_DIRECT"))
    sqs_event_sources: bool = field(default_factory=lambda: _part("LOADSTACK_SQS_EVENT_SOURCES"))
    stream_event_sources: bool = field(default_factory=lambda: _part("LOADSTACK_STREAM_EVENT_SOURCES"))
    lambda_metrics: bool = field(default_factory=lambda: _part("LOADSTACK_LAMBDA_METRICS"))
    lambda_logs: bool = field(default_factory=lambda: _part("LOADSTACK_LAMBDA_LOGS"))
    log_lines: int = field(default_factory=lambda: _count("LOADSTACK_LOG_LINES", 100_000))
    sqs_metrics: bool = field(default_factory=lambda: _part("LOADSTACK_SQS_METRICS"))
    metric_store: bool = field(default_factory=lambda: _part("LOADSTACK_METRIC_STORE"))
    emf: bool = field(default_factory=lambda: _part("LOADSTACK_EMF"))
    api_gateway: bool = field(default_factory=lambda: _part("LOADSTACK_API_GATEWAY"))
    service_models: bool = field(default_factory=lambda: _part("LOADSTACK_SERVICE_MODELS"))
    authorizers: bool = field(default_factory=lambda: _part("LOADSTACK_AUTHORIZERS"))
    throttling: bool = field(default_factory=lambda: _part("LOADSTACK_THROTTLING"))
    event_targets: bool = field(default_factory=lambda: _part("LOADSTACK_EVENT_TARGETS"))
    event_retries: bool = field(default_factory=lambda: _part("LOADSTACK_EVENT_RETRIES"))
    event_retry_base_s: float = field(default_factory=lambda: _seconds("LOADSTACK_EVENT_RETRY_BASE", 1.0))
    event_archives: bool = field(default_factory=lambda: _part("LOADSTACK_EVENT_ARCHIVES"))
    event_schedules: bool = field(default_factory=lambda: _part("LOADSTACK_EVENT_SCHEDULES"))
    scheduler: bool = field(default_factory=lambda: _part("LOADSTACK_SCHEDULER"))
    step_functions: bool = field(default_factory=lambda: _part("LOADSTACK_STEP_FUNCTIONS"))
    sns_subscribers: bool = field(default_factory=lambda: _part("LOADSTACK_SNS_SUBSCRIBERS"))
    stack_addresses: bool = field(default_factory=lambda: _part("LOADSTACK_STACK_ADDRESSES"))
    cloudformation: bool = field(default_factory=lambda: _part("LOADSTACK_CLOUDFORMATION"))
    s3_storage: bool = field(default_factory=lambda: _part("LOADSTACK_S3_STORAGE"))
    frozen_heap: bool = field(default_factory=lambda: _part("LOADSTACK_FROZEN_HEAP"))
    quick_exit: bool = field(default_factory=lambda: _part("LOADSTACK_QUICK_EXIT"))
    hot_operations: bool = field(default_factory=lambda: _part("LOADSTACK_HOT_OPERATIONS"))
    hot_rest_apis: bool = field(default_factory=lambda: _part("LOADSTACK_HOT_REST_APIS"))
    fork_server: bool = field(default_factory=lambda: _part("LOADSTACK_FORK_SERVER"))
    sdk: bool = field(default_factory=lambda: _part("LOADSTACK_SDK"))
    usage: bool = field(default_factory=lambda: _part("LOADSTACK_USAGE"))
    iam: bool = field(default_factory=lambda: _part("LOADSTACK_IAM"))
    invocation_path: bool = field(default_factory=lambda: _part("LOADSTACK_INVOCATION_PATH"))
    async_invocations: bool = field(default_factory=lambda: _part("LOADSTACK_ASYNC_INVOCATIONS"))
    max_environments: int = field(default_factory=lambda: _count("LOADSTACK_MAX_ENVIRONMENTS", 100))
    memory_limit: bool = field(default_factory=lambda: _part("LOADSTACK_MEMORY_LIMIT"))
    own_tmp: bool = field(default_factory=lambda: _part("LOADSTACK_TMP"))
    debug: dict[str, str] = field(default_factory=lambda: _by_name("LOADSTACK_DEBUG"))
    parallel_starts: int = field(default_factory=lambda: _count("LOADSTACK_PARALLEL_STARTS", os.process_cpu_count()))
    instance: str = field(default_factory=lambda: os.environ.get("LOADSTACK_INSTANCE", ""))


def _part(variable: str) -> bool:
    """Whether a part is on: ``0`` turns it off, anything else on; unset, it is on but for ``LOADSTACK_STOCK=1``."""
    default = "0" if os.environ.get("LOADSTACK_STOCK") == "1" else "1"
    return (os.environ.get(variable) or default) != "0"


def _count(variable: str, default: int | None) -> int:
    """A whole number of at least 1; what is none is told in the log, and the default used."""
    value = os.environ.get(variable) or str(default or 1)
    if value.isascii() and value.isdigit() and int(value) > 0:
        return int(value)
    LOG.warning("%s=%s is not a whole number of at least 1: using %s", variable, value, default)
    return default or 1


def _seconds(variable: str, default: float) -> float:
    """A number above zero; what is none is told in the log, and the default used."""
    value = os.environ.get(variable) or str(default)
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if 0 < seconds < float("inf"):
        return seconds
    LOG.warning("%s=%s is not a number above zero: using %s", variable, value, default)
    return default


def _by_name(variable: str) -> dict[str, str]:
    """``name:value,name:value``."""
    pairs = (each.strip().partition(":") for each in os.environ.get(variable, "").split(","))
    return {name: value for name, _, value in pairs if name}


def _path(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value) if value else None


SETTINGS = Settings()
