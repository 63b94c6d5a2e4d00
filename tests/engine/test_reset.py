"""After ``POST /_loadstack/reset`` there is no data of any service, and the stack is as it was."""

import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests

from loadstack_engine.api_gateway.authorizer_cache import CACHE
from loadstack_engine.api_gateway.quotas import QUOTAS
from loadstack_engine.api_gateway.token_buckets import BUCKETS
from loadstack_engine.reset import stores
from tests.engine.conftest import ROLE
from tests.engine.functions import archive
from tests.waiting import until


@pytest.fixture
def reset(other_engine):
    """``reset()`` is what the route answers."""

    def post():
        answer = requests.post(f"{other_engine.endpoint}/_loadstack/reset", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return post


@pytest.fixture
def function(other_aws):
    """``function(source)`` deploys one and returns its name."""
    client = other_aws("lambda")
    created = []

    def create(source, **arguments):
        name = f"test-{uuid.uuid4().hex[:8]}"
        defaults = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Timeout": 20}
        code = {"ZipFile": archive({"app.py": source})}
        client.create_function(FunctionName=name, Code=code, **defaults | arguments)
        created.append(name)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05})
        return name

    yield create
    for name in created:
        client.delete_function(FunctionName=name)


def a_name():
    return f"test-{uuid.uuid4().hex[:8]}"


def a_table(dynamodb, items=0, **arguments):
    name = a_name()
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "by", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-index",
                "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        **arguments,
    )
    for start in range(0, items, 25):
        puts = [{"PutRequest": {"Item": {"id": {"S": str(n)}, "by": {"S": "x"}}}} for n in range(start, start + 25)]
        dynamodb.batch_write_item(RequestItems={name: puts})
    return name


def test_tables_are_empty_and_kept_with_their_settings(other_aws, reset):
    dynamodb = other_aws("dynamodb")
    name = a_table(dynamodb, 500, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"})
    before = dynamodb.describe_table(TableName=name)["Table"]

    assert reset()["status"] == "ok"

    after = dynamodb.describe_table(TableName=name)["Table"]
    changing = {"ItemCount", "TableSizeBytes", "GlobalSecondaryIndexes"}
    assert {key: value for key, value in after.items() if key not in changing} == {
        key: value for key, value in before.items() if key not in changing
    }
    assert [index["IndexName"] for index in after["GlobalSecondaryIndexes"]] == ["by-index"]
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    assert dynamodb.scan(TableName=name)["Count"] == 0
    by_index = {
        "IndexName": "by-index",
        "KeyConditionExpression": "#by = :x",
        "ExpressionAttributeNames": {"#by": "by"},
    }
    assert dynamodb.query(TableName=name, **by_index, ExpressionAttributeValues={":x": {"S": "x"}})["Count"] == 0
    dynamodb.delete_table(TableName=name)


def test_stream_has_no_old_records_and_goes_on_where_its_readers_stand(other_aws, reset):
    dynamodb, streams = other_aws("dynamodb"), other_aws("dynamodbstreams")
    view = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    name, other = a_table(dynamodb, 50, StreamSpecification=view), a_table(dynamodb, 50, StreamSpecification=view)
    arn = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    middle = streams.get_records(ShardIterator=start, Limit=10)["NextShardIterator"]
    end = streams.get_records(ShardIterator=start)["NextShardIterator"]

    reset()

    dynamodb.put_item(TableName=other, Item={"id": {"S": "elsewhere"}})
    dynamodb.put_item(TableName=name, Item={"id": {"S": "new"}})
    for position in (start, middle, end):
        records = streams.get_records(ShardIterator=position)["Records"]
        assert [record["dynamodb"]["Keys"]["id"]["S"] for record in records] == ["new"]
    for table in (name, other):
        dynamodb.delete_table(TableName=table)


def test_client_token_of_a_transaction_is_forgotten(other_aws, reset):
    dynamodb = other_aws("dynamodb")
    name = a_table(dynamodb)
    put = {"TransactItems": [{"Put": {"TableName": name, "Item": {"id": {"S": "1"}}}}], "ClientRequestToken": a_name()}
    dynamodb.transact_write_items(**put)

    reset()
    dynamodb.transact_write_items(**put)

    assert dynamodb.scan(TableName=name)["Count"] == 1
    dynamodb.delete_table(TableName=name)


def test_queues_are_empty_of_every_kind_of_message(other_aws, reset):
    sqs = other_aws("sqs")
    url = sqs.create_queue(QueueName=a_name(), Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    fifo = sqs.create_queue(QueueName=f"{a_name()}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="delayed", DelaySeconds=1)
    sqs.send_message(QueueUrl=url, MessageBody="visible")
    ids = {"MessageGroupId": "g", "MessageDeduplicationId": "once"}
    sqs.send_message(QueueUrl=fifo, MessageBody="old", **ids)
    in_flight = sqs.receive_message(QueueUrl=fifo)["Messages"]
    assert in_flight

    reset()

    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)
    sqs.send_message(QueueUrl=fifo, MessageBody="new", **ids)
    assert [each["Body"] for each in sqs.receive_message(QueueUrl=fifo)["Messages"]] == ["new"]
    for each in (url, fifo):
        sqs.delete_queue(QueueUrl=each)


def test_buckets_are_empty_also_of_versions_and_uploads(other_aws, reset):
    s3 = other_aws("s3")
    plain, versioned = a_name(), a_name()
    for bucket in (plain, versioned):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=plain, Key="key", Body=body)
        s3.put_object(Bucket=versioned, Key="key", Body=body)
    s3.delete_object(Bucket=versioned, Key="key")
    s3.create_multipart_upload(Bucket=plain, Key="large")

    reset()

    assert s3.list_objects_v2(Bucket=plain)["KeyCount"] == 0
    assert {"Versions", "DeleteMarkers"}.isdisjoint(s3.list_object_versions(Bucket=versioned))
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=plain)
    assert s3.get_bucket_versioning(Bucket=versioned)["Status"] == "Enabled"
    s3.put_object(Bucket=versioned, Key="key", Body=b"3")
    assert s3.get_object(Bucket=versioned, Key="key")["Body"].read() == b"3"


