"""Events: retried, aged, throttled, and where they end; first with versions that only pretend, then with real ones."""

import dataclasses
import json
import threading
import time
import uuid
from types import SimpleNamespace

import pytest
import requests
from localstack import config
from localstack.aws.api.lambda_ import TooManyRequestsException
from localstack.services.lambda_.invocation.lambda_models import EventInvokeConfig, Invocation, InvocationResult

from loadstack_engine import async_invocations
from loadstack_engine.async_invocations import Dispatcher, Event, Queue
from tests.engine import messaging
from tests.waiting import until


class Version:
    """A version manager whose invocations do what ``answers`` say, one after the other; the last one stays."""

    def __init__(self, *answers, reserved=None, **settings):
        self.answers = list(answers)
        self.times = []
        self.function_arn = "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST"
        self.function_version = SimpleNamespace(id=SimpleNamespace(qualifier="$LATEST"))
        settings = EventInvokeConfig("f", "$LATEST", "now", **settings) if settings else None
        self.function = SimpleNamespace(
            reserved_concurrent_executions=reserved, event_invoke_configs={"$LATEST": settings} if settings else {}
        )

    def invoke(self, *, invocation):
        self.times.append(time.monotonic())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return InvocationResult(invocation.request_id, b'"x"', is_error=answer == "error", logs="")


@pytest.fixture
def run(monkeypatch):
    """``run(version)`` has it handle one event; returns its outcome."""
    monkeypatch.setattr(config, "LAMBDA_RETRY_BASE_DELAY_SECONDS", 0.2)
    outcomes = []
    delivered = threading.Event()

    def deliver(outcome, settings):
        outcomes.append(outcome)
        delivered.set()

    monkeypatch.setattr(async_invocations, "deliver", deliver)
    dispatcher = Dispatcher(4, async_invocations.handle)
    monkeypatch.setattr(async_invocations, "DISPATCHER", dispatcher)

    def run(version, age_s=0.0):
        event = Event(_invocation())
        event.accepted -= age_s
        dispatcher.put(Queue(version), event)
        assert delivered.wait(60)
        return outcomes[0]

    return run


def _invocation():
    fields = dict.fromkeys((field.name for field in dataclasses.fields(Invocation)), None)
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    return Invocation(**(fields | {"request_id": uuid.uuid4().hex, "payload": b"{}", "invoked_arn": arn}))


THROTTLED = TooManyRequestsException("Rate Exceeded.")


def test_failed_event_is_retried_twice_after_once_and_twice_the_delay(run):
    version = Version("error")

    outcome = run(version)

    assert (outcome.condition, outcome.attempts) == ("RetriesExhausted", 3)
    first, second, third = version.times
    assert second - first >= 0.2
    assert third - second >= 0.4


def test_maximum_retry_attempts(run):
    outcome = run(Version("error", maximum_retry_attempts=0))

    assert (outcome.condition, outcome.attempts) == ("RetriesExhausted", 1)


def test_retry_that_succeeds(run):
    outcome = run(Version("error", "fine"))

    assert (outcome.condition, outcome.attempts) == ("Success", 2)


def test_throttled_event_waits_a_second_and_costs_no_attempt(run):
    version = Version(THROTTLED, "fine")

    outcome = run(version)

    assert (outcome.condition, outcome.attempts) == ("Success", 1)
    assert version.times[1] - version.times[0] >= 1


def test_events_that_are_refused_side_by_side_are_one_refusal():
    together = threading.Barrier(4)

    def refuse(queue, event):
        together.wait(60)
        return 3600.0

    queue, dispatcher = Queue(Version("fine")), Dispatcher(8, refuse)
    for _ in range(4):
        dispatcher.put(queue, Event(_invocation()))
    until(lambda: len(queue.events) == 4 and queue.throttled)

    assert queue.refusals == 1


def test_after_a_reset_events_wait_for_no_back_off_of_before():
    handled = []

    def handle(queue, event):
        handled.append(event)
        return 3600.0 if len(handled) == 1 else None

    queue, dispatcher = Queue(Version("fine")), Dispatcher(4, handle)
    dispatcher.put(queue, Event(_invocation()))
    until(lambda: queue.throttled)

    dispatcher.clear(queue)
    after = Event(_invocation())
    dispatcher.put(queue, after)

    until(lambda: len(handled) == 2)
    assert handled[1] is after


def test_throttled_event_ends_at_its_maximum_age(run):
    outcome = run(Version(THROTTLED, maximum_event_age_in_seconds=60), age_s=59.5)

    assert (outcome.condition, outcome.attempts, outcome.result) == ("EventAgeExceeded", 0, None)


def test_event_waits_for_six_hours_at_most(run):
    assert run(Version(THROTTLED), age_s=6 * 60 * 60).condition == "EventAgeExceeded"


def test_reserved_concurrency_of_zero(run):
    assert run(Version(THROTTLED, reserved=0)).condition == "ZeroReservedConcurrency"


