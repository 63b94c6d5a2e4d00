"""``/_loadstack/queues``, ``/_loadstack/processes`` and the recent concurrency: what a load test asks every second."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from loadstack_engine.statistics import FunctionStatistics
from tests.waiting import until


@pytest.fixture
def route(engine):
    def get(path):
        answer = requests.get(f"{engine.endpoint}/_loadstack/{path}", timeout=10)
        assert answer.status_code == 200
        return answer.json()

    return get


@pytest.fixture
def queue(aws):
    """``queue(**attributes)`` is a new queue's name and URL."""
    sqs, created = aws("sqs"), []

    def create(suffix="", **attributes):
        name = f"test-{uuid.uuid4().hex[:8]}{suffix}"
        created.append(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])
        return name, created[-1]

    yield create
    for url in created:
        sqs.delete_queue(QueueUrl=url)


def found(route, name):
    (one,) = [each for each in route("queues")["queues"] if each["name"] == name]
    return one


def test_queues_tells_messages_by_what_hides_them(aws, route, queue):
    name, url = queue()
    for delay in (0, 0, 0, 60):
        aws("sqs").send_message(QueueUrl=url, MessageBody="m", DelaySeconds=delay)
    aws("sqs").receive_message(QueueUrl=url)

    one = found(route, name)

    assert (one.pop("oldest_age_s") or -1) > 0
    assert one == {
        "name": name, "region": "us-east-1", "account": "000000000000", "visible": 2, "in_flight": 1, "delayed": 1,
        "feeds": [],
    }  # fmt: skip


def test_queues_age_is_of_the_oldest_message_also_in_flight_and_grows(aws, route, queue):
    name, url = queue()
    sqs = aws("sqs")
    assert found(route, name)["oldest_age_s"] is None
    sqs.send_message(QueueUrl=url, MessageBody="old")
    first = found(route, name)["oldest_age_s"]
    (received,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.send_message(QueueUrl=url, MessageBody="new")
    both = found(route, name)["oldest_age_s"]

    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])

    assert first < both
    assert found(route, name)["in_flight"] == 0
    age_of_new = found(route, name)["oldest_age_s"]
    sqs.purge_queue(QueueUrl=url)
    assert age_of_new is not None
    assert found(route, name)["oldest_age_s"] is None


def test_queues_tells_which_functions_they_feed(aws, route, queue, deploy):
    name, url = queue()
    arn = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    functions = sorted(deploy("def handler(event, context): pass").name for _ in range(2))
    mappings = [
        aws("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=arn)["UUID"]
        for function in functions
    ]

    fed = found(route, name)["feeds"]
    for mapping in mappings:
        aws("lambda").delete_event_source_mapping(UUID=mapping)

    assert fed == functions
    until(lambda: found(route, name)["feeds"] == [])


def test_queues_tells_of_fifo_queues(aws, route, queue):
    name, url = queue(".fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for group in ("a", "b"):
        aws("sqs").send_message(QueueUrl=url, MessageBody=group, MessageGroupId=group)

    one = found(route, name)

    assert (one["visible"], one["oldest_age_s"] > 0) == (2, True)


@pytest.fixture
def processes(engine, route):
    """The route's answer, with all processes there are: Prometheus' page looks for new ones at each scrape."""

    def get():
        requests.get(f"{engine.endpoint}/_loadstack/metrics", timeout=10).raise_for_status()
        return route("processes")

    return get


def test_processes_are_told_by_kind_and_their_seconds_never_fall(deploy, processes):
    function = deploy("def handler(event, context): return sum(range(event))")
    function.invoke(10)

    before = processes()
    function.invoke(20_000_000)
    after = processes()

    for kind in ("localstack", "dynamodb-local", "functions"):
        assert before[kind]["processes"] >= 1
        assert before[kind]["memory_bytes"] > 1_000_000
        assert after[kind]["cpu_s"] >= before[kind]["cpu_s"] > 0
    assert after["functions"]["cpu_s"] - before["functions"]["cpu_s"] >= 0.1


def test_processes_that_ended_still_count(deploy, processes, aws):
    function = deploy("def handler(event, context): return sum(range(event))")
    function.invoke(20_000_000)
    before = processes()["functions"]

    aws("lambda").delete_function(FunctionName=function.name)
    after = until(lambda: (told := processes()["functions"])["processes"] < before["processes"] and told)

    assert after["cpu_s"] >= before["cpu_s"]


def test_functions_memory_counts_shared_pages_once(engine, deploy, processes):
    for _ in range(3):
        deploy("def handler(event, context): pass").invoke()

    told = processes()

    page = requests.get(f"{engine.endpoint}/_loadstack/metrics", timeout=10).text
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    resident = {s.labels["process"]: s.value for s in samples if s.name == "loadstack_process_memory_bytes"}
    assert told["functions"]["processes"] >= 4
    assert told["functions"]["memory_bytes"] < 0.8 * resident["functions"]
    assert told["localstack"]["memory_bytes"] == pytest.approx(resident["localstack"], rel=0.2)


def test_recent_concurrency_is_what_runs_at_once_and_forgotten_soon(deploy, route, tmp_path):
    go = tmp_path / "go"
    function = deploy(
        """
        import os, time
        def handler(event, context):
            while not os.path.exists(event):
                time.sleep(0.01)
        """
    )

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(function.invoke, str(go)) for _ in range(3)]
        told = until(lambda: (told := route("functions").get(function.name, {})).get("concurrency") == 3 and told)
        go.touch()
        assert [each.result().error for each in running] == [None] * 3

    assert told["recent_concurrency"] == 3
    told = until(lambda: (told := route("functions")[function.name])["recent_concurrency"] == 0 and told)
    assert told["max_concurrency"] == 3


def test_recent_peak_is_of_this_second_and_the_one_before():
    counters = FunctionStatistics()
    for _ in range(3):
        counters.began(100)
    for _ in range(3):
        counters.ended(100, 0.1)

    def recent(second):
        counters.recent.at(second, counters.concurrency)
        return max(counters.recent.before, counters.recent.now)

    assert (recent(100), recent(101), recent(102)) == (3, 3, 0)


def test_recent_peak_counts_what_runs_on_from_earlier_seconds():
    counters = FunctionStatistics()
    counters.began(100)
    counters.began(100)
    counters.ended(107, 7.0)
    counters.recent.at(108, counters.concurrency)
    assert (counters.recent.before, counters.recent.now) == (2, 1)
    counters.recent.at(110, counters.concurrency)
    assert (counters.recent.before, counters.recent.now) == (1, 1)


def test_functions_without_percentiles(deploy, route):
    function = deploy("def handler(event, context): pass")
    function.invoke()

    whole, light = route("functions")[function.name], route("functions?percentiles=0")[function.name]

    assert whole.keys() - light.keys() == {"p50_ms", "p95_ms", "p99_ms"}
    assert light.keys() <= whole.keys()
    assert light["invocations"] == 1