def test_logs_metrics_and_mail_are_gone(other_aws, other_engine, function, reset):
    logs, cloudwatch, ses = other_aws("logs"), other_aws("cloudwatch"), other_aws("ses")
    name, group, namespace = function("def handler(event, context): print('old')"), a_name(), a_name()
    other_aws("lambda").invoke(FunctionName=name)
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="mine")
    event = {"timestamp": int(time.time() * 1000), "message": "old"}
    logs.put_log_events(logGroupName=group, logStreamName="mine", logEvents=[event])
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "m", "Value": 1}])
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=namespace,
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    ses.verify_email_identity(EmailAddress="a@example.com")
    mail = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
    ses.send_email(Source="a@example.com", Destination={"ToAddresses": ["b@example.com"]}, Message=mail)

    reset()

    assert logs.get_log_events(logGroupName=group, logStreamName="mine")["events"] == []
    assert logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"] == []
    assert cloudwatch.list_metrics(Namespace=namespace)["Metrics"] == []
    now = datetime.now(UTC)
    wanted = {"Namespace": "AWS/Lambda", "MetricName": "Invocations", "Statistics": ["Sum"], "Period": 60}
    wanted["Dimensions"] = [{"Name": "FunctionName", "Value": name}]
    times = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(hours=1)}
    assert cloudwatch.get_metric_statistics(**wanted, **times)["Datapoints"] == []
    assert [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]] == [name]
    assert requests.get(f"{other_engine.endpoint}/_aws/ses", timeout=5).json()["messages"] == []
    assert ses.list_identities()["Identities"] == ["a@example.com"]

    other_aws("lambda").invoke(FunctionName=name)

    found = until(lambda: logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"])
    assert [event["message"] for event in found].count("old\n") == 1
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_secrets_and_parameters_stay(other_aws, reset):
    secrets, parameters, name = other_aws("secretsmanager"), other_aws("ssm"), a_name()
    secrets.create_secret(Name=name, SecretString="kept")
    parameters.put_parameter(Name=name, Value="kept", Type="String")

    reset()

    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "kept"
    assert parameters.get_parameter(Name=name)["Parameter"]["Value"] == "kept"


def test_running_invocation_is_waited_for_and_what_it_wrote_is_gone(other_aws, function, reset):
    dynamodb, name = other_aws("dynamodb"), None
    table = a_table(dynamodb)
    name = function(
        f"""
        import boto3, time
        client = boto3.client("dynamodb")
        def handler(event, context):
            client.put_item(TableName="{table}", Item={{"id": {{"S": "started"}}}})
            time.sleep(1)
            client.put_item(TableName="{table}", Item={{"id": {{"S": "ended"}}}})
        """
    )
    with ThreadPoolExecutor(1) as executor:
        invoked = executor.submit(other_aws("lambda").invoke, FunctionName=name)
        until(lambda: dynamodb.scan(TableName=table)["Count"])

        answer = reset()

        assert answer["status"] == "ok"
        assert answer["waited_ms"] > 100
        assert "FunctionError" not in invoked.result()
    assert dynamodb.scan(TableName=table)["Count"] == 0
    dynamodb.delete_table(TableName=table)


def test_invocation_that_waits_for_its_environment_is_waited_for_too(other_aws, other_engine, function, reset):
    dynamodb = other_aws("dynamodb")
    table = a_table(dynamodb)
    name = function(
        f"""
        import boto3, time
        client = boto3.client("dynamodb")
        time.sleep(1)
        def handler(event, context):
            client.put_item(TableName="{table}", Item={{"id": {{"S": "old"}}}})
        """
    )

    def starts():
        found = requests.get(f"{other_engine.endpoint}/_loadstack/functions", timeout=5).json()
        return name in found and found[name]["cold_starts"]

    with ThreadPoolExecutor(1) as executor:
        invoked = executor.submit(other_aws("lambda").invoke, FunctionName=name)
        until(starts)

        assert reset()["status"] == "ok"

        assert "FunctionError" not in invoked.result()
    assert dynamodb.scan(TableName=table)["Count"] == 0
    dynamodb.delete_table(TableName=table)


RECORDING = """
    import boto3, json, os, time
    client = boto3.client("dynamodb")
    def handler(event, context):
        bodies = [record["body"] for record in event["Records"]] if "Records" in event else [event["name"]]
        for body in bodies:
            client.put_item(TableName=os.environ["TABLE"], Item={"id": {"S": body}})
        time.sleep(event.get("sleep", 0))
"""


def test_queued_work_of_before_reaches_no_function(other_aws, function, reset):
    """Messages in a batching window and asynchronous events that wait are dropped; the mapping goes on."""
    dynamodb, sqs, lambdas = other_aws("dynamodb"), other_aws("sqs"), other_aws("lambda")
    table = a_table(dynamodb)
    name = function(RECORDING, Environment={"Variables": {"TABLE": table}})
    url = sqs.create_queue(QueueName=a_name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    window = {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 2}
    mapping = lambdas.create_event_source_mapping(EventSourceArn=arn, FunctionName=name, **window)["UUID"]
    until(lambda: lambdas.get_event_source_mapping(UUID=mapping)["State"] == "Enabled")
    lambdas.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambdas.invoke, FunctionName=name, Payload=json.dumps({"name": "running", "sleep": 1.5}))
        until(lambda: dynamodb.scan(TableName=table)["Count"])
        # It finds the function busy twice, and waits two seconds the second time.
        lambdas.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"name": "old event"}))
        sqs.send_message(QueueUrl=url, MessageBody="old")
        depth = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"]}
        until(lambda: sqs.get_queue_attributes(**depth)["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "1")

        assert reset()["status"] == "ok"
    sqs.send_message(QueueUrl=url, MessageBody="new")

    until(lambda: dynamodb.scan(TableName=table)["Count"])
    assert [item["id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]] == ["new"]
    lambdas.delete_event_source_mapping(UUID=mapping)
    sqs.delete_queue(QueueUrl=url)
    dynamodb.delete_table(TableName=table)


def test_small_stack_is_empty_within_half_a_second(other_aws, function, reset):
    dynamodb, sqs, s3 = other_aws("dynamodb"), other_aws("sqs"), other_aws("s3")
    tables = [a_table(dynamodb, 200) for _ in range(6)]
    urls = [sqs.create_queue(QueueName=a_name())["QueueUrl"] for _ in range(8)]
    for url in urls:
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": "m"} for n in range(10)])
    for _ in range(6):
        other_aws("lambda").invoke(FunctionName=function("def handler(event, context): print('x')"))
    bucket = a_name()
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")

    answer = reset()

    assert answer["took_ms"] < 500, answer
    assert [dynamodb.scan(TableName=table)["Count"] for table in tables] == [0] * 6
    for table in tables:
        dynamodb.delete_table(TableName=table)
    for url in urls:
        sqs.delete_queue(QueueUrl=url)


def test_resets_at_once_and_under_load_end_and_keep_what_comes_after(other_aws, other_engine, function, reset):
    dynamodb, lambdas = other_aws("dynamodb"), other_aws("lambda")
    table = a_table(dynamodb)
    name = function(RECORDING, Environment={"Variables": {"TABLE": table}})
    stop = threading.Event()

    def load(number):
        count = 0
        while not stop.is_set():
            payload = json.dumps({"name": f"{number}-{count}"})
            assert "FunctionError" not in lambdas.invoke(FunctionName=name, Payload=payload)
            count += 1
        return count

    with ThreadPoolExecutor(8) as executor:
        loads = [executor.submit(load, number) for number in range(3)]
        until(lambda: dynamodb.scan(TableName=table)["Count"] > 10)
        resets = [executor.submit(reset) for _ in range(3)]
        answers = [each.result() for each in resets]
        stop.set()
        counts = [each.result() for each in loads]
    assert [answer["status"] for answer in answers] == ["ok"] * 3
    assert sum(counts) > 10

    reset()
    dynamodb.put_item(TableName=table, Item={"id": {"S": "after"}})

    assert [item["id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]] == ["after"]
    dynamodb.delete_table(TableName=table)


def test_what_was_counted_and_cached_of_requests_is_forgotten():
    key, never = ("api", "stage", "token"), 0.0001
    CACHE.put(key, "allowed", 300)
    assert BUCKETS.take(key, never, 1)
    assert QUOTAS.count(key, {"limit": 1})

    stores.forget_requests()

    assert CACHE.get(key) is None
    assert BUCKETS.take(key, never, 1)
    assert QUOTAS.count(key, {"limit": 1})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_wrong_method(other_engine, method):
    answer = requests.request(method, f"{other_engine.endpoint}/_loadstack/reset", timeout=5)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/health/more"])
def test_unknown_route(other_engine, path):
    answer = requests.get(f"{other_engine.endpoint}/_loadstack{path}", timeout=5)

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


def test_known_routes_refuse_what_writes(other_engine):
    for name in ("health", "functions"):
        answer = requests.post(f"{other_engine.endpoint}/_loadstack/{name}", timeout=5)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