def test_back_off_doubles_up_to_five_minutes():
    version = Version(THROTTLED)

    delays = [async_invocations.handle(Queue(version, refusals=before), Event(_invocation())) for before in range(11)]

    assert delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_queue_is_tried_again_when_one_of_its_invocations_ends(monkeypatch):
    """With one place, ten events of 20 ms do not wait for the back-off of a second."""
    free = threading.Semaphore(1)
    done = []

    def handle(queue, event):
        if not free.acquire(blocking=False):
            return 60.0
        done.append(threading.Event().wait(0.02))
        free.release()
        return None

    dispatcher, queue = Dispatcher(4, handle), Queue(Version("fine"))
    for _ in range(10):
        dispatcher.put(queue, Event(_invocation()))

    until(lambda: len(done) == 10, timeout_s=50)


def test_threads_are_bounded_and_end_when_idle(monkeypatch):
    monkeypatch.setattr(async_invocations, "_IDLE_THREAD_S", 0.1)
    go, at_once, most = threading.Event(), [0], [0]

    def handle(queue, event):
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        go.wait(60)
        at_once[0] -= 1

    dispatcher = Dispatcher(3, handle)
    for _ in range(9):
        dispatcher.put(Queue(Version("fine")), Event(_invocation()))
    until(lambda: at_once[0] == 3)
    go.set()

    until(lambda: dispatcher._threads == 0)
    assert most[0] == 3


@pytest.fixture
def queue(aws):
    """A queue, and ``queue.receive()``."""
    client = aws("sqs")
    url = client.create_queue(QueueName=f"test-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    yield SimpleNamespace(arn=arn, receive=lambda: messaging.receive(client, url))
    client.delete_queue(QueueUrl=url)


def _send(function, event):
    answer = function.client.invoke(
        FunctionName=function.name, InvocationType="Event", Payload=json.dumps(event).encode()
    )
    assert answer["StatusCode"] == 202
    return answer["ResponseMetadata"]["RequestId"]


def test_event_runs(deploy, tmp_path):
    function = deploy("import pathlib\ndef handler(event, context): pathlib.Path(event).touch()")
    function.invoke(str(tmp_path / "warm"))

    _send(function, str(tmp_path / "seen"))

    until(lambda: (tmp_path / "seen").exists())


@pytest.mark.parametrize(
    ("event", "kind", "condition"), [(1, "OnSuccess", "Success"), (0, "OnFailure", "RetriesExhausted")]
)
def test_destination_gets_the_record(deploy, aws, queue, event, kind, condition):
    function = deploy("def handler(event, context): return 1 / event")
    aws("lambda").put_function_event_invoke_config(
        FunctionName=function.name, MaximumRetryAttempts=0, DestinationConfig={kind: {"Destination": queue.arn}}
    )

    request_id = _send(function, event)

    (message,) = queue.receive()
    record = json.loads(message["Body"])
    assert record["requestContext"] == {
        "requestId": request_id,
        "functionArn": f"{function.arn}:$LATEST",
        "condition": condition,
        "approximateInvokeCount": 1,
    }
    assert record["requestPayload"] == event
    assert record["responseContext"]["executedVersion"] == "$LATEST"
    if kind == "OnSuccess":
        assert record["responsePayload"] == 1.0
    else:
        assert record["responseContext"]["functionError"] == "Unhandled"
        assert record["responsePayload"]["errorType"] == "ZeroDivisionError"


def test_dead_letter_queue_gets_the_event(deploy, aws, queue):
    function = deploy("def handler(event, context): 1 / 0", DeadLetterConfig={"TargetArn": queue.arn})
    aws("lambda").put_function_event_invoke_config(FunctionName=function.name, MaximumRetryAttempts=0)

    request_id = _send(function, {"a": 1})

    (message,) = queue.receive()
    attributes = {name: each["StringValue"] for name, each in message["MessageAttributes"].items()}
    assert json.loads(message["Body"]) == {"a": 1}
    assert attributes == {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": "division by zero"}


def test_throttled_events_run_when_there_is_room(deploy, aws, engine, tmp_path):
    """The first runs until another one was turned away."""
    done = tmp_path / "done"
    done.mkdir()
    function = deploy(
        f"""
        import pathlib, time
        def handler(event, context):
            while not pathlib.Path("{tmp_path}/room").exists():
                time.sleep(0.01)
            pathlib.Path(event).touch()
        """,
        Timeout=30,
    )
    aws("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)
    for number in range(20):
        _send(function, str(done / str(number)))

    def throttles():
        found = requests.get(f"{engine.endpoint}/_loadstack/functions", timeout=30).json()
        return found.get(function.name, {}).get("throttles")

    until(throttles)
    (tmp_path / "room").touch()

    until(lambda: len(list(done.iterdir())) == 20)


def test_slow_function_leaves_threads_to_others():
    release, done = threading.Event(), []

    def handle(queue, event):
        if queue is slow:
            release.wait(60)
        done.append(queue)

    dispatcher, slow, quick = Dispatcher(4, handle), Queue(Version("fine")), Queue(Version("fine"))
    try:
        for _ in range(8):
            dispatcher.put(slow, Event(_invocation()))
        dispatcher.put(quick, Event(_invocation()))
        until(lambda: quick in done)
        assert slow.running == 2
    finally:
        release.set()
    until(lambda: done.count(slow) == 8)
