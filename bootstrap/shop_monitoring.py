"""What watches the shop: alarms for each queue and function that is declared, the topic they tell, the dashboard.

All of it follows from the declaration: a service, a queue or a dead-letter queue that is new is watched by being there.

| alarm | fires when |
|---|---|
| `<queue>-dead-letters` | a message lies in a dead-letter queue |
| `<queue>-oldest-message` | a message waits for two visibility timeouts: it fails, or too few are worked on |
| `<function>-iterator-age` | the stream's records are a minute old when the function gets them: its shard waits |
| `<function>-error-rate` | 5 % of the invocations of two of the last three minutes failed |
"""

from collections.abc import Iterator, Sequence

from bootstrap.monitoring import Alarm, AlarmStates, Dashboard, Graph, Line, Metric, Widget
from bootstrap.references import Kind, Ref
from bootstrap.resources import EventSourceMapping, Function, Queue, Resource, Topic
from bootstrap.streams import StreamMapping

ALARMS = Ref(Kind.TOPIC, "alarms")
DASHBOARD = "shop"
# What functions/common/metrics.py writes; the shop's own metrics are all of the service orders.
NAMESPACE = "Shop"
SERVICE = "orders"

_ERROR_RATE = 0.05
# A batch that fails is tried again for two minutes before it is a dead letter: told while it lasts.
_ITERATOR_AGE_MS = 60_000
_ORDERS = ("Accepted", "Confirmed", "Rejected", "Cancelled")
_STAGES = ("StockReserved", "PaymentCaptured", "Confirmed", "Notified")


def watched(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """`resources`, and what watches them."""
    alarms = (
        *_dead_letters(resources),
        *_oldest_messages(resources),
        *_iterator_ages(resources),
        *_error_rates(resources),
    )
    dashboard = Dashboard(DASHBOARD, tuple(_widgets(resources, alarms)))
    return (*resources, Topic(ALARMS.name), *alarms, dashboard)


def _dead_letters(resources: Sequence[Resource]) -> Iterator[Alarm]:
    for queue in _dead_letter_queues(resources):
        yield Alarm(
            f"{queue.name}-dead-letters",
            f"Messages lie in {queue.name}: make dlq tells why, make redrive QUEUE={queue.name} sends them back.",
            _of_queue("ApproximateNumberOfMessagesVisible", queue),
            statistic="Maximum",
            threshold=1,
            actions=(ALARMS,),
        )


def _oldest_messages(resources: Sequence[Resource]) -> Iterator[Alarm]:
    for queue in _working_queues(resources):
        longest = 2 * queue.visibility_timeout
        yield Alarm(
            f"{queue.name}-oldest-message",
            f"A message waits in {queue.name} for {longest} s or more: it fails, or the function does not keep up.",
            _of_queue("ApproximateAgeOfOldestMessage", queue),
            statistic="Maximum",
            threshold=longest,
            actions=(ALARMS,),
        )


def _iterator_ages(resources: Sequence[Resource]) -> Iterator[Alarm]:
    """A consumer that answers with the items that failed has no error, so that its error rate stays 0."""
    for mapping in (each for each in resources if isinstance(each, StreamMapping)):
        name = mapping.function.name
        yield Alarm(
            f"{name}-iterator-age",
            f"Changes of {mapping.table.name} reach {name} {_ITERATOR_AGE_MS // 1000} s late or more: "
            f"see make logs FUNCTION={name}.",
            Metric("AWS/Lambda", "IteratorAge", {"FunctionName": mapping.function}),
            statistic="Maximum",
            threshold=_ITERATOR_AGE_MS,
            actions=(ALARMS,),
        )


def _error_rates(resources: Sequence[Resource]) -> Iterator[Alarm]:
    for function in _functions(resources):
        yield Alarm(
            f"{function.name}-error-rate",
            f"{_ERROR_RATE:.0%} of the invocations of {function.name} fail: see make logs FUNCTION={function.name}.",
            # Lambda counts an invocation without an error as 0: the average is the rate.
            _of_function("Errors", function),
            statistic="Average",
            threshold=_ERROR_RATE,
            actions=(ALARMS,),
            evaluation_periods=3,
            datapoints_to_alarm=2,
        )


def _widgets(resources: Sequence[Resource], alarms: Sequence[Alarm]) -> Iterator[Widget]:
    yield Graph("Orders a minute", tuple(Line(_of_shop(f"Orders{name}"), name.lower(), "Sum") for name in _ORDERS))
    yield Graph("Revenue a minute, in cents", (Line(_of_shop("Revenue"), "revenue", "Sum"),))
    yield Graph(
        "From the acceptance to the stage, p95 in ms",
        tuple(Line(_of_shop(f"TimeTo{stage}"), stage, "p95") for stage in _STAGES),
    )
    yield AlarmStates("Alarms", tuple(alarm.ref for alarm in alarms))
    consumers = _working_queues(resources)
    age, visible = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"
    yield Graph("Oldest message, in s", tuple(Line(_of_queue(age, each), each.name, "Maximum") for each in consumers))
    last = _dead_letter_queues(resources)
    yield Graph("Dead letters", tuple(Line(_of_queue(visible, each), each.name, "Maximum") for each in last), True)
    fed = {each.function for each in resources if isinstance(each, EventSourceMapping)}
    functions = [each for each in _functions(resources) if each.ref in fed]
    yield Graph(
        "Invocations of the consumers, p95 in ms",
        tuple(Line(_of_function("Duration", each), each.name, "p95") for each in functions),
    )
    yield Graph(
        "Failed invocations of the consumers",
        tuple(Line(_of_function("Errors", each), each.name, "Sum") for each in functions),
        stacked=True,
    )


def _dead_letter_queues(resources: Sequence[Resource]) -> list[Queue]:
    """Those without one of their own: `validate` knows that they are one."""
    return [each for each in resources if isinstance(each, Queue) and each.dead_letter is None]


def _working_queues(resources: Sequence[Resource]) -> list[Queue]:
    return [each for each in resources if isinstance(each, Queue) and each.dead_letter]


def _functions(resources: Sequence[Resource]) -> list[Function]:
    return [each for each in resources if isinstance(each, Function)]


def _of_shop(metric: str) -> Metric:
    return Metric(NAMESPACE, metric, {"service": SERVICE})


def _of_queue(metric: str, queue: Queue) -> Metric:
    return Metric("AWS/SQS", metric, {"QueueName": queue.ref})


def _of_function(metric: str, function: Function) -> Metric:
    return Metric("AWS/Lambda", metric, {"FunctionName": function.ref})
