"""Every kind of mistake gives one line that names the resource and what to do."""

from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap.archives import Archive
from bootstrap.errors import DeclarationError
from bootstrap.monitoring import AlarmStates, Graph, Metric
from bootstrap.references import Kind, Ref
from bootstrap.resources import (
    DeadLetter,
    EmailIdentity,
    EventBus,
    Folder,
    GlobalSecondaryIndex,
    Layer,
    LogGroup,
    Permission,
    Queue,
    Requirements,
    Resource,
    Role,
    Rule,
    Secret,
    Stack,
    Subscription,
    Table,
    Target,
    Topic,
)
from bootstrap.rest_api import (
    Route,
)
from bootstrap.validate import mistakes, validate
from tests.unit.bootstrap.good_stack import (
    ALARM,
    ALARMS,
    API,
    ASYNC_DLQ,
    BUS,
    DASHBOARD,
    DLQ,
    DLQ_POLICY,
    FUNCTION,
    GOOD,
    LAYER,
    LOGS,
    MAPPING,
    MAY_CALL,
    MAY_RECEIVE,
    POLICY,
    QUEUE,
    ROLE,
    RULE,
    TABLE,
    let_in,
    with_,
)


def test_good_stack_has_no_mistakes(code: Path) -> None:
    assert mistakes(Stack("test", GOOD), code) == []
    validate(Stack("test", GOOD), code)


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        (replace(QUEUE, dead_letter=DeadLetter(Ref(Kind.QUEUE, "gone"))), "queue work: refers to queue gone, which"),
        (replace(FUNCTION, role=QUEUE.ref), "function worker: its role must be a role, and queue work is not"),
        (replace(FUNCTION, layers=(Ref(Kind.LAYER, "no"),)), "function worker: refers to layer no, which is not"),
        (replace(QUEUE, dead_letter=DeadLetter(QUEUE.ref)), "queue work: is its own dead-letter queue"),
        (replace(QUEUE, dead_letter=None), "queue work: has no dead-letter queue: declare one"),
        (replace(FUNCTION, dead_letters=TABLE.ref), "function worker: its dead-letter queue must be a queue, and"),
        (replace(RULE, targets=(Target("queue", QUEUE.ref, BUS.ref),)), "rule shop/work: its target's dead-letter que"),
        (replace(RULE, targets=(Target("queue", QUEUE.ref),)), "rule shop/work: its target queue has no dead-letter"),
        (replace(DLQ_POLICY, statements=()), "queue work-dlq: does not let rule shop/work in: declare a queue policy"),
        (replace(ROLE, statements=(MAY_RECEIVE,)), "function worker: role worker may not send to queue worker-dlq: al"),
        (replace(FUNCTION, timeout=31), "queue work: its visibility timeout of 30 s is shorter than the 31 s"),
        (replace(ROLE, statements=POLICY.statements), "role worker may not receive from queue work: allow sqs:Rec"),
        (replace(ROLE, statements=()), "role worker: allows nothing"),
        (replace(POLICY, statements=()), "queue work: does not let rule shop/work in: declare a queue policy"),
        (replace(MAY_CALL, source=BUS.ref.arn()), "function worker: does not let rest api shop in: declare a perm"),
        (replace(FUNCTION, handler="worker.main.handler"), "function worker: worker/main.py is missing: create it"),
        (replace(FUNCTION, handler="other.handler.handler"), "function worker: the handler other.handler.handler is"),
        (replace(FUNCTION, handler="handler"), "function worker: the handler 'handler' names no function"),
        (replace(LAYER, content=Requirements("layer.txt")), "layer common: layer.txt is missing: create it"),
        (replace(LAYER, content=Folder("common", "common")), "layer common: Lambda finds packages under python/ alone"),
        (replace(FUNCTION, timeout=901), "function worker: its timeout is 901: AWS takes 1 to 900"),
        (replace(FUNCTION, memory_size=64), "function worker: its memory size is 64: AWS takes 128 to 10240"),
        (replace(FUNCTION, layers=(LAYER.ref,) * 6), "function worker: has 6 layers: AWS takes 5"),
        (replace(FUNCTION, environment={"AWS_REGION": ""}), "the environment variable AWS_REGION is reserved"),
        (replace(FUNCTION, environment={"1ST": ""}), "the environment variable '1ST' is not valid"),
        (replace(MAPPING, batch_size=0), "event source mapping work:worker: its batch size is 0: AWS takes 1 to"),
        (replace(MAPPING, batch_size=11), "a batch size over 10 needs a batching window"),
        (replace(MAPPING, maximum_batching_window=301), "its batching window is 301: AWS takes 0 to 300"),
        (replace(MAPPING, maximum_concurrency=1), "its maximum concurrency is 1: AWS takes 2 to 1000"),
        (replace(QUEUE, visibility_timeout=43_201), "queue work: its visibility timeout is 43201: AWS takes 0 to"),
        (replace(QUEUE, message_retention_period=59), "queue work: its message retention period is 59"),
        (replace(QUEUE, maximum_message_size=1), "queue work: its maximum message size is 1: AWS takes 1024 to"),
        (replace(RULE, event_pattern=None), "rule shop/work: give it an event pattern or a schedule expression"),
        (replace(RULE, schedule_expression="rate(1 minute)"), "rule shop/work: give it an event pattern or a"),
        (replace(RULE, event_pattern={}), "rule shop/work: its event pattern is empty"),
        (replace(RULE, event_pattern=None, schedule_expression="rate(1 minute)"), "schedules work on the default"),
        (replace(RULE, targets=()), "rule shop/work: has 0 targets: AWS takes 1 to 5"),
        (replace(RULE, targets=RULE.targets * 2), "rule shop/work: the target id queue is used 2 times"),
        (Archive("kept", BUS.ref, retention_days=-1), "archive kept: its retention in days is -1: AWS takes 0 to"),
        (Archive("kept", BUS.ref, {}), "archive kept: its event pattern is empty"),
        (Archive("kept", QUEUE.ref), "archive kept: its event bus must be an event bus, and queue work is not"),
        (replace(LOGS, retention_in_days=2), "log group /aws/lambda/worker: CloudWatch keeps no logs for 2 days"),
        (replace(API, routes=()), "rest api shop: has no routes"),
        (replace(API, routes=API.routes * 2), "rest api shop: the route ANY /tasks/{proxy+} is declared 2 times"),
        (replace(API, routes=(Route("/{all+}/x", FUNCTION.ref),)), "rest api shop: the path '/{all+}/x' is not valid"),
        (replace(API, routes=(Route("/x", FUNCTION.ref, "any"),)), "rest api shop: the method 'any' of /x is not"),
        (replace(API, routes=(Route("/x", QUEUE.ref),)), "rest api shop: its function must be a function, and queue"),
        (replace(TABLE, range_key="entry"), "table orders: the key entry has no type: add it to attributes"),
        (replace(TABLE, hash_key="id"), "table orders: the attribute orderId is no key of the table or of an index"),
        (
            replace(TABLE, indexes=(GlobalSecondaryIndex("by-day", "day"),)),
            "table orders: the key day has no type",
        ),
        (
            replace(TABLE, indexes=(GlobalSecondaryIndex("by-id", "orderId"),) * 2),
            "table orders: the index by-id is declared 2 times",
        ),
        (
            replace(TABLE, indexes=(GlobalSecondaryIndex("by id", "orderId"),)),
            "table orders: the index name 'by id' is not valid on AWS",
        ),
        (replace(ALARM, period=10), "alarm errors: its period is 10: give whole minutes"),
        (replace(ALARM, evaluation_periods=1441), "alarm errors: its number of evaluation periods is 1441: AWS takes"),
        (replace(ALARM, datapoints_to_alarm=2), "alarm errors: its number of datapoints to alarm is 2: AWS takes 1"),
        (replace(ALARM, actions=(QUEUE.ref,)), "alarm errors: its action must be a topic, and queue work is not"),
        (replace(ALARM, actions=(ALARMS.ref,) * 6), "alarm errors: has 6 actions: AWS takes 5"),
        (
            replace(ALARM, metric=Metric("Shop", "Orders", {f"d{n}": "x" for n in range(31)})),
            "alarm errors: its metric has 31 dimensions: AWS takes 30",
        ),
        (replace(DASHBOARD, widgets=()), "dashboard test: has 0 widgets: AWS takes 1 to 500"),
        (replace(DASHBOARD, widgets=(Graph("None", ()),)), "dashboard test: the number of lines of 'None' is 0"),
        (
            replace(DASHBOARD, widgets=(AlarmStates("A", (QUEUE.ref,)),)),
            "dashboard test: its alarm must be an alarm, ",
        ),
        (
            replace(DASHBOARD, widgets=(AlarmStates("A", (ALARM.ref,) * 101),)),
            "dashboard test: the number of alarms of 'A' is 101: AWS takes 1 to 100",
        ),
    ],
)
def test_mistake_gives_one_line_that_names_the_resource(changed: Resource, mistake: str, code: Path) -> None:
    lines = mistakes(with_(changed), code)
    assert len([line for line in lines if mistake in line]) == 1, lines
    assert all("\n" not in line for line in lines)


