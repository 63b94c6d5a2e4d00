"""DynamoDB, S3 and Secrets Manager: how tables, buckets and secrets are set up, not what is in them."""

import json
import re
from typing import Any

from tests.describing.reading import Aws, Described, asked, pages, policy, tags, without

_COUNTED = ("CreationDateTime", "ItemCount", "TableSizeBytes", "TableId", "LatestStreamArn", "LatestStreamLabel")


def describe_data(aws: Aws) -> Described:
    dynamodb, s3, secrets = aws("dynamodb"), aws("s3"), aws("secretsmanager")
    return {
        "tables": {name: _table(dynamodb, name) for name in pages(dynamodb, "list_tables", "TableNames")},
        "buckets": {each["Name"]: _bucket(s3, each["Name"]) for each in pages(s3, "list_buckets", "Buckets")},
        "secrets": {each["Name"]: _secret(secrets, each) for each in pages(secrets, "list_secrets", "SecretList")},
    }


def _table(client: Any, name: str) -> dict[str, Any]:
    found = client.describe_table(TableName=name)["Table"]
    made = without(found, *_COUNTED)
    made["AttributeDefinitions"] = {
        each["AttributeName"]: each["AttributeType"] for each in found["AttributeDefinitions"]
    }
    made["ProvisionedThroughput"] = _capacity(found["ProvisionedThroughput"])
    made["BillingModeSummary"] = without(found.get("BillingModeSummary", {}), "LastUpdateToPayPerRequestDateTime")
    made["GlobalSecondaryIndexes"] = {
        each["IndexName"]: {
            **without(each, "IndexName", "ItemCount", "IndexSizeBytes"),
            "ProvisionedThroughput": _capacity(each["ProvisionedThroughput"]),
        }
        for each in found.get("GlobalSecondaryIndexes", [])
    }
    return {
        **made,
        "time to live": without(client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]),
        "tags": tags(client.list_tags_of_resource(ResourceArn=found["TableArn"]).get("Tags", [])),
    }


def _capacity(found: dict[str, Any]) -> dict[str, Any]:
    return without(found, "LastIncreaseDateTime", "LastDecreaseDateTime")


def _bucket(client: Any, name: str) -> dict[str, Any]:
    """Every configuration of the bucket that AWS gives an answer to."""

    def of(operation: str, *absent: str) -> Any:
        found = asked(lambda: getattr(client, operation)(Bucket=name), absent=absent)
        return found if isinstance(found, str) else without(found)

    found_policy = of("get_bucket_policy", "NoSuchBucketPolicy")
    return {
        "access lists": {**of("get_bucket_acl"), "Owner": "the account"},
        "cors": of("get_bucket_cors", "NoSuchCORSConfiguration"),
        "encryption": of("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"),
        "lifecycle": _lifecycle(of("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration")),
        "location": of("get_bucket_location"),
        "logging": of("get_bucket_logging"),
        "notifications": _notifications(of("get_bucket_notification_configuration")),
        "object lock": of("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
        "ownership": of("get_bucket_ownership_controls", "OwnershipControlsNotFoundError"),
        "policy": policy(found_policy["Policy"]) if isinstance(found_policy, dict) else found_policy,
        "public access": of("get_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
        "tags": of("get_bucket_tagging", "NoSuchTagSet"),
        "versioning": of("get_bucket_versioning"),
        "website": of("get_bucket_website", "NoSuchWebsiteConfiguration"),
    }


def _lifecycle(found: Any) -> Any:
    """Rules in the order of their text: S3 applies them all."""
    return (
        sorted(found["Rules"], key=lambda each: json.dumps(each, sort_keys=True)) if isinstance(found, dict) else found
    )


def _notifications(found: dict[str, Any]) -> dict[str, Any]:
    """Ids tell only one from another, and S3 makes up those that nobody gave; names of filters have no case."""
    made: dict[str, Any] = {}
    for kind, configurations in found.items():
        if isinstance(configurations, list):
            made[kind] = [_with_lower_names(without(each, "Id")) for each in configurations]
        else:
            made[kind] = configurations
    return made


def _with_lower_names(configuration: dict[str, Any]) -> dict[str, Any]:
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    named = sorted((each["Name"].lower(), each["Value"]) for each in rules)
    return {**configuration, "Filter": [f"{name} {value}" for name, value in named]}


def _secret(client: Any, listed: dict[str, Any]) -> dict[str, Any]:
    """What it is like, and of what kind its value is: the value itself is made at random."""
    found = client.describe_secret(SecretId=listed["ARN"])
    accidental = ("ARN", "CreatedDate", "LastChangedDate", "LastAccessedDate", "VersionIdsToStages", "Tags")
    return {
        **without(found, *accidental),
        "ARN": re.sub(r"-\w{6}$", "-??????", found["ARN"]),
        "tags": tags(found.get("Tags", [])),
        "value": kind_of_value(client.get_secret_value(SecretId=listed["ARN"])["SecretString"]),
    }


def kind_of_value(value: str) -> str:
    """`64 of 0-9a-f`: how long it is, and of which characters."""
    classes = {"0-9a-f": r"[0-9a-f]*", "0-9a-z": r"[0-9a-z]*", "0-9A-Za-z": r"[0-9A-Za-z]*"}
    known = next((name for name, expression in classes.items() if re.fullmatch(expression, value)), "any characters")
    return f"{len(value)} of {known}"
