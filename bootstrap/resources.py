"""The words of the declaration: AWS resources as frozen dataclasses, in AWS's own terms.

Each has a `ref`, by which others point to it (see `references`). This module does not know boto3. The words for a REST
API are in `rest_api`, those for streams in `streams`, those that watch the stack in `monitoring`, that for a state
machine in `state_machines`, that for an archive in `archives`, those for S3 in `buckets`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from bootstrap.archives import Archive
from bootstrap.buckets import Bucket, BucketNotification
from bootstrap.monitoring import Alarm, Dashboard
from bootstrap.references import DEFAULT_BUS, Arn, Kind, Ref, Value, refs_in
from bootstrap.rest_api import RestApi
from bootstrap.state_machines import StateMachine
from bootstrap.streams import StreamMapping, StreamView

# -- data ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GlobalSecondaryIndex:
    """An index of a table. Sparse by nature: items without its keys are not in it."""

    name: str
    hash_key: str
    range_key: str | None = None
    projection: Literal["ALL", "KEYS_ONLY"] = "ALL"


@dataclass(frozen=True, slots=True)
class Table:
    """An on-demand DynamoDB table. `attributes` types the keys of the table and its indexes, and nothing
    else.
    """

    kind: ClassVar[Kind] = Kind.TABLE
    name: str
    attributes: Mapping[str, Literal["S", "N", "B"]]
    hash_key: str
    range_key: str | None = None
    indexes: tuple[GlobalSecondaryIndex, ...] = ()
    time_to_live: str | None = None
    stream: StreamView | None = None

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret whose value is made once, at random, and never changed by a deployment."""

    kind: ClassVar[Kind] = Kind.SECRET
    name: str
    length: int = 64
    alphabet: str = "0123456789abcdef"

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class EmailIdentity:
    """An address that SES may send from."""

    kind: ClassVar[Kind] = Kind.EMAIL_IDENTITY
    name: str

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group; what is older than `retention_in_days` goes."""

    kind: ClassVar[Kind] = Kind.LOG_GROUP
    name: str
    retention_in_days: int = 7

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


# -- messages ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an IAM policy.

    `principal` (a service such as `sns.amazonaws.com`) and `source` (the ARN that the request must come from)
    are for policies on resources; a role's statements have neither.
    """

    actions: tuple[str, ...]
    resources: tuple[Value, ...]
    sid: str = ""
    principal: str | None = None
    source: Arn | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """The redrive policy: after `max_receive_count` receives a message goes to `queue`."""

    queue: Ref
    max_receive_count: int = 3


@dataclass(frozen=True, slots=True)
class Queue:
    """A standard SQS queue. Times in seconds; `maximum_message_size` in bytes, None for as much as SQS takes."""

    kind: ClassVar[Kind] = Kind.QUEUE
    name: str
    visibility_timeout: int = 30
    message_retention_period: int = 345_600
    maximum_message_size: int | None = None
    dead_letter: DeadLetter | None = None

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """Who else may use the queue. Apart from the queue (as in CloudFormation), since it names rules that name
    the queue.
    """

    kind: ClassVar[Kind] = Kind.QUEUE_POLICY
    queue: Ref
    statements: tuple[Statement, ...]

    @property
    def name(self) -> str:
        return self.queue.name

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class EventBus:
    kind: ClassVar[Kind] = Kind.EVENT_BUS
    name: str

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule calls: a queue or a function. `id` is unique in its rule; the queue `dead_letters` gets the events
    that EventBridge could not deliver to it.
    """

    id: str
    ref: Ref
    dead_letters: Ref | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """An EventBridge rule with either an `event_pattern` (references in it are filled in) or a `schedule_expression`;
    `event_bus` None is the default bus.
    """

    kind: ClassVar[Kind] = Kind.RULE
    name: str
    targets: tuple[Target, ...]
    event_bus: Ref | None = None
    event_pattern: Mapping[str, Any] | None = None
    schedule_expression: str | None = None

    @property
    def bus_name(self) -> str:
        return self.event_bus.name if self.event_bus else DEFAULT_BUS

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, f"{self.bus_name}/{self.name}")


@dataclass(frozen=True, slots=True)
class Topic:
    """`tags` are set on it; others that it has are left."""

    kind: ClassVar[Kind] = Kind.TOPIC
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A queue's subscription to a topic; `filter_policy` matches on message attributes, the queue `dead_letters` gets
    what SNS could not deliver.
    """

    kind: ClassVar[Kind] = Kind.SUBSCRIPTION
    topic: Ref
    queue: Ref
    raw_message_delivery: bool = True
    filter_policy: Mapping[str, Any] | None = None
    dead_letters: Ref | None = None

    @property
    def name(self) -> str:
        return f"{self.topic.name}:{self.queue.name}"

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


