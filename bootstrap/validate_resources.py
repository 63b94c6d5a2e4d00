"""What is wrong with one resource by itself: names, limits and keys, as the AWS API references give them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from bootstrap.archives import Archive
from bootstrap.buckets import Bucket, BucketNotification
from bootstrap.monitoring import Alarm, AlarmStates, Dashboard, Graph
from bootstrap.references import Kind
from bootstrap.resources import (
    DeadLetter,
    EventSourceMapping,
    Function,
    Layer,
    LogGroup,
    Queue,
    Resource,
    Role,
    Rule,
    Table,
)
from bootstrap.rest_api import RestApi
from bootstrap.state_machines import StateMachine
from bootstrap.streams import StreamMapping
from bootstrap.validate_rest_api import mistakes_of_rest_api
from bootstrap.validate_state_machine import mistakes_of_definition
from bootstrap.validate_streams import mistakes_of_mapping

# https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html leads to each service's API
# reference.
_NAMES: Mapping[Kind, tuple[str, str]] = {
    Kind.TABLE: (r"[A-Za-z0-9_.-]{3,255}", "3 to 255 letters, digits, '_', '.' or '-'"),
    Kind.QUEUE: (r"[A-Za-z0-9_-]{1,80}", "1 to 80 letters, digits, '_' or '-'"),
    Kind.EVENT_BUS: (
        r"(?!default$)[/.\-_A-Za-z0-9]{1,256}",
        "1 to 256 letters, digits, '/', '.', '-' or '_'",
    ),
    # The rule that EventBridge makes for it is named Events-Archive-<name>, in 64 characters.
    Kind.ARCHIVE: (r"[.\-_A-Za-z0-9]{1,48}", "1 to 48 letters, digits, '.', '-' or '_'"),
    Kind.RULE: (r"[.\-_A-Za-z0-9]{1,64}", "1 to 64 letters, digits, '.', '-' or '_'"),
    Kind.TOPIC: (r"[A-Za-z0-9_-]{1,256}", "1 to 256 letters, digits, '_' or '-'"),
    Kind.SECRET: (r"[A-Za-z0-9/_+=.@-]{1,512}", "1 to 512 letters, digits or one of /_+=.@-"),
    Kind.EMAIL_IDENTITY: (r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    Kind.ROLE: (r"[\w+=,.@-]{1,64}", "1 to 64 letters, digits or one of _+=,.@-"),
    Kind.LAYER: (r"[A-Za-z0-9_-]{1,140}", "1 to 140 letters, digits, '_' or '-'"),
    Kind.LOG_GROUP: (r"[.\-_/#A-Za-z0-9]{1,512}", "1 to 512 letters, digits or one of .-_/#"),
    Kind.FUNCTION: (r"[A-Za-z0-9_-]{1,64}", "1 to 64 letters, digits, '_' or '-'"),
    Kind.STATE_MACHINE: (r"[A-Za-z0-9_-]{1,80}", "1 to 80 letters, digits, '_' or '-'"),
    Kind.BUCKET: (
        r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "3 to 63 lower-case letters, digits, '-' or '.', a letter or digit at both ends",
    ),
    Kind.REST_API: (r"[a-z0-9]{1,64}", "1 to 64 lower-case letters or digits"),
    Kind.ALARM: (r"[\x20-\x7e]{1,255}", "1 to 255 printable ASCII characters"),
    Kind.DASHBOARD: (r"[A-Za-z0-9_-]{1,255}", "1 to 255 letters, digits, '_' or '-'"),
}
_INDEX_NAME = r"[A-Za-z0-9_.-]{3,255}"
_VARIABLE = r"[A-Za-z][A-Za-z0-9_]+"
_SCHEDULE = r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)|cron\(\S+( \S+){5}\)"
_RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
_RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
_MAX_LAYERS = 5
_MAX_TARGETS = 5
_MINUTE_S, _DAY_S = 60, 86_400
_MAX_DIMENSIONS, _MAX_ACTIONS = 30, 5
_MAX_WIDGETS, _MAX_LINES, _MAX_STATES = 500, 500, 100


def mistakes_of(resource: Resource) -> Iterator[str]:
    """One line a mistake."""
    yield from (f"{resource.ref}: {mistake}" for mistake in (*_name(resource), *_details(resource)))


def _name(resource: Resource) -> Iterator[str]:
    pattern, allowed = _NAMES.get(resource.kind, (".*", ""))
    if not re.fullmatch(pattern, resource.name, re.ASCII):
        yield f"the name {resource.name!r} is not valid on AWS: use {allowed}."


def _details(resource: Resource) -> Iterator[str]:
    match resource:
        case Table():
            yield from _table(resource)
        case Queue():
            yield from _queue(resource)
        case Rule():
            yield from _rule(resource)
        case Archive():
            yield from _archive(resource)
        case LogGroup() if resource.retention_in_days not in _RETENTION_DAYS:
            yield f"CloudWatch keeps no logs for {resource.retention_in_days} days: use e.g. 7, 14 or 30."
        case Role() if not resource.statements:
            yield "allows nothing: give it statements."
        case Layer() if not resource.content.prefix.startswith("python"):
            yield f"Lambda finds packages under python/ alone, not under {resource.content.prefix}/."
        case Function():
            yield from _function(resource)
        case EventSourceMapping():
            yield from _mapping(resource)
        case StreamMapping():
            yield from mistakes_of_mapping(resource)
        case Bucket():
            yield from _bucket(resource)
        case BucketNotification() if not resource.prefix:
            yield "tells of every object, also of those that its consumer makes: give it a prefix."
        case RestApi():
            yield from mistakes_of_rest_api(resource)
        case Alarm():
            yield from _alarm(resource)
        case Dashboard():
            yield from _dashboard(resource)
        case StateMachine():
            yield from mistakes_of_definition(resource.definition)
        case _:
            pass


def _range(what: str, value: int, low: int, high: int) -> Iterator[str]:
    if not low <= value <= high:
        yield f"{what} is {value}: AWS takes {low} to {high}."


def _table(table: Table) -> Iterator[str]:
    keys = [table.hash_key, table.range_key]
    for index in table.indexes:
        keys += [index.hash_key, index.range_key]
        if not re.fullmatch(_INDEX_NAME, index.name, re.ASCII):
            yield f"the index name {index.name!r} is not valid on AWS: use 3 to 255 letters, digits, '_.-'."
    used = {key for key in keys if key}
    for key in sorted(used - table.attributes.keys()):
        yield f"the key {key} has no type: add it to attributes."
    for attribute in sorted(table.attributes.keys() - used):
        yield f"the attribute {attribute} is no key of the table or of an index: take it out of attributes."
    for name, count in Counter(index.name for index in table.indexes).items():
        if count > 1:
            yield f"the index {name} is declared {count} times: keep one."


def _bucket(bucket: Bucket) -> Iterator[str]:
    for prefix in bucket.public:
        if not prefix.endswith("/"):
            yield f"the public prefix {prefix!r} must end with '/': else it opens its neighbours as well."
    for prefix, days in bucket.expires.items():
        if days < 1:
            yield f"objects below {prefix} go after {days} days: AWS takes 1 and more."


def _queue(queue: Queue) -> Iterator[str]:
    yield from _range("its visibility timeout", queue.visibility_timeout, 0, 43_200)
    yield from _range("its message retention period", queue.message_retention_period, 60, 1_209_600)
    if queue.maximum_message_size is not None:
        yield from _range("its maximum message size", queue.maximum_message_size, 1_024, 1_048_576)
    match queue.dead_letter:
        case DeadLetter(max_receive_count=count):
            yield from _range("its maximum receive count", count, 1, 1_000)
        case None:
            pass


def _rule(rule: Rule) -> Iterator[str]:
    if (rule.event_pattern is None) == (rule.schedule_expression is None):
        yield "give it an event pattern or a schedule expression, one of the two."
    if rule.schedule_expression and not re.fullmatch(_SCHEDULE, rule.schedule_expression):
        yield f"the schedule {rule.schedule_expression!r} is not valid: write e.g. rate(5 minutes)."
    if rule.schedule_expression and rule.event_bus:
        yield "schedules work on the default bus alone: leave event_bus out."
    if not rule.event_pattern and rule.event_pattern is not None:
        yield "its event pattern is empty: name a source or a detail-type."
    if not 1 <= len(rule.targets) <= _MAX_TARGETS:
        yield f"has {len(rule.targets)} targets: AWS takes 1 to {_MAX_TARGETS}."
    for name, count in Counter(target.id for target in rule.targets).items():
        if count > 1:
            yield f"the target id {name} is used {count} times: the last would replace the others."


def _archive(archive: Archive) -> Iterator[str]:
    yield from _range("its retention in days", archive.retention_days, 0, 2_147_483_647)
    if not archive.event_pattern and archive.event_pattern is not None:
        yield "its event pattern is empty: name a source or a detail-type, or leave it out."


def _function(function: Function) -> Iterator[str]:
    yield from _range("its timeout", function.timeout, 1, 900)
    yield from _range("its memory size", function.memory_size, 128, 10_240)
    if len(function.layers) > _MAX_LAYERS:
        yield f"has {len(function.layers)} layers: AWS takes {_MAX_LAYERS}."
    for name in sorted(function.environment):
        if not re.fullmatch(_VARIABLE, name, re.ASCII):
            yield f"the environment variable {name!r} is not valid: a letter, then letters, digits or '_'."
        elif name in _RESERVED_VARIABLES:
            yield f"the environment variable {name} is reserved by Lambda: give it another name."


def _mapping(mapping: EventSourceMapping) -> Iterator[str]:
    yield from _range("its batch size", mapping.batch_size, 1, 10_000)
    yield from _range("its batching window", mapping.maximum_batching_window, 0, 300)
    if mapping.batch_size > 10 and not mapping.maximum_batching_window:
        yield "a batch size over 10 needs a batching window of at least 1 s."
    if mapping.maximum_concurrency is not None:
        yield from _range("its maximum concurrency", mapping.maximum_concurrency, 2, 1_000)


def _alarm(alarm: Alarm) -> Iterator[str]:
    if alarm.period % _MINUTE_S or alarm.period < _MINUTE_S:
        # High-resolution alarms, of 10, 20 or 30 s, want metrics that AWS's services do not have.
        yield f"its period is {alarm.period}: give whole minutes, in seconds."
    yield from _range("its number of evaluation periods", alarm.evaluation_periods, 1, _DAY_S // max(alarm.period, 1))
    yield from _range("its number of datapoints to alarm", alarm.datapoints_to_alarm, 1, alarm.evaluation_periods)
    if len(alarm.metric.dimensions) > _MAX_DIMENSIONS:
        yield f"its metric has {len(alarm.metric.dimensions)} dimensions: AWS takes {_MAX_DIMENSIONS}."
    if len(alarm.actions) > _MAX_ACTIONS:
        yield f"has {len(alarm.actions)} actions: AWS takes {_MAX_ACTIONS}."


def _dashboard(dashboard: Dashboard) -> Iterator[str]:
    if not 1 <= len(dashboard.widgets) <= _MAX_WIDGETS:
        yield f"has {len(dashboard.widgets)} widgets: AWS takes 1 to {_MAX_WIDGETS}."
    for widget in dashboard.widgets:
        match widget:
            case Graph():
                yield from _range(f"the number of lines of {widget.title!r}", len(widget.lines), 1, _MAX_LINES)
            case AlarmStates():
                yield from _range(f"the number of alarms of {widget.title!r}", len(widget.alarms), 1, _MAX_STATES)
