"""What watches the shop follows from what is declared."""

from bootstrap.monitoring import Alarm, AlarmStates, Dashboard, Graph
from bootstrap.references import Kind, Ref
from bootstrap.resources import Function, Queue, Stack, Topic
from bootstrap.shop_monitoring import ALARMS, watched
from bootstrap.streams import StreamMapping
from sandbox.dead_letters.homes import homes


def test_each_dead_letter_queue_has_an_alarm(shop: Stack) -> None:
    names = {alarm.name for alarm in shop.of(Alarm)}
    assert homes(shop)
    assert {f"{queue}-dead-letters" for queue in homes(shop)} <= names


def test_each_other_queue_and_each_function_has_an_alarm(shop: Stack) -> None:
    names = {alarm.name for alarm in shop.of(Alarm)}
    assert {f"{queue.name}-oldest-message" for queue in shop.of(Queue) if queue.dead_letter} <= names
    assert {f"{function.name}-error-rate" for function in shop.of(Function)} <= names


def test_each_consumer_of_a_stream_has_an_alarm_on_the_age_of_what_it_gets(shop: Stack) -> None:
    alarms = {alarm.name: alarm.metric for alarm in shop.of(Alarm)}
    assert shop.of(StreamMapping)
    for mapping in shop.of(StreamMapping):
        metric = alarms[f"{mapping.function.name}-iterator-age"]
        assert (metric.name, metric.dimensions) == ("IteratorAge", {"FunctionName": mapping.function})


def test_a_queue_that_is_new_is_watched_by_being_there() -> None:
    (alarm,) = Stack("new", watched((Queue("returns-dlq"),))).of(Alarm)
    assert (alarm.name, alarm.metric.dimensions) == (
        "returns-dlq-dead-letters",
        {"QueueName": Ref(Kind.QUEUE, "returns-dlq")},
    )


def test_all_alarms_tell_the_topic_and_are_on_the_dashboard(shop: Stack) -> None:
    assert Topic("alarms") in shop.resources
    assert all(alarm.actions == (ALARMS,) for alarm in shop.of(Alarm))
    (dashboard,) = shop.of(Dashboard)
    (states,) = [widget for widget in dashboard.widgets if isinstance(widget, AlarmStates)]
    assert states.alarms == tuple(alarm.ref for alarm in shop.of(Alarm))
    assert len([widget for widget in dashboard.widgets if isinstance(widget, Graph)]) == 7
