"""The metrics of Lambda and SQS, EMF lines, percentiles and alarms, as a client of CloudWatch sees them."""

import json
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests.waiting import until


@pytest.fixture
def metric(aws):
    """``metric(namespace, name, dimensions, stat)`` is one figure of the last five minutes, or None."""

    def get(namespace, name, dimensions, stat="Sum"):
        now = datetime.now(UTC)
        wanted = {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        }
        answer = aws("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": wanted, "Period": 600, "Stat": stat}}],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=1),
        )
        values = answer["MetricDataResults"][0]["Values"]
        return values[0] if values else None

    return get


@pytest.fixture
def queue(aws):
    """A queue's name and URL."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    url = aws("sqs").create_queue(QueueName=name)["QueueUrl"]
    yield name, url
    aws("sqs").delete_queue(QueueUrl=url)


def test_invocations_errors_and_duration_of_a_function(deploy, metric):
    function = deploy(
        """
        import time
        def handler(event, context):
            time.sleep(event / 1000)
            if event == 1:
                raise ValueError()
        """
    )
    for milliseconds in (0, 0, 0, 1, 200):
        function.invoke(milliseconds)
    dimensions = {"FunctionName": function.name}

    until(lambda: metric("AWS/Lambda", "Invocations", dimensions) == 5)

    assert metric("AWS/Lambda", "Errors", dimensions) == 1
    assert metric("AWS/Lambda", "Errors", dimensions, "Average") == pytest.approx(0.2)
    assert 200 <= metric("AWS/Lambda", "Duration", dimensions, "p99") < 10_000
    assert metric("AWS/Lambda", "Duration", dimensions, "p50") < metric("AWS/Lambda", "Duration", dimensions, "p99")
    assert metric("AWS/Lambda", "Duration", dimensions, "SampleCount") == 5
    assert metric("AWS/Lambda", "ConcurrentExecutions", dimensions, "Maximum") == 1
    assert metric("AWS/Lambda", "Invocations", {}) >= 5
    assert metric("AWS/Lambda", "Throttles", dimensions) is None


def test_invocations_by_alias_and_version(aws, deploy, metric):
    function = deploy("def handler(event, context): return 1")
    client = aws("lambda")
    version = client.publish_version(FunctionName=function.name)["Version"]
    client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    client.get_waiter("published_version_active").wait(
        FunctionName=function.name, Qualifier=version, WaiterConfig={"Delay": 0.05}
    )
    function.invoke(Qualifier="live")
    function.invoke(Qualifier="live")
    function.invoke()
    by_alias = {"FunctionName": function.name, "Resource": f"{function.name}:live"}

    until(lambda: metric("AWS/Lambda", "Invocations", {"FunctionName": function.name}) == 3)

    assert metric("AWS/Lambda", "Invocations", by_alias) == 2
    assert metric("AWS/Lambda", "Invocations", by_alias | {"ExecutedVersion": version}) == 2
    assert metric("AWS/Lambda", "Invocations", {"FunctionName": function.name, "Resource": function.name}) == 1


def test_throttles(aws, deploy, metric):
    function = deploy("def handler(event, context): return 1")
    aws("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    with pytest.raises(aws("lambda").exceptions.TooManyRequestsException):
        function.invoke()

    until(lambda: metric("AWS/Lambda", "Throttles", {"FunctionName": function.name}) == 1)

    assert metric("AWS/Lambda", "Invocations", {"FunctionName": function.name}) is None


def test_what_happens_to_a_queue(aws, queue, metric):
    name, url = queue
    sqs = aws("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="x" * 100)
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": "y" * 50} for n in range(3)])
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    sqs.receive_message(QueueUrl=url)
    for message in received[:2]:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    dimensions = {"QueueName": name}

    until(lambda: metric("AWS/SQS", "NumberOfMessagesDeleted", dimensions) == 2)
    until(lambda: metric("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", dimensions, "Maximum"))

    assert metric("AWS/SQS", "NumberOfMessagesSent", dimensions) == 4
    assert metric("AWS/SQS", "NumberOfMessagesReceived", dimensions) == 4
    assert metric("AWS/SQS", "NumberOfEmptyReceives", dimensions) == 1
    assert metric("AWS/SQS", "SentMessageSize", dimensions, "Maximum") == 100
    assert metric("AWS/SQS", "SentMessageSize", dimensions, "Average") == 62.5


@pytest.mark.parametrize("attributes", [{}, {"FifoQueue": "true", "ContentBasedDeduplication": "true"}])
def test_depth_of_a_queue_and_age_of_its_oldest_message(aws, metric, attributes):
    name = f"test-{uuid.uuid4().hex[:8]}" + (".fifo" if attributes else "")
    url = aws("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    group = {"MessageGroupId": "g"} if attributes else {}
    for number in range(2):
        aws("sqs").send_message(QueueUrl=url, MessageBody=str(number), **group)
    dimensions = {"QueueName": name}

    until(lambda: (metric("AWS/SQS", "ApproximateAgeOfOldestMessage", dimensions, "Maximum") or 0) >= 1)

    assert metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions, "Maximum") == 2
    assert metric("AWS/SQS", "ApproximateNumberOfMessagesDelayed", dimensions, "Maximum") == 0
    aws("sqs").delete_queue(QueueUrl=url)


def emf_line(namespace, values):
    directive = {"Namespace": namespace, "Dimensions": [["service"]], "Metrics": [{"Name": "Cost", "Unit": "Count"}]}
    metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": metadata, "service": "orders", "Cost": values})


def test_emf_line_that_a_function_prints(deploy, metric):
    function = deploy("def handler(event, context): print(event)")
    namespace = f"Test/{uuid.uuid4().hex[:8]}"
    function.invoke(emf_line(namespace, [1, 2, 3]))
    function.invoke(emf_line(namespace, 94))

    until(lambda: metric(namespace, "Cost", {"service": "orders"}) == 100)

    assert metric(namespace, "Cost", {"service": "orders"}, "SampleCount") == 4
    assert metric(namespace, "Cost", {"service": "orders"}, "p75") == 3


def test_emf_line_among_log_events(aws, metric):
    namespace = f"Test/{uuid.uuid4().hex[:8]}"
    group = f"/test/{uuid.uuid4().hex[:8]}"
    logs = aws("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    messages = ["hello", emf_line(namespace, 7)]
    events = [{"timestamp": now, "message": message} for message in messages]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    until(lambda: metric(namespace, "Cost", {"service": "orders"}) == 7)

    assert [
        event["message"] for event in logs.get_log_events(logGroupName=group, logStreamName="s")["events"]
    ] == messages


def test_extended_statistics_of_put_values(aws):
    cloudwatch = aws("cloudwatch")
    namespace = f"Test/{uuid.uuid4().hex[:8]}"
    now = datetime.now(UTC)
    data = {"MetricName": "Latency", "Timestamp": now, "Values": list(range(1, 101)), "Unit": "Milliseconds"}
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[data])
    wanted = {"Namespace": namespace, "MetricName": "Latency", "Period": 60}
    wanted |= {"StartTime": now - timedelta(minutes=1), "EndTime": now + timedelta(minutes=1)}

    (both,) = cloudwatch.get_metric_statistics(**wanted, Statistics=["Sum"], ExtendedStatistics=["p99", "tm90"])[
        "Datapoints"
    ]
    (extended,) = cloudwatch.get_metric_statistics(**wanted, ExtendedStatistics=["p99.9"])["Datapoints"]

    assert both["Sum"] == 5050
    assert both["ExtendedStatistics"] == {"p99": 99, "tm90": 45.5}
    assert both["Unit"] == "Milliseconds"
    assert extended["ExtendedStatistics"] == {"p99.9": 100}


def test_statistic_that_does_not_exist(aws):
    now = datetime.now(UTC)
    with pytest.raises(aws("cloudwatch").exceptions.InvalidParameterValueException, match="p101"):
        aws("cloudwatch").get_metric_statistics(
            Namespace="Test",
            MetricName="x",
            Period=60,
            StartTime=now - timedelta(hours=1),
            EndTime=now,
            ExtendedStatistics=["p101"],
        )


@pytest.fixture
def alarms(aws, queue):
    """``put(**alarm)`` creates one on 10 s periods; ``messages()`` are what it has told the queue through SNS."""
    _, url = queue
    arn = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = aws("sns").create_topic(Name=f"test-{uuid.uuid4().hex[:8]}")["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    names = []

    class Alarms:
        def put(self, **alarm):
            names.append(f"test-{uuid.uuid4().hex[:8]}")
            defaults = {"Period": 10, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}
            aws("cloudwatch").put_metric_alarm(AlarmName=names[-1], AlarmActions=[topic], **defaults | alarm)
            return names[-1]

        def messages(self):
            received = aws("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
            return [json.loads(message["Body"]) for message in received]

    yield Alarms()
    aws("cloudwatch").delete_alarms(AlarmNames=names)
    aws("sns").delete_topic(TopicArn=topic)


def test_alarm_on_a_functions_errors_tells_a_topic(deploy, alarms):
    function = deploy("def handler(event, context): raise ValueError()")
    name = alarms.put(
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": function.name}],
        Statistic="Sum",
        Threshold=1,
    )
    function.invoke()

    (message,) = until(alarms.messages)

    assert (message["AlarmName"], message["NewStateValue"]) == (name, "ALARM")


def test_alarm_on_a_percentile(aws, alarms):
    namespace = f"Test/{uuid.uuid4().hex[:8]}"
    alarms.put(Namespace=namespace, MetricName="Latency", ExtendedStatistic="tm95", Threshold=10_000)
    name = alarms.put(Namespace=namespace, MetricName="Latency", ExtendedStatistic="p90", Threshold=100)
    values = [{"MetricName": "Latency", "Values": [1, 200], "Counts": [80, 20]}]
    aws("cloudwatch").put_metric_data(Namespace=namespace, MetricData=values)

    (message,) = until(alarms.messages)

    assert (message["AlarmName"], message["NewStateValue"]) == (name, "ALARM")
    assert message["Trigger"]["ExtendedStatistic"] == "p90"


def test_alarm_on_a_minute_is_evaluated_within_it(aws, alarms):
    """And told again when the next value does not cross the threshold: the minute before counts no more."""
    namespace = f"Test/{uuid.uuid4().hex[:8]}"
    alarm = {"Namespace": namespace, "MetricName": "Depth", "Statistic": "Maximum", "Threshold": 1, "Period": 60}
    a_minute_ago = datetime.now(UTC) - timedelta(minutes=1)
    aws("cloudwatch").put_metric_data(
        Namespace=namespace, MetricData=[{"MetricName": "Depth", "Value": 1, "Timestamp": a_minute_ago}]
    )
    name = alarms.put(**alarm, TreatMissingData="notBreaching")

    (message,) = until(alarms.messages)
    assert (message["AlarmName"], message["NewStateValue"]) == (name, "ALARM")

    aws("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "Depth", "Value": 0}])

    def state():
        return aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]

    until(lambda: state() == "OK")
