"""S3 buckets and what they tell queues."""

import json
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.buckets import Bucket, BucketNotification
from bootstrap.context import Context, Outcome
from bootstrap.policies import VERSION
from bootstrap.references import Ref


def ensure(context: Context, bucket: Bucket) -> Outcome:
    s3 = context.clients.s3
    is_there = bucket.name in context.observed.buckets()
    if not is_there:
        s3.create_bucket(Bucket=bucket.name, **_location(context))
    changed = [
        _ensure_access(context, bucket),
        _ensure_policy(context, bucket),
        _ensure_lifecycle(context, bucket),
    ]
    if not is_there:
        return Outcome.CREATED
    return Outcome.UPDATED if any(changed) else Outcome.UNCHANGED


def ensure_notification(context: Context, notification: BucketNotification) -> Outcome:
    s3, name = context.clients.s3, notification.bucket.name
    wanted = {
        "Id": notification.queue.name,
        "QueueArn": context.arn(notification.queue),
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": notification.prefix}]}},
    }
    found: Any = s3.get_bucket_notification_configuration(Bucket=name).get("QueueConfigurations", [])
    if [_comparable(each) for each in found] == [_comparable(wanted)]:
        return Outcome.UNCHANGED
    wanted_all: Any = {"QueueConfigurations": [wanted]}
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=wanted_all)
    return Outcome.UPDATED if found else Outcome.CREATED


def _comparable(configuration: Any) -> str:
    """S3 writes `Prefix` for `prefix`."""
    return json.dumps(configuration, sort_keys=True).replace('"Prefix"', '"prefix"')


def _location(context: Context) -> Any:
    """us-east-1 is what no location means, and may not be named."""
    region = context.place.region
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _ensure_access(context: Context, bucket: Bucket) -> bool:
    """Access lists are never looked at; a policy may open the bucket only where the declaration says so."""
    s3 = context.clients.s3
    closed = not bucket.public
    wanted: Any = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": closed,
        "RestrictPublicBuckets": closed,
    }
    answer = _found(lambda: s3.get_public_access_block(Bucket=bucket.name), "NoSuchPublicAccessBlockConfiguration")
    if answer and answer["PublicAccessBlockConfiguration"] == wanted:
        return False
    s3.put_public_access_block(Bucket=bucket.name, PublicAccessBlockConfiguration=wanted)
    return True


def _ensure_policy(context: Context, bucket: Bucket) -> bool:
    s3 = context.clients.s3
    answer = _found(lambda: s3.get_bucket_policy(Bucket=bucket.name), "NoSuchBucketPolicy")
    found = json.loads(answer["Policy"]) if answer else None
    wanted = _policy(context, bucket.ref, bucket.public)
    if found == wanted:
        return False
    if wanted is None:
        s3.delete_bucket_policy(Bucket=bucket.name)
    else:
        s3.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(wanted))
    return True


def _policy(context: Context, bucket: Ref, public: tuple[str, ...]) -> dict[str, Any] | None:
    if not public:
        return None
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": [f"{context.arn(bucket)}/{prefix}*" for prefix in public],
    }
    return {"Version": VERSION, "Statement": [statement]}


def _ensure_lifecycle(context: Context, bucket: Bucket) -> bool:
    s3 = context.clients.s3
    code = "NoSuchLifecycleConfiguration"
    answer = _found(lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket.name), code)
    found = {_rule(each) for each in answer["Rules"]} if answer else set()
    wanted: Any = [
        {"ID": prefix, "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}
        for prefix, days in bucket.expires.items()
    ]
    if found == {_rule(each) for each in wanted}:
        return False
    if wanted:
        s3.put_bucket_lifecycle_configuration(Bucket=bucket.name, LifecycleConfiguration={"Rules": wanted})
    else:
        s3.delete_bucket_lifecycle(Bucket=bucket.name)
    return True


def _rule(rule: Any) -> tuple[Any, ...]:
    return rule.get("Status"), rule.get("Filter", {}).get("Prefix"), rule.get("Expiration", {}).get("Days")


def _found(ask: Any, absent: str) -> Any:
    """What `ask` answers; None where S3 says that there is no such configuration."""
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] == absent:
            return None
        raise
