"""What callers of ``Invoke`` can rely on: limits, concurrency, versions, aliases, function URLs."""

import base64
import json
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.engine.functions import archive
from tests.waiting import until

WAITER = """
import os, pathlib, time
def handler(event, context):
    started = pathlib.Path(event["folder"], str(os.getpid()))
    started.touch()
    while not pathlib.Path(event["folder"], "go").exists():
        time.sleep(0.01)
    return os.getpid()
"""


@pytest.fixture
def held(tmp_path):
    """Invocations of a WAITER that run until the test ends, or calls ``release``."""
    pool = ThreadPoolExecutor(8)

    def hold(function, count, **arguments):
        futures = [pool.submit(function.invoke, {"folder": str(tmp_path)}, **arguments) for _ in range(count)]
        until(lambda: len(list(tmp_path.iterdir())) >= count)
        return futures

    hold.release = (tmp_path / "go").touch
    yield hold
    hold.release()
    pool.shutdown()


def _refusal(function, event=None, **arguments):
    with pytest.raises(ClientError) as refused:
        function.client.invoke(FunctionName=function.name, Payload=json.dumps(event).encode(), **arguments)
    return refused.value.response


def test_reserved_concurrency_in_use(deploy, aws, held):
    function = deploy(WAITER)
    aws("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=2)
    running = held(function, 2)

    refusal = _refusal(function)

    assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert refusal["Error"]["Code"] == "TooManyRequestsException"
    assert refusal["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    held.release()
    assert len({each.result().payload for each in running}) == 2


def test_functions_route_shows_the_pool(deploy, aws, held):
    function = deploy(WAITER)
    aws("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=2)
    running = held(function, 2)
    _refusal(function)

    def shown():
        with urllib.request.urlopen(f"{aws.endpoint}/_loadstack/functions") as response:
            figures = json.load(response)[function.name]
        return figures["environments"], figures["idle"], figures["busy"], figures["throttles"]

    assert shown() == (2, 0, 2, 1)
    held.release()
    [each.result() for each in running]
    assert shown() == (2, 2, 0, 1)


@pytest.mark.parametrize(
    ("size", "arguments", "words"),
    [
        (6_291_457, {}, "Request must be smaller than 6291456 bytes for the InvokeFunction operation"),
        (
            1_048_577,
            {"InvocationType": "Event"},
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
        ),
    ],
)
def test_request_that_is_too_large(deploy, size, arguments, words):
    refusal = _refusal(deploy("def handler(event, context): pass"), "x" * (size - 2), **arguments)

    assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert refusal["Error"]["Code"] == "RequestTooLargeException"
    assert refusal["Error"]["Message"] == words


def test_client_context_reaches_the_handler(deploy):
    function = deploy("def handler(event, context): return context.client_context.custom")
    context = base64.b64encode(json.dumps({"custom": {"colour": "blue"}}).encode()).decode()

    assert function.invoke(ClientContext=context).payload == {"colour": "blue"}


def test_client_context_that_is_no_json(deploy):
    function = deploy("def handler(event, context): pass")

    refusal = _refusal(function, ClientContext=base64.b64encode(b"no").decode())

    assert refusal["Error"]["Code"] == "InvalidRequestContentException"
    assert "Client context must be a valid Base64-encoded JSON object" in refusal["Error"]["Message"]


@pytest.mark.parametrize(("mode", "sampled"), [("Active", "1"), ("PassThrough", "0")])
def test_trace_is_sampled_with_active_tracing_only(deploy, mode, sampled):
    function = deploy(
        "import os\ndef handler(event, context): return os.environ['_X_AMZN_TRACE_ID']", TracingConfig={"Mode": mode}
    )

    fields = dict(field.split("=") for field in function.invoke().payload.split(";"))

    assert fields.keys() == {"Root", "Parent", "Sampled"}
    assert fields["Sampled"] == sampled


def test_trace_of_the_caller_is_kept(deploy, aws):
    function = deploy("import os\ndef handler(event, context): return os.environ['_X_AMZN_TRACE_ID']")
    header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    request = urllib.request.Request(
        f"{aws.endpoint}/2015-03-31/functions/{function.name}/invocations",
        b"{}",
        {"X-Amzn-Trace-Id": header, "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/x"},
    )

    with urllib.request.urlopen(request) as response:
        assert json.load(response) == header


def _publish(aws, function, source):
    client = aws("lambda")
    client.update_function_code(FunctionName=function.name, ZipFile=archive({"app.py": source}))
    client.get_waiter("function_updated_v2").wait(FunctionName=function.name, WaiterConfig={"Delay": 0.05})
    version = client.publish_version(FunctionName=function.name)["Version"]
    client.get_waiter("published_version_active").wait(
        FunctionName=function.name, Qualifier=version, WaiterConfig={"Delay": 0.05}
    )
    return version


def test_versions_aliases_and_weights(deploy, aws):
    function = deploy("def handler(event, context): return 0")
    one, two = (
        _publish(aws, function, f"def handler(event, context): return [{n}, context.invoked_function_arn]")
        for n in (1, 2)
    )
    aws("lambda").create_alias(FunctionName=function.name, Name="live", FunctionVersion=one)

    assert function.invoke(Qualifier=two).payload == [2, f"{function.arn}:{two}"]
    assert function.invoke(Qualifier="live").payload == [1, f"{function.arn}:live"]
    aws("lambda").update_alias(
        FunctionName=function.name, Name="live", RoutingConfig={"AdditionalVersionWeights": {two: 0.5}}
    )

    until(lambda: {function.invoke(Qualifier="live").payload[0] for _ in range(10)} == {1, 2})


def test_provisioned_concurrency(deploy, aws, held):
    function = deploy("x = 0\ndef handler(event, context): pass")
    version = _publish(aws, function, WAITER)
    client = aws("lambda")

    def provision(count):
        client.put_provisioned_concurrency_config(
            FunctionName=function.name, Qualifier=version, ProvisionedConcurrentExecutions=count
        )
        return until(
            lambda: (
                (state := client.get_provisioned_concurrency_config(FunctionName=function.name, Qualifier=version))[
                    "Status"
                ]
                != "IN_PROGRESS"
                and state
            )
        )

    state = provision(2)
    assert (state["Status"], state["AvailableProvisionedConcurrentExecutions"]) == ("READY", 2)

    running = held(function, 3, Qualifier=version)  # one more than provisioned: on demand
    held.release()
    logs = [each.result().log for each in running]

    assert sum("Init Duration" in log.splitlines()[-1] for log in logs) == 3
    assert sum("INIT_REPORT" in log for log in logs) == 2


def test_function_url(deploy, aws):
    function = deploy(
        """
        def handler(event, context):
            return {"statusCode": 201, "headers": {"x-path": event["rawPath"]}, "body": event.get("body", "")}
        """
    )
    url = aws("lambda").create_function_url_config(FunctionName=function.name, AuthType="NONE")["FunctionUrl"]
    host = url.split("//")[1].rstrip("/").split(":")[0]
    request = urllib.request.Request(f"{aws.endpoint}/orders", b"hello", {"Host": host, "Content-Type": "text/plain"})

    with urllib.request.urlopen(request) as response:
        assert (response.status, response.headers["x-path"], response.read()) == (201, "/orders", b"hello")


def test_invocation_that_waits_for_a_replaced_version_goes_to_the_new_one(deploy, aws, held):
    function = deploy(WAITER)
    running = held(function, 1)
    answers = []
    callers = [threading.Thread(target=lambda: answers.append(function.invoke({}).payload)) for _ in range(4)]

    code = archive({"app.py": "def handler(event, context): return 'new'"})
    aws("lambda").update_function_code(FunctionName=function.name, ZipFile=code)
    aws("lambda").get_waiter("function_updated_v2").wait(FunctionName=function.name, WaiterConfig={"Delay": 0.05})
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert answers == ["new"] * 4
    held.release()
    assert isinstance(running[0].result().payload, int)
