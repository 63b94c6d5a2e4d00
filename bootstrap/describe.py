"""What is there: for `make status`, tests and the probe."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bootstrap.archives import Archive
from bootstrap.buckets import Bucket, BucketNotification
from bootstrap.clients import Clients
from bootstrap.deployers.stream_mappings import mapping_of
from bootstrap.monitoring import Alarm, Dashboard
from bootstrap.observed import Observed
from bootstrap.references import Ref, arn_of
from bootstrap.resources import (
    EmailIdentity,
    EventBus,
    EventSourceMapping,
    Function,
    Layer,
    LogGroup,
    Permission,
    Queue,
    QueuePolicy,
    Resource,
    Role,
    Rule,
    Secret,
    Stack,
    Subscription,
    Table,
    Topic,
)
from bootstrap.rest_api import RestApi
from bootstrap.state_machines import StateMachine
from bootstrap.streams import StreamMapping

_WORKERS = 8
_DEPTHS = {
    "visible": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many messages a queue holds: to be received, being worked on, not yet due."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        return self.visible + self.in_flight + self.delayed


def queue_depths(clients: Clients, stack: Stack) -> dict[str, QueueDepth]:
    """The depth of each declared queue that exists, by name. Raises botocore's errors."""
    urls = Observed(clients).queues()
    names = [queue.name for queue in stack.of(Queue) if queue.name in urls]
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="depths") as executor:
        depths = executor.map(lambda name: _depth(clients, urls[name]), names)
        return dict(zip(names, depths, strict=True))


def depth(clients: Clients, queue: str) -> QueueDepth:
    """The depth of one queue; of one that does not exist, nothing. Raises botocore's errors."""
    try:
        return _depth(clients, clients.sqs.get_queue_url(QueueName=queue)["QueueUrl"])
    except clients.sqs.exceptions.QueueDoesNotExist:
        return QueueDepth(0, 0, 0)


def _depth(clients: Clients, url: str) -> QueueDepth:
    wanted: Any = list(_DEPTHS.values())
    found: Any = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted).get("Attributes", {})
    return QueueDepth(**{field: int(found.get(name, 0)) for field, name in _DEPTHS.items()})


def missing(clients: Clients, stack: Stack) -> list[Ref]:
    """The declared resources that do not exist, in the order of the declaration. Raises botocore's errors.

    Only lists are read: queue policies, permissions and bucket notifications count as there when their
    queue, function or bucket is.
    """
    observed = Observed(clients)
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="missing") as executor:
        present = executor.map(lambda resource: exists(observed, clients, resource), stack.resources)
        return [each.ref for each, is_there in zip(stack.resources, present, strict=True) if not is_there]


def exists(observed: Observed, clients: Clients, resource: Resource) -> bool:
    """Whether the lists that were read name the resource."""

    def arn(ref: Ref) -> str:
        return arn_of(ref, clients.place)

    match resource:
        case Table():
            return resource.name in observed.tables()
        case Secret():
            return resource.name in observed.secrets()
        case EmailIdentity():
            return resource.name in observed.identities()
        case LogGroup():
            return resource.name in observed.log_groups()
        case Queue() | QueuePolicy():
            return resource.name in observed.queues()
        case EventBus():
            return resource.name in observed.buses()
        case Archive():
            return resource.name in observed.archives()
        case Rule():
            return resource.name in observed.rules(resource.bus_name)
        case Topic():
            return arn(resource.ref) in observed.topics()
        case Subscription():
            return (arn(resource.topic), arn(resource.queue)) in observed.subscriptions()
        case Role():
            return resource.name in observed.roles()
        case Layer():
            return resource.name in observed.layers()
        case Function():
            return resource.name in observed.functions()
        case Permission():
            return resource.function.name in observed.functions()
        case EventSourceMapping():
            return (arn(resource.queue), arn(resource.function)) in observed.mappings()
        case StreamMapping():
            return mapping_of(observed, arn(resource.table), arn(resource.function)) is not None
        case RestApi():
            return resource.name in observed.rest_apis()
        case Alarm():
            return resource.name in observed.alarms()
        case Dashboard():
            return resource.name in observed.dashboards()
        case StateMachine():
            return resource.name in observed.state_machines()
        case Bucket():
            return resource.name in observed.buckets()
        case BucketNotification():
            return resource.bucket.name in observed.buckets()
