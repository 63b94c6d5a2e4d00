"""Run by the tests in the interpreter of function processes: calls of many kinds, at a fixed time, told on stdout.

Arguments: the endpoint. The AWS SDK is as the engine makes it, or untouched with LOADSTACK_SDK=0.
"""

import datetime
import io
import json
import sys
import tempfile
import uuid

import _loadstack_calls
import _loadstack_sdk

_loadstack_sdk.prepare()

import boto3  # noqa: E402
import botocore.auth  # noqa: E402
import botocore.endpoint  # noqa: E402
from botocore.config import Config  # noqa: E402

NOW = datetime.datetime(2026, 11, 21, 10, 15, 30, tzinfo=datetime.UTC)
botocore.auth.get_current_datetime = lambda *_, **__: NOW
uuid.uuid4 = lambda: uuid.UUID(int=1)

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 2}, s3={"addressing_style": "path"})


# How the other side answers a call for each of these tables.
ODD = """
    chunked says-goodbye without-length old folded short short-chunk garbled half-head
    nothing slow-head slow-body goes-on
"""


def tell(name, call):
    try:
        answer = call()
        for stream in answer.keys() & {"Body", "Payload"}:
            answer[stream] = answer[stream].read()
        told = repr(answer)
    except Exception as error:
        told = f"{type(error).__mro__[0].__qualname__}: {error!r} {getattr(error, 'response', None)}"
    sys.stdout.write(json.dumps([name, told]) + "\n")


def main(endpoint):
    session = boto3.Session("key", "secret", "token", region_name="us-east-1")
    client = {
        name: session.client(name, endpoint_url=endpoint, config=CONFIG)
        for name in ("dynamodb", "events", "sqs", "sns", "s3", "ses", "lambda", "secretsmanager")
    }
    table = session.resource("dynamodb", endpoint_url=endpoint, config=CONFIG).Table("orders")
    item = {"id": {"S": "Grüße"}, "tags": {"L": [{"N": "1"}, {"M": {"deep": {"BOOL": True}}}]}}
    dynamodb, s3 = client["dynamodb"], client["s3"]
    tell("put", lambda: dynamodb.put_item(TableName="orders", Item=item))
    tell("again", lambda: dynamodb.put_item(TableName="orders", Item=item))
    tell("fails", lambda: dynamodb.put_item(TableName="missing", Item=item))
    tell("fails once", lambda: dynamodb.get_item(TableName="fails-once", Key=item))
    tell("fails always", lambda: dynamodb.get_item(TableName="fails-always", Key=item))
    tell("closed at once", lambda: dynamodb.get_item(TableName="closes", Key=item))
    odd, impatient = (
        session.client(
            "dynamodb",
            endpoint_url=endpoint,
            config=CONFIG.merge(Config(read_timeout=timeout_s, retries={"total_max_attempts": 1})),
        )
        for timeout_s in (30, 5)
    )
    for name in ODD.split():
        caller = impatient if name.startswith("slow-") else odd
        caller.put_item(TableName="orders", Item=item)  # the next call finds an open connection
        tell(name, lambda table=name, caller=caller: caller.get_item(TableName=table, Key=item))
    tell("invalid", lambda: dynamodb.put_item(TableName="orders", Item=7, Unknown=1))
    tell("resource", lambda: table.put_item(Item={"id": "1", "total": 12}))
    tell("large", lambda: dynamodb.put_item(TableName="orders", Item={"id": {"S": "x" * 300_000}}))
    tell("events", lambda: client["events"].put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}"}]))
    tell("sqs", lambda: client["sqs"].send_message(QueueUrl=f"{endpoint}/000000000000/q", MessageBody="m & ü"))
    tell("sns", lambda: client["sns"].publish(TopicArn="arn:aws:sns:us-east-1:000000000000:t", Message="a b=c&d"))
    tell(
        "ses",
        lambda: client["ses"].send_email(
            Source="a@b.c", Destination={}, Message={"Subject": {"Data": "s"}, "Body": {}}
        ),
    )
    tell("secret", lambda: client["secretsmanager"].get_secret_value(SecretId="s"))
    tell("invoke", lambda: client["lambda"].invoke(FunctionName="f", Payload=b'{"a": 1}', ClientContext="e30="))
    tell("object", lambda: s3.put_object(Bucket="b", Key="ü/k y", Body=b"bytes", Metadata={"one": "1  2"}))
    tell("empty", lambda: s3.put_object(Bucket="b", Key="k", Body=b""))
    tell("stream", lambda: s3.put_object(Bucket="b", Key="k", Body=io.BytesIO(b"stream" * 100_000)))
    tell("read", lambda: s3.get_object(Bucket="b", Key="k", Range="bytes=0-3"))
    tell("list", lambda: s3.list_objects_v2(Bucket="b", Prefix="a/b c", MaxKeys=2))
    with tempfile.TemporaryFile() as file:
        file.write(b"file")
        file.seek(0)
        tell("file", lambda: s3.put_object(Bucket="b", Key="k", Body=file))
    signed = session.client("s3", endpoint_url=endpoint, config=CONFIG.merge(Config(signature_version="s3v4")))
    tell("presigned", lambda: {"url": signed.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})})
    tell("nobody there", lambda: session.client("sqs", endpoint_url="http://127.0.0.1:1", config=CONFIG).list_queues())
    tell("calls", _loadstack_calls.take)


main(sys.argv[1])
