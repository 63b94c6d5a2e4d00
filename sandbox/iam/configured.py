"""What Lambda itself does with the functions' roles, and checks when a function or a mapping is made.

None of it is a call that a recorder sees in time: a queue that never failed got no dead letter, and yet AWS refuses the
function whose role may not send it one. So these follow from the configuration that is deployed:

- logs: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html and, on the group that Lambda makes
  where there is none, …/monitoring-cloudwatchlogs-loggroups.html
- queues: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
- DynamoDB's streams: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html (on which
  ``ListStreams`` is granted for the table's streams, as SAM's DynamoDBStreamReadPolicy does)
- Kinesis: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
- dead letters and destinations: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
- tracing: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bootstrap.clients import Clients
from sandbox.iam.check import Call

_READING = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ),
    "kinesis": (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ),
}
_SENDING = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
}


def callers(clients: Clients) -> frozenset[str]:
    """The functions and REST APIs of the endpoint, ``function:name`` and ``api:id``. Raises botocore's errors."""
    functions = _pages(clients.lambda_, "list_functions", "Functions")
    apis = _pages(clients.apigateway, "get_rest_apis", "items")
    return frozenset(
        [f"function:{each['FunctionName']}" for each in functions] + [f"api:{each['id']}" for each in apis]
    )


def needs(clients: Clients) -> Iterator[Call]:
    """Of every function of the endpoint. Raises botocore's errors."""
    functions = _pages(clients.lambda_, "list_functions", "Functions")
    by_arn = {each["FunctionArn"]: each for each in functions}
    for function in functions:
        yield from _of_function(function)
        for destination in _destinations(clients.lambda_, function["FunctionName"]):
            yield from _sends(function, destination, "a destination of its asynchronous invocations")
    for mapping in _pages(clients.lambda_, "list_event_source_mappings", "EventSourceMappings"):
        arn = ":".join(mapping.get("FunctionArn", "").split(":")[:7])  # without a version or an alias
        if (reader := by_arn.get(arn)) and mapping["State"] != "Deleting":
            yield from _of_mapping(reader, mapping)


def welcome(clients: Clients) -> Iterator[Call]:
    """What Lambda does where a role lets it, and does without else: a log group, where no stack declares it. That the
    group is there tells nothing: the engine made it. Raises botocore's errors.
    """
    declared = _declared_log_groups(clients.cloudformation)
    for function in _pages(clients.lambda_, "list_functions", "Functions"):
        if _log_group(function) not in declared:
            yield _need(function, "logs:CreateLogGroup", _log_stream(function, ""), "its log")


def _declared_log_groups(client: Any) -> frozenset[str]:
    return frozenset(
        resource.get("PhysicalResourceId", "")
        for stack in _pages(client, "describe_stacks", "Stacks")
        for resource in client.describe_stack_resources(StackName=stack["StackId"])["StackResources"]
        if resource["ResourceType"] == "AWS::Logs::LogGroup" and not resource["ResourceStatus"].startswith("DELETE_")
    )


def _of_function(function: Mapping[str, Any]) -> Iterator[Call]:
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        yield _need(function, action, _log_stream(function, "$LATEST"), "its log")
    if target := function.get("DeadLetterConfig", {}).get("TargetArn"):
        yield from _sends(function, target, "its dead letters")
    if function.get("TracingConfig", {}).get("Mode") == "Active":
        for action in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"):
            yield _need(function, action, "*", "its traces")


def _log_group(function: Mapping[str, Any]) -> str:
    return str(function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function['FunctionName']}")


def _log_stream(function: Mapping[str, Any], name: str) -> str:
    """Its ARN; that of its group alone ends in an empty ``name``, as AWS holds it against policies."""
    region, account = function["FunctionArn"].split(":")[3:5]
    return f"arn:aws:logs:{region}:{account}:log-group:{_log_group(function)}:log-stream:{name}"


def _of_mapping(function: Mapping[str, Any], mapping: Mapping[str, Any]) -> Iterator[Call]:
    source = mapping.get("EventSourceArn", "")
    for action in _READING.get(source.split(":")[2] if source else "", ()):
        yield _need(function, action, source, "what feeds it")
    if target := mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
        yield from _sends(function, target, "what tells of records that failed")


def _destinations(client: Any, function: str) -> list[str]:
    configurations = _pages(client, "list_function_event_invoke_configs", "FunctionEventInvokeConfigs", function)
    return [
        outcome["Destination"]
        for each in configurations
        for outcome in each.get("DestinationConfig", {}).values()
        if outcome.get("Destination")
    ]


def _sends(function: Mapping[str, Any], target: str, why: str) -> Iterator[Call]:
    if target.startswith("arn:aws:s3:::"):
        yield _need(function, "s3:PutObject", f"{target}/aws/lambda/*", why)  # the keys that Lambda makes up
        yield _need(function, "s3:ListBucket", target, why)
    if action := _SENDING.get(target.split(":")[2]):
        yield _need(function, action, target, why)


def _need(function: Mapping[str, Any], action: str, resource: str, why: str) -> Call:
    return Call(role_name(function["Role"]), f"function {function['FunctionName']}", action, resource, 0, why)


def role_name(arn: str) -> str:
    """Of a role's ARN, whatever its path."""
    return arn.rpartition("/")[2]


def _pages(client: Any, operation: str, key: str, function: str = "") -> list[Mapping[str, Any]]:
    arguments = {"FunctionName": function} if function else {}
    return [each for page in client.get_paginator(operation).paginate(**arguments) for each in page.get(key) or ()]
