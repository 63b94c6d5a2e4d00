"""What ``/_loadstack/functions`` tells besides counts: whose time it was, what turned invocations away, limits."""

import contextlib
import threading
from types import SimpleNamespace

import pytest
import requests
from botocore.exceptions import ClientError
from localstack.aws.api.lambda_ import ThrottleReason
from localstack.services.apigateway.next_gen.execute_api.gateway_response import IntegrationTimeoutError
from localstack.services.lambda_.invocation.lambda_models import InvocationResult

from loadstack_engine import in_process
from loadstack_engine.api_gateway import lambda_call
from loadstack_engine.concurrency import too_many_requests
from loadstack_engine.environment_pools import NoRoomError, NoTurnError
from loadstack_engine.statistics import STATISTICS
from loadstack_engine.throttles import reason_of
from tests.waiting import until

BUSY_THEN_ASLEEP = """
import time
def handler(event, context):
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    time.sleep(0.2)
    return {}
"""


@pytest.fixture
def told(engine):
    """``told(function)``: what the route tells of it."""

    def get(function):
        return requests.get(f"{engine.endpoint}/_loadstack/functions", timeout=10).json()[function.name]

    return get


def test_seconds_are_those_of_the_functions_own_clocks(deploy, told):
    function = deploy(BUSY_THEN_ASLEEP)
    for _ in range(2):
        function.invoke()

    figures = told(function)

    assert figures["cpu_s"] >= 0.2
    assert figures["ran_s"] >= figures["cpu_s"] + 0.4 - 0.01  # what ticks between the two readings
    assert figures["duration_s"] >= figures["ran_s"]
    assert figures["api_ran_s"] == 0


def test_seconds_of_an_invocation_that_crashed_are_those_of_its_environment_alone(deploy, told):
    function = deploy("import os, time\ndef handler(event, context):\n    time.sleep(0.1)\n    os._exit(1)")
    function.invoke()
    figures = told(function)
    assert (figures["ran_s"], figures["cpu_s"]) == (0, 0)
    assert figures["duration_s"] >= 0.1


def test_seconds_that_a_rest_api_waited_for_are_told_apart(deploy, rest_api, told):
    function = deploy("import time\ndef handler(event, context):\n    time.sleep(0.1)\n    return {}")
    api = rest_api()
    api.route("GET", "/", function)
    api.deploy()

    api.get("/").raise_for_status()
    of_the_api = told(function)
    function.invoke()
    both = told(function)

    assert of_the_api["api_ran_s"] == of_the_api["ran_s"] >= 0.1
    assert both["api_ran_s"] == of_the_api["api_ran_s"]
    assert both["ran_s"] >= of_the_api["ran_s"] + 0.1


@pytest.mark.parametrize("last", ["os._exit(1)", "time.sleep(30)"])
def test_seconds_of_an_invocation_that_a_rest_api_waited_for_in_vain_are_those_of_its_environment(
    deploy, rest_api, told, last
):
    source = f"import os, time\ndef handler(event, context):\n    time.sleep(0.1)\n    {last}"
    function = deploy(source, Timeout=1)
    api = rest_api()
    api.route("GET", "/", function)
    api.deploy()

    assert api.get("/").status_code == 502

    figures = told(function)
    assert figures["ran_s"] == 0
    assert 0.1 <= figures["api_ran_s"] <= figures["duration_s"]


def test_seconds_of_an_invocation_that_outlasts_its_request_are_those_that_it_waited(monkeypatch):
    may_end = threading.Event()

    def invoke(*_, **__):
        may_end.wait(30)
        result = InvocationResult("id", b"{}", is_error=False, logs="")
        result.ran_s = 20.0
        return result

    monkeypatch.setattr(in_process, "invoke_function", invoke)
    monkeypatch.setattr(in_process, "longest_timeout_s", lambda _: 60)
    monkeypatch.setattr(in_process, "function_of", lambda _: SimpleNamespace(function_name="outlasts"))
    with pytest.raises(IntegrationTimeoutError):
        lambda_call.wait_for("arn", b"{}", SimpleNamespace(integration={"timeoutInMillis": 50}, trace_id=""))
    may_end.set()

    until(lambda: "outlasts" in STATISTICS.snapshot())
    assert STATISTICS.snapshot()["outlasts"].api_ran_s == 0.05


def test_throttles_are_told_by_what_turned_invocations_away(deploy, aws, told):
    function = deploy("def handler(event, context): pass")
    function.invoke()
    assert (told(function)["reserved_concurrency"], told(function)["throttles_by"]) == (None, {})

    aws("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    with contextlib.suppress(ClientError):
        function.invoke()

    figures = told(function)
    assert (figures["reserved_concurrency"], figures["throttles"]) == (0, 1)
    assert figures["throttles_by"] == {"reserved": 1}


@pytest.mark.parametrize("cause", [NoRoomError("100 are in use"), NoTurnError("none could start")])
def test_places_on_this_machine_are_no_limit_of_the_account(cause):
    refused = too_many_requests(ThrottleReason.ConcurrentInvocationLimitExceeded)
    assert reason_of(refused) == "account"
    refused.__cause__ = cause
    assert reason_of(refused) == "environments"


def test_limits_of_mappings_are_told_by_queue(deploy, aws, told):
    function = deploy("def handler(event, context): pass")
    function.invoke()
    assert told(function)["maximum_concurrency"] == {}
    queue = aws("sqs").create_queue(QueueName=f"{function.name}-queue")["QueueUrl"]
    mapping = aws("lambda").create_event_source_mapping(
        EventSourceArn=f"arn:aws:sqs:us-east-1:000000000000:{function.name}-queue",
        FunctionName=function.name,
        ScalingConfig={"MaximumConcurrency": 3},
    )

    assert told(function)["maximum_concurrency"] == {f"{function.name}-queue": 3}

    aws("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    aws("sqs").delete_queue(QueueUrl=queue)
