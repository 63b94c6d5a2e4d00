"""``/_loadstack/metrics`` is what Prometheus reads, and counts what happened."""

import json
import uuid

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families


@pytest.fixture
def scrape(engine):
    """``scrape()`` are the samples of a page: ``(name, labels) → value``; labels as a frozenset of pairs."""

    def get():
        answer = requests.get(f"{engine.endpoint}/_loadstack/metrics", timeout=10)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        families = list(text_string_to_metric_families(answer.text))
        assert len({family.name for family in families}) == len(families)
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    return get


def of(samples, name, **labels):
    return samples.get((name, frozenset(labels.items())))


def test_functions_and_their_environments(deploy, scrape):
    function = deploy("import time\ndef handler(event, context):\n    time.sleep(event)\n    return 1 / event")
    function.invoke(0.02)
    function.invoke(0)
    name = {"function": function.name}

    samples = scrape()

    assert of(samples, "loadstack_function_invocations_total", **name) == 2
    assert of(samples, "loadstack_function_errors_total", **name) == 1
    assert of(samples, "loadstack_function_throttles_total", **name) == 0
    assert of(samples, "loadstack_function_cold_starts_total", **name) == 1
    assert of(samples, "loadstack_function_concurrency", **name) == 0
    assert of(samples, "loadstack_function_environments", **name, state="idle") == 1
    assert of(samples, "loadstack_function_duration_seconds_count", **name) == 2
    assert of(samples, "loadstack_function_duration_seconds_bucket", **name, le="+Inf") == 2
    assert of(samples, "loadstack_function_duration_seconds_bucket", **name, le="0.01") <= 1
    assert of(samples, "loadstack_function_duration_seconds_sum", **name) >= 0.02


def test_queues_and_dead_letters(aws, scrape):
    sqs, name = aws("sqs"), f"test-{uuid.uuid4().hex[:8]}"
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    url = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="m")
    sqs.send_message(QueueUrl=url, MessageBody="m", DelaySeconds=60)
    sqs.receive_message(QueueUrl=url)
    sqs.send_message(QueueUrl=dead, MessageBody="m")
    place = {"region": "us-east-1", "account": "000000000000"}

    samples = scrape()

    assert of(samples, "loadstack_queue_visible_messages", queue=name, **place) == 2
    assert of(samples, "loadstack_queue_in_flight_messages", queue=name, **place) == 1
    assert of(samples, "loadstack_queue_delayed_messages", queue=name, **place) == 1
    assert of(samples, "loadstack_queue_oldest_message_age_seconds", queue=name, **place) >= 0
    assert of(samples, "loadstack_queue_dead_letters", queue=f"{name}-dead", **place) == 1
    assert of(samples, "loadstack_queue_dead_letters", queue=name, **place) is None
    for each in (url, dead):
        sqs.delete_queue(QueueUrl=each)


def test_requests_by_route(engine, scrape):
    before = scrape()
    requests.get(f"{engine.endpoint}/_loadstack/nothing", timeout=5)

    after = scrape()

    name, labels = "loadstack_http_requests_total", {"route": "engine", "status": "404"}
    assert of(after, name, **labels) - (of(before, name, **labels) or 0) == 1
    assert of(after, name, route="engine", status="200") > (of(before, name, route="engine", status="200") or 0)


def test_processes(deploy, scrape):
    deploy("def handler(event, context): pass").invoke()

    first, second = scrape(), scrape()

    for process in ("localstack", "dynamodb-local", "functions"):
        for name in ("processes", "memory_bytes", "threads", "open_files"):
            assert of(first, f"loadstack_process_{name}", process=process) >= 1
        cpu = "loadstack_process_cpu_seconds_total"
        assert 0 < of(first, cpu, process=process) <= of(second, cpu, process=process)
