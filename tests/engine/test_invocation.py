"""What a function sees, and what its caller gets."""

import re
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.engine.functions import archive
from tests.waiting import until


def test_handler_gets_the_event_and_its_answer_comes_back(deploy):
    function = deploy("def handler(event, context): return {'got': event}")

    invoked = function.invoke({"text": "ü", "list": [1, 2.5, None]})

    assert invoked.payload == {"got": {"text": "ü", "list": [1, 2.5, None]}}
    assert invoked.error is None


def test_event_and_answer_of_megabytes_pass(deploy):
    function = deploy("def handler(event, context): return event * 2")

    assert function.invoke("x" * 2_500_000).payload == "x" * 5_000_000


def test_context_and_environment_are_those_of_aws(deploy):
    function = deploy(
        """
        import os, tempfile
        def handler(event, context):
            return {
                "name": context.function_name,
                "version": context.function_version,
                "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb,
                "group": context.log_group_name,
                "stream": context.log_stream_name,
                "request_id": context.aws_request_id,
                "remaining": context.get_remaining_time_in_millis(),
                "env": dict(os.environ),
                "cwd": os.getcwd(),
            }
        """,
        Timeout=7,
        MemorySize=192,
        Environment={"Variables": {"COLOUR": "blue"}},
    )

    seen = function.invoke().payload

    assert (seen["name"], seen["version"], seen["arn"]) == (function.name, "$LATEST", function.arn)
    assert seen["memory"] == "192"
    assert seen["group"] == f"/aws/lambda/{function.name}"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", seen["stream"])
    assert re.fullmatch(r"[0-9a-f-]{36}", seen["request_id"])
    assert 5_000 < seen["remaining"] <= 7_000
    environment = seen["env"]
    assert environment["COLOUR"] == "blue"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == function.name
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["LAMBDA_TASK_ROOT"] == seen["cwd"]
    assert environment["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert environment["AWS_ACCESS_KEY_ID"]
    assert "VIRTUAL_ENV" not in environment


def test_environment_is_reused_while_warm(deploy):
    function = deploy(
        """
        import os
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            return [os.getpid(), calls]
        """
    )

    first, second = function.invoke(), function.invoke()

    assert second.payload == [first.payload[0], 2]
    assert "Init Duration" in first.log
    assert "Init Duration" not in second.log


def test_function_calls_aws_with_its_own_credentials(deploy):
    function = deploy(
        """
        import boto3
        def handler(event, context): return boto3.client("sts").get_caller_identity()["Arn"]
        """
    )

    assert re.fullmatch(rf"arn:aws:sts::000000000000:assumed-role/test/{function.name}", function.invoke().payload)


def test_log_has_start_output_end_and_report(deploy, aws):
    function = deploy(
        """
        import os, sys
        print("at init")
        def handler(event, context):
            print("to stdout")
            print("to stderr", file=sys.stderr)
            os.system("echo from a child")
        """
    )

    log = function.invoke().log

    lines = log.splitlines()
    request_id = lines[1].split()[2]
    assert lines[:6] == [
        "at init",
        f"START RequestId: {request_id} Version: $LATEST",
        "to stdout",
        "to stderr",
        "from a child",
        f"END RequestId: {request_id}",
    ]
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t",
        lines[6],
    )
    group = f"/aws/lambda/{function.name}"
    stored = until(lambda: _messages(aws("logs"), group))
    assert stored == [f"{line}\n" for line in lines]


def test_large_output_does_not_block_the_function(deploy):
    function = deploy("def handler(event, context): print('x' * 3_000_000); return 'done'")

    assert function.invoke().payload == "done"


def test_layer_is_importable_and_a_later_one_wins(deploy, aws):
    arns = [_publish_layer(aws("lambda"), f"layer-{number}", f"NUMBER = {number}") for number in (1, 2)]
    function = deploy("import stone\ndef handler(event, context): return [stone.NUMBER, stone.__file__]", Layers=arns)

    assert function.invoke().payload[0] == 2


def test_updated_code_serves_the_next_invocation(deploy, aws):
    function = deploy("def handler(event, context): return 1")
    assert function.invoke().payload == 1

    code = archive({"app.py": "def handler(event, context): return 2"})
    aws("lambda").update_function_code(FunctionName=function.name, ZipFile=code)
    aws("lambda").get_waiter("function_updated_v2").wait(FunctionName=function.name, WaiterConfig={"Delay": 0.05})

    assert function.invoke().payload == 2


def test_processes_of_replaced_code_end(deploy, aws):
    function = deploy("import os\ndef handler(event, context): return os.getpid()")
    pid = function.invoke().payload
    assert psutil.pid_exists(pid)

    aws("lambda").update_function_code(FunctionName=function.name, ZipFile=archive({"app.py": "handler = print"}))

    until(lambda: not psutil.pid_exists(pid))


# Runs until so many do.
TOGETHER = """
import os, pathlib, time
def handler(event, context):
    folder = pathlib.Path(event["folder"])
    (folder / context.aws_request_id).touch()
    while len(list(folder.iterdir())) < event["count"]:
        time.sleep(0.01)
    return [os.getpid(), os.environ["AWS_ACCESS_KEY_ID"]]
"""


def _invoke_together(function, folder, count):
    folder.mkdir()
    event = {"folder": str(folder), "count": count}
    with ThreadPoolExecutor(count) as pool:
        return [each.payload for each in pool.map(lambda _: function.invoke(event), range(count))]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_invocations_at_once_get_an_environment_each(deploy, tmp_path, concurrency):
    function = deploy(TOGETHER, Timeout=30)

    seen = _invoke_together(function, tmp_path / "started", concurrency)

    assert len({pid for pid, _ in seen}) == concurrency


def _publish_layer(client, name: str, source: str) -> str:
    content = {"ZipFile": archive({"python/stone.py": source})}
    return client.publish_layer_version(LayerName=name, Content=content)["LayerVersionArn"]


def _messages(client, group: str) -> list[str]:
    groups = client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    if not groups:
        return []
    return [event["message"] for event in client.filter_log_events(logGroupName=group)["events"]]


def test_environments_of_a_function_share_their_roles_credentials(deploy, tmp_path):
    function = deploy(TOGETHER, Timeout=30)
    _invoke_together(function, tmp_path / "first", 1)  # two that start at once may ask for credentials twice

    seen = _invoke_together(function, tmp_path / "then", 2)

    assert seen[0][0] != seen[1][0]
    assert seen[0][1] == seen[1][1]