@pytest.mark.parametrize(
    "badly_named",
    [
        Table("no", {"id": "S"}, hash_key="id"),
        Queue("orders.fifo"),
        EventBus("default"),
        Archive("a" * 49, BUS.ref),
        Topic("order events"),
        Secret("shop:jwt"),
        EmailIdentity("shop"),
        Role("shop/orders", ROLE.statements),
        Layer("shop.common", LAYER.content),
        LogGroup("a b"),
        replace(FUNCTION, name="f" * 65),
        replace(RULE, name="with space"),
        replace(API, name="Shop"),
        replace(ALARM, name=""),
        replace(DASHBOARD, name="the shop"),
    ],
    ids=lambda resource: str(resource.kind),
)
def test_name_that_aws_does_not_take_is_told(badly_named: Resource, code: Path) -> None:
    lines = mistakes(with_(badly_named), code)
    assert any(line.startswith(f"{badly_named.ref}: the name") for line in lines), lines


@pytest.mark.parametrize("schedule", ["rate(1 minutes)", "rate(0 minutes)", "every minute", "cron(* * *)"])
def test_schedule_that_aws_does_not_take_is_told(schedule: str, code: Path) -> None:
    rule = Rule("tick", (Target("function", FUNCTION.ref),), schedule_expression=schedule)
    assert any(f"the schedule {schedule!r} is not valid" in line for line in mistakes(with_(rule), code))


