"""What keeps data: tables, secrets, log groups, buckets, the addresses that mail comes from."""

import string
from typing import Any

from bootstrap.buckets import Bucket, BucketNotification
from bootstrap.policies import VERSION
from bootstrap.resources import EmailIdentity, GlobalSecondaryIndex, LogGroup, Secret, Table
from bootstrap.template.names import Expression, bucket_name, expression, logical_id

_CHARACTERS = string.ascii_letters + string.digits + string.punctuation


def table(declared: Table) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "TableName": declared.name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in declared.attributes.items()
        ],
        "KeySchema": _key(declared.hash_key, declared.range_key),
    }
    if declared.indexes:
        properties["GlobalSecondaryIndexes"] = [_index(each) for each in declared.indexes]
    if declared.time_to_live:
        properties["TimeToLiveSpecification"] = {"AttributeName": declared.time_to_live, "Enabled": True}
    if declared.stream:
        properties["StreamSpecification"] = {"StreamViewType": declared.stream}
    return {"Type": "AWS::DynamoDB::Table", "Properties": properties}


def _index(index: GlobalSecondaryIndex) -> dict[str, Any]:
    return {
        "IndexName": index.name,
        "KeySchema": _key(index.hash_key, index.range_key),
        "Projection": {"ProjectionType": index.projection},
    }


def _key(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return keys + ([{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else [])


def secret(declared: Secret) -> dict[str, Any]:
    """A value of the declared alphabet: Secrets Manager is told all others."""
    return {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Name": declared.name,
            "GenerateSecretString": {
                "PasswordLength": declared.length,
                "ExcludeCharacters": "".join(each for each in _CHARACTERS if each not in declared.alphabet),
                "RequireEachIncludedType": False,
            },
        },
    }


def email_identity(declared: EmailIdentity) -> dict[str, Any]:
    return {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": declared.name}}


def log_group(declared: LogGroup) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": declared.name, "RetentionInDays": declared.retention_in_days},
    }


def bucket(declared: Bucket, notifications: tuple[BucketNotification, ...]) -> dict[str, dict[str, Any]]:
    """The bucket with what it tells queues, and the policy that opens a part of it, by logical id."""
    properties: dict[str, Any] = {
        "BucketName": bucket_name(declared.name),
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": not declared.public,
            "RestrictPublicBuckets": not declared.public,
        },
    }
    if declared.expires:
        properties["LifecycleConfiguration"] = {
            "Rules": [
                {"Id": prefix, "Status": "Enabled", "Prefix": prefix, "ExpirationInDays": days}
                for prefix, days in declared.expires.items()
            ]
        }
    resource: dict[str, Any] = {"Type": "AWS::S3::Bucket", "Properties": properties}
    if notifications:
        told = [_notification(each) for each in notifications]
        properties["NotificationConfiguration"] = {"QueueConfigurations": told}
        # S3 asks at once whether it may send.
        policies = [logical_id(each.policy) for each in notifications]
        resource = {"Type": resource["Type"], "DependsOn": policies, "Properties": properties}
    resources = {logical_id(declared.ref): resource}
    if declared.public:
        resources[f"{logical_id(declared.ref)}Policy"] = _policy(declared)
    return resources


def _notification(declared: BucketNotification) -> dict[str, Any]:
    return {
        "Event": "s3:ObjectCreated:*",
        "Queue": expression(declared.queue.arn()),
        "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": declared.prefix}]}},
    }


def _policy(declared: Bucket) -> dict[str, Any]:
    opened: list[Expression] = [expression(declared.ref.arn(f"/{prefix}*")) for prefix in declared.public]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": opened}
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": expression(declared.ref),
            "PolicyDocument": {"Version": VERSION, "Statement": [statement]},
        },
    }
