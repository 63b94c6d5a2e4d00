"""What IAM asks of a call of the SDK: which actions, on which resources.

Both sides use this module: function processes for their own calls, LocalStack for what its services call with a role.
Actions are mostly named as the operations are; where not, this table says so, from

- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
- https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
- https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
- https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
- https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html

A resource is an ARN in which the account is left out where the call does not say it, ``ANY`` of operations that have no
resource, and ``UNKNOWN`` where it cannot be told.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

type Asked = tuple[str, str]
type Fields = Mapping[str, Any]
type Find = Callable[[str, Fields, str, Fields], Iterable[Asked]]

ANY = "*"
UNKNOWN = ""

_PREFIXES = {
    "stepfunctions": "states",
    "dynamodbstreams": "dynamodb",
    "sesv2": "ses",
    "bedrock-runtime": "bedrock",
    "iot-data": "iot",
    "resourcegroupstaggingapi": "tag",
}
_TRANSACTED = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_PARTIQL = {
    "SELECT": "PartiQLSelect",
    "EXISTS": "PartiQLSelect",  # of a transaction: EXISTS(SELECT …)
    "INSERT": "PartiQLInsert",
    "UPDATE": "PartiQLUpdate",
    "DELETE": "PartiQLDelete",
}
_PARTIQL_VERB = re.compile(r"\s*(\w+)")
# A table, and after a dot one of its indexes; only what is in quotes may have a dot itself.
_PARTIQL_TABLE = re.compile(
    r'(?:FROM|INTO|UPDATE)\s+(?:"([^"]+)"|([\w-]+))(?:\.(?:"([^"]+)"|([\w-]+)))?', re.IGNORECASE
)
_FUNCTION = re.compile(
    r"(?:arn:[\w-]+:lambda:(?P<region>[\w-]+):)?(?:(?P<account>\d{12}):function:)?(?P<name>[\w-]+)(?::(?P<qualifier>[\w$-]+))?"
)
_NAMED_OTHERWISE = {
    "sqs": {
        "SendMessageBatch": "SendMessage",
        "DeleteMessageBatch": "DeleteMessage",
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    },
    "sns": {"PublishBatch": "Publish"},
    "lambda": {
        "Invoke": "InvokeFunction",
        "InvokeWithResponseStream": "InvokeFunction",
        "GetLayerVersionByArn": "GetLayerVersion",
    },
    "s3": {
        "HeadObject": "GetObject",
        "HeadBucket": "ListBucket",
        "ListObjects": "ListBucket",
        "ListObjectsV2": "ListBucket",
        "ListObjectVersions": "ListBucketVersions",
        "ListBuckets": "ListAllMyBuckets",
        "ListMultipartUploads": "ListBucketMultipartUploads",
        "ListParts": "ListMultipartUploadParts",
        "CreateMultipartUpload": "PutObject",
        "UploadPart": "PutObject",
        "UploadPartCopy": "PutObject",
        "CompleteMultipartUpload": "PutObject",
        "CopyObject": "PutObject",
        "DeleteObjects": "DeleteObject",
        "SelectObjectContent": "GetObject",
        "GetBucketNotificationConfiguration": "GetBucketNotification",
        "PutBucketNotificationConfiguration": "PutBucketNotification",
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "DeleteBucketLifecycle": "PutLifecycleConfiguration",
        "DeleteBucketCors": "PutBucketCORS",
        "DeleteBucketTagging": "PutBucketTagging",
        "GetBucketEncryption": "GetEncryptionConfiguration",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    },
}
_VERSIONED = {"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion"}
# They ask for nothing: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
_FREE = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})
# Operations on nothing that has an ARN.
_ON_ANY = frozenset(
    {
        "dynamodb:ListTables",
        "dynamodb:ListStreams",
        "dynamodb:DescribeLimits",
        "sqs:ListQueues",
        "sns:ListTopics",
        "s3:ListAllMyBuckets",
        "events:ListEventBuses",
        "secretsmanager:ListSecrets",
        "secretsmanager:GetRandomPassword",
        "secretsmanager:BatchGetSecretValue",
        "lambda:ListFunctions",
        "states:SendTaskSuccess",
        "states:SendTaskFailure",
        "states:SendTaskHeartbeat",
        "kinesis:ListStreams",
        "kinesis:DescribeLimits",
        "cloudwatch:PutMetricData",
        "cloudwatch:GetMetricData",
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:ListMetrics",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }
)


def asked(service: str, operation: str, parameters: Fields, region: str, answer: Fields) -> list[Asked]:
    """The actions with their resources, each once; ``service`` is botocore's name, ``answer`` {} where it failed.

    Of a service or an operation that is not known here, the action is what its name would be. Raises nothing.
    """
    action = f"{_PREFIXES.get(service, service)}:{_NAMED_OTHERWISE.get(service, {}).get(operation, operation)}"
    if action in _FREE:
        return []
    if action == "secretsmanager:BatchGetSecretValue":
        read = (("secretsmanager:GetSecretValue", each["ARN"]) for each in answer.get("SecretValues", ()))
        return [(action, ANY), *read]
    if action in _ON_ANY:
        return [(action, ANY)]
    find = _SERVICES.get(service)
    try:
        found = list(dict.fromkeys(find(action, parameters, region, answer))) if find else []
    except (LookupError, TypeError, ValueError, AttributeError):
        found = []
    return found or [(action, UNKNOWN)]


def _arn(service: str, region: str, resource: str, account: str = "") -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def _named(service: str, kind: str, *names: str) -> Find:
    """Of resources ``kind/name``, named or by ARN in the first of these parameters that is there."""

    def find(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
        if given := next(filter(None, map(parameters.get, names)), ""):
            yield action, given if given.startswith("arn:") else _arn(service, region, kind + given)

    return find


def _dynamodb(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    if items := parameters.get("TransactItems"):
        for item in items:
            ((kind, fields),) = item.items()
            yield f"dynamodb:{_TRANSACTED[kind]}", _table(fields["TableName"], region)
    elif requested := parameters.get("RequestItems"):
        for name in requested:
            yield action, _table(name, region)
    elif statements := [
        each["Statement"]
        for each in (parameters, *parameters.get("Statements", ()), *parameters.get("TransactStatements", ()))
        if "Statement" in each
    ]:
        for statement in statements:
            verb = _PARTIQL_VERB.match(statement)
            yield f"dynamodb:{_PARTIQL[verb[1].upper() if verb else '']}", _partiql_table(statement, region)
    elif name := parameters.get("TableName"):
        index = parameters.get("IndexName")
        yield action, _table(name, region) + (f"/index/{index}" if index else "")
    elif arn := parameters.get("StreamArn") or parameters.get("ResourceArn"):
        yield action, arn


def _table(name: str, region: str) -> str:
    return name if name.startswith("arn:") else _arn("dynamodb", region, f"table/{name}")


def _partiql_table(statement: str, region: str) -> str:
    found = _PARTIQL_TABLE.search(statement)
    if not found:
        return UNKNOWN
    index = found[3] or found[4]
    return _table(found[1] or found[2], region) + (f"/index/{index}" if index else "")


def _sqs(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    if url := parameters.get("QueueUrl"):
        *_, account, name = url.rstrip("/").split("/")
        yield action, _arn("sqs", region, name, account if account.isdigit() else "")
    elif name := parameters.get("QueueName"):
        yield action, _arn("sqs", region, name, parameters.get("QueueOwnerAWSAccountId", ""))


def _sns(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    if parameters.get("PhoneNumber"):
        yield action, ANY
    elif arn := parameters.get("TopicArn") or parameters.get("TargetArn"):
        yield action, arn
    elif name := parameters.get("Name"):
        yield action, _arn("sns", region, name)


def _events(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    for entry in parameters.get("Entries", ()):
        bus = entry.get("EventBusName") or "default"
        yield action, bus if bus.startswith("arn:") else _arn("events", region, f"event-bus/{bus}")


def _s3(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    bucket, key = parameters["Bucket"], parameters.get("Key")
    arn = bucket if bucket.startswith("arn:") else f"arn:aws:s3:::{bucket}"
    plain = action.partition(":")[2]
    for each in parameters.get("Delete", {}).get("Objects", ()):
        yield _versioned(plain, each), f"{arn}/{each['Key']}"
    if "Delete" in parameters:
        return
    yield _versioned(plain, parameters), f"{arn}/{key}" if key else arn
    if source := parameters.get("CopySource"):
        yield _copied(source)
    if plain == "PutObject" and parameters.get("ACL"):
        yield "s3:PutObjectAcl", f"{arn}/{key}"
    if plain == "PutObject" and parameters.get("Tagging"):
        yield "s3:PutObjectTagging", f"{arn}/{key}"


def _copied(source: str | Fields) -> Asked:
    if isinstance(source, str):
        path, _, version = source.lstrip("/").partition("?versionId=")
        bucket, _, key = unquote(path).partition("/")
        source = {"Bucket": bucket, "Key": key, "VersionId": version}
    return _versioned("GetObject", source), f"arn:aws:s3:::{source['Bucket']}/{source['Key']}"


def _versioned(action: str, fields: Fields) -> str:
    return f"s3:{_VERSIONED.get(action, action) if fields.get('VersionId') else action}"


def _ses(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    """The identity is the address itself; on AWS that of its domain where the address has none of its own."""
    if arn := parameters.get("SourceArn") or parameters.get("FromEmailAddressIdentityArn"):
        yield action, arn
    elif source := parameters.get("Source") or parameters.get("FromEmailAddress"):
        address = source.rpartition("<")[2].rstrip("> ")
        yield action, _arn("ses", region, f"identity/{address}")
    if name := parameters.get("ConfigurationSetName"):
        yield action, _arn("ses", region, f"configuration-set/{name}")


def _secretsmanager(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    """A secret's ARN ends in six characters of AWS's own, which the answer tells."""
    given = parameters.get("SecretId") or parameters["Name"]
    if arn := answer.get("ARN") or (given if given.startswith("arn:") else None):
        yield action, arn
    else:
        yield action, _arn("secretsmanager", region, f"secret:{given}-??????")


def _ssm(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    for name in (*parameters.get("Names", ()), *filter(None, (parameters.get("Name"), parameters.get("Path")))):
        plain = name if name.startswith("arn:") else name.partition(":")[0]
        yield action, plain if plain.startswith("arn:") else _arn("ssm", region, f"parameter/{plain.lstrip('/')}")


def _lambda(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    """``FunctionName`` is a name, an ARN or the end of one, each with a qualifier or without."""
    if parts := _FUNCTION.fullmatch(parameters["FunctionName"]):
        qualifier = parameters.get("Qualifier") or parts["qualifier"]
        resource = f"function:{parts['name']}:{qualifier}" if qualifier else f"function:{parts['name']}"
        yield action, _arn("lambda", parts["region"] or region, resource, parts["account"] or "")


def _states(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    if arn := parameters.get("stateMachineArn") or parameters.get("executionArn"):
        yield action, arn


def _logs(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    if group := parameters.get("logGroupName"):
        yield action, _arn("logs", region, f"log-group:{group}:log-stream:{parameters.get('logStreamName', '')}")


def _kms(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    """Policies name keys, also where the call named an alias."""
    key = str(answer.get("KeyId") or parameters["KeyId"])
    yield action, key if key.startswith("arn:") else _arn("kms", region, f"key/{key}")


def _scheduler(action: str, parameters: Fields, region: str, answer: Fields) -> Iterator[Asked]:
    if name := parameters.get("Name"):
        yield action, _arn("scheduler", region, f"schedule/{parameters.get('GroupName', 'default')}/{name}")


_SERVICES: dict[str, Find] = {
    "dynamodb": _dynamodb,
    "dynamodbstreams": _dynamodb,
    "sqs": _sqs,
    "sns": _sns,
    "events": _events,
    "s3": _s3,
    "ses": _ses,
    "sesv2": _ses,
    "secretsmanager": _secretsmanager,
    "ssm": _ssm,
    "lambda": _lambda,
    "stepfunctions": _states,
    "kinesis": _named("kinesis", "stream/", "StreamARN", "StreamName"),
    "firehose": _named("firehose", "deliverystream/", "DeliveryStreamName"),
    "logs": _logs,
    "kms": _kms,
    "scheduler": _scheduler,
    "sts": _named("iam", "role/", "RoleArn"),
}
