"""A stack without mistakes, and changes of it."""

from bootstrap.monitoring import Alarm, AlarmStates, Dashboard, Graph, Line, Metric
from bootstrap.references import Kind, Ref
from bootstrap.resources import (
    DeadLetter,
    EventBus,
    EventSourceMapping,
    Folder,
    Function,
    Layer,
    LogGroup,
    Permission,
    Queue,
    QueuePolicy,
    Resource,
    Role,
    Rule,
    Stack,
    Statement,
    Table,
    Target,
    Topic,
)
from bootstrap.rest_api import (
    RestApi,
    Route,
)

BUS = EventBus("shop")
DLQ = Queue("work-dlq")
QUEUE = Queue("work", dead_letter=DeadLetter(DLQ.ref))
MAY_RECEIVE = Statement(("sqs:ReceiveMessage",), (QUEUE.ref.arn(),))
ASYNC_DLQ = Queue("worker-dlq")
MAY_SEND = Statement(("sqs:SendMessage",), (ASYNC_DLQ.ref.arn(),))
ROLE = Role("worker", (MAY_RECEIVE, MAY_SEND))
LOGS = LogGroup("/aws/lambda/worker")
LAYER = Layer("common", Folder("common", "python/common"))
FUNCTION = Function(
    "worker",
    "worker.handler.handler",
    Folder("worker", "worker"),
    ROLE.ref,
    LOGS.ref,
    (LAYER.ref,),
    dead_letters=ASYNC_DLQ.ref,
)
MAPPING = EventSourceMapping(QUEUE.ref, FUNCTION.ref)
RULE = Rule("work", (Target("queue", QUEUE.ref, DLQ.ref),), BUS.ref, {"source": ["shop"]})


def let_in(queue: Ref, sender: Ref) -> QueuePolicy:
    """A queue policy for one rule or topic."""
    principal = "sns.amazonaws.com" if sender.kind is Kind.TOPIC else "events.amazonaws.com"
    return QueuePolicy(
        queue, (Statement(("sqs:SendMessage",), (queue.arn(),), principal=principal, source=sender.arn()),)
    )


POLICY = let_in(QUEUE.ref, RULE.ref)
DLQ_POLICY = let_in(DLQ.ref, RULE.ref)
TABLE = Table("orders", {"orderId": "S"}, hash_key="orderId")
API = RestApi("shop", "dev", (Route("/tasks/{proxy+}", FUNCTION.ref),))
ALARMS = Topic("alarms")
ERRORS = Metric("AWS/Lambda", "Errors", {"FunctionName": FUNCTION.ref})
ALARM = Alarm("errors", "It fails.", ERRORS, "Sum", threshold=1, actions=(ALARMS.ref,))
GRAPH = Graph("Errors", (Line(ERRORS, "errors", "Sum"),))
DASHBOARD = Dashboard("test", (GRAPH, AlarmStates("Alarms", (ALARM.ref,))))
MAY_CALL = Permission(FUNCTION.ref, "api", "apigateway.amazonaws.com", API.ref.arn("/*"))

GOOD = (
    BUS,
    QUEUE,
    DLQ,
    ASYNC_DLQ,
    ROLE,
    LOGS,
    LAYER,
    FUNCTION,
    MAPPING,
    RULE,
    POLICY,
    DLQ_POLICY,
    TABLE,
    API,
    MAY_CALL,
    ALARMS,
    ALARM,
    DASHBOARD,
)


def with_(*resources: Resource) -> Stack:
    """GOOD, where a resource of the same reference is replaced and any other is added."""
    changed = {resource.ref for resource in resources}
    return Stack("test", (*(each for each in GOOD if each.ref not in changed), *resources))