# -- code ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Role:
    """An execution role: who may take it (`service`) and what it may do, as one inline policy."""

    kind: ClassVar[Kind] = Kind.ROLE
    name: str
    statements: tuple[Statement, ...]
    service: str = "lambda.amazonaws.com"

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of `path` (relative to the repository), placed under `prefix` in the archive; without those below the
    folders `without` (relative to `path`), which only tests and people read.
    """

    path: str
    prefix: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a hash-locked requirements file (relative to the repository) installs, placed under `prefix`."""

    path: str
    prefix: str = "python"


@dataclass(frozen=True, slots=True)
class Layer:
    kind: ClassVar[Kind] = Kind.LAYER
    name: str
    content: Folder | Requirements
    compatible_runtimes: tuple[str, ...] = ("python3.13",)

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function. `timeout` in seconds, `memory_size` in MB.

    The queue `dead_letters` gets the events of asynchronous invocations (by a rule, say) that failed for good.
    """

    kind: ClassVar[Kind] = Kind.FUNCTION
    name: str
    handler: str
    code: Folder
    role: Ref
    log_group: Ref
    layers: tuple[Ref, ...] = ()
    environment: Mapping[str, Value] = field(default_factory=dict)
    timeout: int = 5
    memory_size: int = 256
    runtime: str = "python3.13"
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    dead_letters: Ref | None = None

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class EventSourceMapping:
    """A queue that feeds a function. `maximum_concurrency` None leaves the scaling to Lambda."""

    kind: ClassVar[Kind] = Kind.EVENT_SOURCE_MAPPING
    queue: Ref
    function: Ref
    batch_size: int = 10
    maximum_batching_window: int = 0
    report_batch_item_failures: bool = True
    maximum_concurrency: int | None = None

    @property
    def name(self) -> str:
        return f"{self.queue.name}:{self.function.name}"

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Permission:
    """Lets another AWS service (`principal`), on behalf of `source`, call the function."""

    kind: ClassVar[Kind] = Kind.PERMISSION
    function: Ref
    statement_id: str
    principal: str
    source: Arn

    @property
    def name(self) -> str:
        return f"{self.function.name}:{self.statement_id}"

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


type Resource = (
    Table
    | Secret
    | EmailIdentity
    | LogGroup
    | Queue
    | QueuePolicy
    | EventBus
    | Archive
    | Rule
    | Topic
    | Subscription
    | Role
    | Layer
    | Function
    | EventSourceMapping
    | StreamMapping
    | Permission
    | RestApi
    | Alarm
    | Dashboard
    | StateMachine
    | Bucket
    | BucketNotification
)


@dataclass(frozen=True, slots=True)
class Stack:
    """All the resources, in the order in which they were declared (which is not the order of creation)."""

    name: str
    resources: tuple[Resource, ...]

    def of[R](self, kind: type[R]) -> tuple[R, ...]:
        """The resources of one class: `stack.of(Table)`."""
        return tuple(resource for resource in self.resources if isinstance(resource, kind))

    def find(self, ref: Ref) -> Resource | None:
        """The resource that `ref` points to; None when it is not declared."""
        return next((resource for resource in self.resources if resource.ref == ref), None)


def references(resource: Resource, *, awaited: bool = False) -> frozenset[Ref]:
    """Every other resource that `resource` points to, however deep in its fields; with `awaited`, those alone that must
    be there first.
    """
    return frozenset(refs_in(resource, awaited=awaited)) - {resource.ref}