@pytest.mark.parametrize("schedule", ["rate(1 minute)", "rate(5 minutes)", "rate(20 hours)", "cron(0 12 * * ? *)"])
def test_schedule_that_aws_takes_is_no_mistake(schedule: str, code: Path) -> None:
    assert mistakes(with_(*_ticking(schedule)), code) == []


def _ticking(schedule: str) -> tuple[Resource, ...]:
    """A schedule that calls the function, and may."""
    rule = Rule("tick", (Target("function", FUNCTION.ref, ASYNC_DLQ.ref),), schedule_expression=schedule)
    return (
        rule,
        let_in(ASYNC_DLQ.ref, rule.ref),
        Permission(FUNCTION.ref, "tick", "events.amazonaws.com", rule.ref.arn()),
    )


def test_function_that_a_rule_invokes_needs_a_dead_letter_queue(code: Path) -> None:
    lines = mistakes(with_(*_ticking("rate(1 minute)"), replace(FUNCTION, dead_letters=None)), code)
    assert lines == [
        "function worker: rule default/tick invokes it asynchronously, and it has no dead-letter queue:"
        " give it dead_letters."
    ]


def test_duplicate_is_told_once(code: Path) -> None:
    assert mistakes(Stack("test", (*GOOD, QUEUE, QUEUE)), code) == [
        "queue work: declared 3 times: keep one, or give the other another name."
    ]


def test_circle_of_references_is_told(code: Path) -> None:
    there, back = Ref(Kind.QUEUE, "there"), Ref(Kind.QUEUE, "back")
    stack = with_(Queue("there", dead_letter=DeadLetter(back)), Queue("back", dead_letter=DeadLetter(there)))
    [line] = mistakes(stack, code)
    assert "refer to each other in a circle" in line
    assert "queue there -> queue back" in line or "queue back -> queue there" in line


def test_subscription_needs_a_policy_of_its_queue(code: Path) -> None:
    topic, last = Topic("order-events"), Queue("mails-dlq")
    mails = Queue("mails", dead_letter=DeadLetter(last.ref))
    lines = mistakes(with_(topic, mails, last, Subscription(topic.ref, mails.ref, dead_letters=last.ref)), code)
    assert lines == [
        f"queue {name}: does not let topic order-events in: declare a queue policy with it as the source."
        for name in ("mails", "mails-dlq")
    ]


def test_dead_letter_queue_belongs_to_one_place(code: Path) -> None:
    more = Queue("more", dead_letter=DeadLetter(DLQ.ref))
    lines = mistakes(with_(more), code)
    assert lines == [
        "queue work-dlq: takes the dead letters of queue more and queue work: give each its own, so that they can be"
        " sent back."
    ]


def test_subscription_needs_a_dead_letter_queue(code: Path) -> None:
    topic, last = Topic("order-events"), Queue("mails-dlq")
    mails = Queue("mails", dead_letter=DeadLetter(last.ref))
    subscription = Subscription(topic.ref, mails.ref)
    lines = mistakes(with_(topic, mails, last, let_in(mails.ref, topic.ref), subscription), code)
    assert lines == ["subscription order-events:mails: has no dead-letter queue: give it dead_letters."]


def test_all_mistakes_are_told_at_once(code: Path) -> None:
    stack = with_(replace(QUEUE, visibility_timeout=1), replace(FUNCTION, handler="worker.main.handler"))
    with pytest.raises(DeclarationError) as caught:
        validate(stack, code)
    assert len(caught.value.mistakes) == 2
    assert str(caught.value) == "\n".join(caught.value.mistakes)
