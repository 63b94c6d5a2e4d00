"""Functions' logs in CloudWatch Logs, and as the platform writes them."""

import json
import re

import pytest

from tests.waiting import until


def _events(client, group):
    """The lines of a group, stream by stream; none where there is no such group."""
    try:
        streams = client.describe_log_streams(logGroupName=group)["logStreams"]
    except client.exceptions.ResourceNotFoundException:
        return []
    return [
        event
        for stream in streams
        for event in client.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]


def test_lines_come_in_order(deploy, aws):
    function = deploy("def handler(event, context): print('number', event)")
    for number in range(20):
        function.invoke(number)

    events = until(lambda: len(e := _events(aws("logs"), f"/aws/lambda/{function.name}")) == 80 and e)

    numbers = [event["message"] for event in events if event["message"].startswith("number")]
    assert numbers == [f"number {number}\n" for number in range(20)]
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)


def test_line_has_the_time_at_which_it_was_printed(deploy, aws):
    function = deploy(
        """
        import time
        def handler(event, context):
            print("first", flush=True)
            time.sleep(0.4)
            print("second")
        """
    )
    function.invoke()

    events = until(lambda: _events(aws("logs"), f"/aws/lambda/{function.name}"))

    at = {event["message"].strip(): event["timestamp"] for event in events}
    assert 300 < at["second"] - at["first"] < 2_000


def test_deleted_group_comes_back_with_the_next_invocation(deploy, aws):
    function = deploy("def handler(event, context): print('here')")
    group = f"/aws/lambda/{function.name}"
    function.invoke()
    until(lambda: _events(aws("logs"), group))
    aws("logs").delete_log_group(logGroupName=group)

    function.invoke()

    assert [event["message"] for event in until(lambda: _events(aws("logs"), group))][1] == "here\n"


def test_log_group_of_the_logging_configuration(deploy, aws):
    function = deploy(
        "import os\ndef handler(event, context): return [context.log_group_name, context.log_stream_name]",
        LoggingConfig={"LogFormat": "Text", "LogGroup": "/mine/shared"},
    )

    group, stream = function.invoke().payload

    assert group == "/mine/shared"
    assert until(lambda: _events(aws("logs"), group))
    streams = aws("logs").describe_log_streams(logGroupName=group)["logStreams"]
    assert [each["logStreamName"] for each in streams] == [stream]


def test_metric_filter_of_a_group_still_counts(deploy, aws):
    function = deploy("def handler(event, context): pass")
    group, namespace = f"/aws/lambda/{function.name}", f"test-{function.name}"
    aws("logs").create_log_group(logGroupName=group)
    aws("logs").put_metric_filter(
        logGroupName=group,
        filterName="all",
        filterPattern="",
        metricTransformations=[{"metricName": "lines", "metricNamespace": namespace, "metricValue": "1"}],
    )
    try:
        function.invoke()

        assert until(lambda: aws("cloudwatch").list_metrics(Namespace=namespace)["Metrics"])
    finally:
        aws("logs").delete_metric_filter(logGroupName=group, filterName="all")


def test_json_format(deploy):
    function = deploy(
        """
        import json, logging
        def handler(event, context):
            logging.getLogger().info("info")
            logging.getLogger().debug("debug")
            print(json.dumps({"level": "debug", "msg": "by hand"}))
            if event == "raise":
                raise ValueError("no")
        """,
        LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "DEBUG"},
    )

    records = [json.loads(line) for line in function.invoke().log.splitlines()]
    failed = [json.loads(line) for line in function.invoke("raise").log.splitlines()]

    types = [each.get("type") or each["message"] for each in records]
    assert types == ["platform.initReport", "platform.start", "info", "platform.runtimeDone", "platform.report"]
    start, report = records[1], records[-1]
    assert start["record"]["version"] == "$LATEST"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", start["time"])
    assert report["record"]["requestId"] == start["record"]["requestId"]
    assert report["record"]["status"] == "success"
    assert report["record"]["metrics"].keys() == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
    }
    assert failed[-1]["record"]["status"] == "error"


@pytest.mark.parametrize(("level", "kept"), [("INFO", ["start", "report"]), ("WARN", [])])
def test_system_log_level(deploy, level, kept):
    function = deploy("def handler(event, context): pass", LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": level})

    records = [json.loads(line) for line in function.invoke().log.splitlines()]

    assert [each["type"] for each in records] == [f"platform.{kind}" for kind in kept]


def test_failed_init_is_reported_and_run_again_in_the_invocation(deploy, aws):
    function = deploy("print('init')\nimport nowhere")
    log = function.invoke().log

    lines = [line.split("\t") for line in log.splitlines() if not line.startswith("  ")]
    assert [line[0].split()[0] for line in lines].count("init") == 2
    reports = [line[1:] for line in lines if line[0].startswith("INIT_REPORT")]
    assert reports == [
        ["Phase: init", "Status: error", "Error Type: Runtime.ImportModuleError"],
        ["Phase: invoke", "Status: error", "Error Type: Runtime.ImportModuleError"],
    ]
    assert [line[0].split()[0] for line in lines[-4:]] == ["INIT_REPORT", "START", "END", "REPORT"]
    assert lines[-1][5:7] == ["Status: error", "Error Type: Runtime.ImportModuleError"]
    stored = until(lambda: _events(aws("logs"), f"/aws/lambda/{function.name}"))
    assert "".join(event["message"] for event in stored) == log
    assert "[ERROR] Runtime.ImportModuleError" in log


def test_init_over_ten_seconds_runs_again_with_the_functions_timeout(deploy, tmp_path):
    function = deploy(
        f"""
        import pathlib, time
        marker = pathlib.Path("{tmp_path}/seen")
        if not marker.exists():
            marker.touch()
            time.sleep(60)
        def handler(event, context): return "up"
        """,
        Timeout=20,
    )

    invoked = function.invoke()

    assert invoked.payload == "up"
    init = re.search(r"^INIT_REPORT Init Duration: (\d+)\.\d\d ms\tPhase: init\tStatus: timeout$", invoked.log, re.M)
    assert 10_000 <= int(init[1]) < 20_000
    assert "Init Duration" not in invoked.log.splitlines()[-1]


def test_exit_in_an_invocation_is_in_the_report(deploy):
    log = deploy("import os\ndef handler(event, context): os._exit(1)").invoke().log

    assert log.rstrip().endswith("Status: error\tError Type: Runtime.ExitError")


def test_response_over_six_megabytes(deploy):
    function = deploy("def handler(event, context): return 'x' * event")

    assert function.invoke(6 * 1024 * 1024).error is None
    invoked = function.invoke(6 * 1024 * 1024 + 200)

    assert invoked.error == "Unhandled"
    assert invoked.payload == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert invoked.log.rstrip().endswith("Status: error\tError Type: Function.ResponseSizeTooLarge")
    assert function.invoke(1).payload == "x"


def test_sampled_trace_is_in_the_report(deploy):
    function = deploy("def handler(event, context): pass", TracingConfig={"Mode": "Active"})

    report = function.invoke().log.splitlines()[-1]

    assert re.fullmatch(r"XRAY TraceId: 1-[0-9a-f]{8}-[0-9a-f]{24}\tSegmentId: [0-9a-f]{16}\tSampled: true\t", report)
