"""What the services tell of the resources of `cloudformation_types`."""

import json
from typing import Any

from tests.conftest import Aws


def seen(aws: Aws) -> dict[str, Any]:
    """What each service tells of what the stack made."""
    archive = aws("events").describe_archive(ArchiveName="cfn-archive")
    rule = aws("events").describe_rule(Name="cfn-rule", EventBusName="cfn-bus")
    targets = aws("events").list_targets_by_rule(Rule="cfn-rule", EventBusName="cfn-bus")["Targets"]
    board = aws("cloudwatch").get_dashboard(DashboardName="cfn-board")["DashboardBody"]
    [alarm] = aws("cloudwatch").describe_alarms(AlarmNames=["cfn-alarm"])["MetricAlarms"]
    [group] = aws("logs").describe_log_groups(logGroupNamePrefix="/cfn")["logGroups"]
    [log_filter] = aws("logs").describe_metric_filters(logGroupName="/cfn")["metricFilters"]
    found = aws("dynamodb").describe_table(TableName="cfn-table")["Table"]
    ttl = aws("dynamodb").describe_time_to_live(TableName="cfn-table")["TimeToLiveDescription"]["TimeToLiveStatus"]
    apis = {each["name"]: each["id"] for each in aws("apigateway").get_rest_apis()["items"]}
    api = {"restApiId": apis["cfn-api"]}
    [authorizer] = aws("apigateway").get_authorizers(**api)["items"]
    [root] = aws("apigateway").get_resources(**api)["items"]
    method = aws("apigateway").get_method(**api, resourceId=root["id"], httpMethod="GET")
    stage = aws("apigateway").get_stage(**api, stageName="live")
    settings = stage["methodSettings"]["*/*"]
    return {
        "archive": (archive["RetentionDays"], json.loads(archive["EventPattern"])),
        "rule": (json.loads(rule["EventPattern"]), [each["Id"] for each in targets]),
        "dashboard": json.loads(board),
        "alarm": alarm["Threshold"],
        "retention": group["retentionInDays"],
        "filter": log_filter["filterPattern"],
        "table": (
            sorted(each["AttributeName"] for each in found["AttributeDefinitions"]),
            found.get("StreamSpecification", {}).get("StreamViewType"),
            ttl,
            [each["IndexName"] for each in found.get("GlobalSecondaryIndexes", ())],
        ),
        "bucket": (_lifecycle(aws), _has_cors(aws)),
        "secret": (
            aws("secretsmanager").get_secret_value(SecretId="cfn-secret")["SecretString"],
            [each["Key"] for each in aws("secretsmanager").describe_secret(SecretId="cfn-secret").get("Tags", ())],
        ),
        "subscription": _subscription(aws),
        "function": _function(aws),
        "mapping": _mapping(aws),
        "machine": _machine(aws),
        "role": aws("iam").list_role_policies(RoleName="cfn-role")["PolicyNames"],
        "mail": aws("ses").get_template(TemplateName="cfn-mail")["Template"]["SubjectPart"],
        "sender": "cfn@example.com" in aws("ses").list_identities()["Identities"],
        "authorizer": authorizer["authorizerResultTtlInSeconds"],
        "method": (
            method["authorizationType"],
            list(method["methodResponses"]),
            list(method["methodIntegration"].get("integrationResponses", ())),
        ),
        "stage": (
            stage["variables"],
            stage.get("description") or None,
            settings["throttlingRateLimit"],
            settings["throttlingBurstLimit"],
            sorted(stage["methodSettings"]),
            (stage.get("accessLogSettings") or {}).get("format"),
        ),
    }


def _subscription(aws: Aws) -> tuple[Any, str]:
    [found] = aws("sns").list_subscriptions_by_topic(TopicArn="arn:aws:sns:us-east-1:000000000000:cfn-topic")[
        "Subscriptions"
    ]
    attributes = aws("sns").get_subscription_attributes(SubscriptionArn=found["SubscriptionArn"])["Attributes"]
    return json.loads(attributes.get("FilterPolicy") or "{}"), attributes["RawMessageDelivery"]


def _function(aws: Aws) -> tuple[Any, ...]:
    found = aws("lambda").get_function(FunctionName="cfn-function")
    configuration = found["Configuration"]
    return (
        configuration.get("Environment", {}).get("Variables", {}),
        configuration["Timeout"],
        "DeadLetterConfig" in configuration,
        found.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
        found.get("Tags", {}),
    )


def _mapping(aws: Aws) -> tuple[int | None, int]:
    [found] = aws("lambda").list_event_source_mappings(FunctionName="cfn-function")["EventSourceMappings"]
    filters = found.get("FilterCriteria", {}).get("Filters", ())
    return found.get("ScalingConfig", {}).get("MaximumConcurrency"), len(filters)


def _machine(aws: Aws) -> tuple[str, list[dict[str, str]]]:
    steps, arn = aws("stepfunctions"), "arn:aws:states:us-east-1:000000000000:stateMachine:cfn-machine"
    role = steps.describe_state_machine(stateMachineArn=arn)["roleArn"]
    return role.rpartition("/")[2], steps.list_tags_for_resource(resourceArn=arn)["tags"]


def _lifecycle(aws: Aws) -> list[int]:
    rules = aws("s3").get_bucket_lifecycle_configuration(Bucket="cfn-bucket")["Rules"]
    return [rule["Expiration"]["Days"] for rule in rules]


def _has_cors(aws: Aws) -> bool:
    s3 = aws("s3")
    try:
        s3.get_bucket_cors(Bucket="cfn-bucket")
    except s3.exceptions.ClientError as error:
        return bool(error.response["Error"]["Code"] != "NoSuchCORSConfiguration")
    return True
