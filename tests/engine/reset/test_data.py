"""After ``POST /_loadstack/reset`` there is no data of any service, and the stack is as it was."""

import time
from datetime import UTC, datetime, timedelta

import requests

from loadstack_engine.api_gateway.authorizer_cache import CACHE
from loadstack_engine.api_gateway.quotas import QUOTAS
from loadstack_engine.api_gateway.token_buckets import BUCKETS
from loadstack_engine.reset import stores
from tests.engine.resources import a_name, a_table
from tests.waiting import until


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


def test_what_was_counted_and_cached_of_requests_is_forgotten():
    key, never = ("api", "stage", "token"), 0.0001
    CACHE.put(key, "allowed", 300)
    assert BUCKETS.take(key, never, 1)
    assert QUOTAS.count(key, {"limit": 1})

    stores.forget_requests()

    assert CACHE.get(key) is None
    assert BUCKETS.take(key, never, 1)
    assert QUOTAS.count(key, {"limit": 1})


def test_many_tables_queues_and_functions_are_emptied_at_once(other_aws, function, reset):
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

    reset()

    assert [dynamodb.scan(TableName=table)["Count"] for table in tables] == [0] * 6
    for table in tables:
        dynamodb.delete_table(TableName=table)
    assert [sqs.receive_message(QueueUrl=url).get("Messages") for url in urls] == [None] * 8
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    s3.delete_bucket(Bucket=bucket)
    for url in urls:
        sqs.delete_queue(QueueUrl=url)
