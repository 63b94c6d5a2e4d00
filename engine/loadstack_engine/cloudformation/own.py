"""What is done beside LocalStack's own providers: properties that they leave out, and updates, which most do not know.

By type: ``finish(request, model)`` after each creation and update, ``update(request, model)`` in the place of an
update that LocalStack lacks or does by half, ``create(request, model)`` and ``delete(request, model)`` in the place of
its own.
"""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from loadstack_engine.cloudformation import apis, buckets, roles, tables
from loadstack_engine.cloudformation.models import Model, Request, changed_tags, chosen

_POLICY_VERSIONS = 5  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html

type Do = Callable[[Request, Model], None]


@dataclass(frozen=True, slots=True)
class Own:
    finish: Do | None = None
    create: Do | None = None
    update: Do | None = None
    delete: Do | None = None


def _finish_function(request: Request, model: Model) -> None:
    """Reserved concurrency, which CreateFunction does not take, and which stays in LocalStack's model of an update; and
    the tags, which its update leaves out.
    """
    reserved = request.desired_state.get("ReservedConcurrentExecutions")
    client, name = request.aws_client_factory.lambda_, model["FunctionName"]
    if reserved is not None:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(reserved))
    elif request.previous_state and request.previous_state.get("ReservedConcurrentExecutions") is not None:
        client.delete_function_concurrency(FunctionName=name)
        model.pop("ReservedConcurrentExecutions", None)
    if request.previous_state:
        new, gone = changed_tags(model, request.previous_state)
        if new:
            client.tag_resource(Resource=model["Arn"], Tags=new)
        if gone:
            client.untag_resource(Resource=model["Arn"], TagKeys=gone)


def _update_alias(request: Request, model: Model) -> None:
    wanted = chosen(model, ("FunctionName", "FunctionVersion", "Name", "Description", "RoutingConfig"))
    request.aws_client_factory.lambda_.update_alias(**{"RoutingConfig": {}, **wanted})


def _update_url(request: Request, model: Model) -> None:
    wanted = chosen(model, ("Qualifier", "Cors", "AuthType", "InvokeMode"))
    request.aws_client_factory.lambda_.update_function_url_config(FunctionName=model["TargetFunctionArn"], **wanted)


def _finish_log_group(request: Request, model: Model) -> None:
    logs, name = request.aws_client_factory.logs, model["LogGroupName"]
    if model.get("RetentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(model["RetentionInDays"]))
    elif request.previous_state and request.previous_state.get("RetentionInDays"):
        logs.delete_retention_policy(logGroupName=name)


def _nothing_more(request: Request, model: Model) -> None:
    """All that can change is in ``finish``."""


def _update_rule(request: Request, model: Model) -> None:
    """The rule again, and its targets: those that it has no more go."""
    events = request.aws_client_factory.events
    place = _rule_place(model)
    wanted = chosen(model, ("ScheduleExpression", "State", "Description", "RoleArn"))
    if model.get("EventPattern"):
        pattern = model["EventPattern"]
        wanted["EventPattern"] = pattern if isinstance(pattern, str) else json.dumps(pattern)
    events.put_rule(Name=place["Rule"], **{key: place[key] for key in place if key != "Rule"}, **wanted)
    targets = model.get("Targets") or []
    there = {each["Id"] for each in events.list_targets_by_rule(**place)["Targets"]}
    if gone := sorted(there - {each["Id"] for each in targets}):
        events.remove_targets(**place, Ids=gone)
    if targets:
        events.put_targets(**place, Targets=targets)


def _delete_rule(request: Request, model: Model) -> None:
    """LocalStack looks for it on the default bus only, and takes a rule that is not found for deleted."""
    events, place = request.aws_client_factory.events, _rule_place(model)
    with contextlib.suppress(events.exceptions.ResourceNotFoundException):
        if ids := [each["Id"] for each in events.list_targets_by_rule(**place)["Targets"]]:
            events.remove_targets(**place, Ids=ids, Force=True)
        events.delete_rule(Name=place["Rule"], **{key: place[key] for key in place if key != "Rule"})


def _rule_place(model: Model) -> dict[str, str]:
    """Physical ids are ``bus|rule``, or the rule's name alone."""
    bus, _, name = model["Id"].rpartition("|")
    return {"Rule": name, **({"EventBusName": bus} if bus else {})}


def _update_schedule(request: Request, model: Model) -> None:
    names = ("Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "Name", "ScheduleExpression")
    wanted = chosen(model, (*names, "ScheduleExpressionTimezone", "StartDate", "State", "Target"))
    request.aws_client_factory.scheduler.update_schedule(**wanted)


def _update_secret(request: Request, model: Model) -> None:
    """A generated value stays: on AWS it changes only with the properties that generate it."""
    wanted = chosen(model, ("Description", "KmsKeyId", "SecretString"))
    secrets, secret = request.aws_client_factory.secretsmanager, {"SecretId": model["Id"]}
    if wanted:
        secrets.update_secret(**secret, **wanted)
    new, gone = changed_tags(model, request.previous_state or {})
    if new:
        secrets.tag_resource(**secret, Tags=[{"Key": key, "Value": value} for key, value in new.items()])
    if gone:
        secrets.untag_resource(**secret, TagKeys=gone)


def _finish_state_machine(request: Request, model: Model) -> None:
    """Its role, which LocalStack's update leaves out, and its tags, which its creation leaves out too."""
    steps, before, arn = request.aws_client_factory.stepfunctions, request.previous_state or {}, model["Arn"]
    if before and model["RoleArn"] != before.get("RoleArn"):
        steps.update_state_machine(stateMachineArn=arn, roleArn=model["RoleArn"])
    new, gone = changed_tags(model, before)
    if new:
        steps.tag_resource(resourceArn=arn, tags=[{"key": key, "value": value} for key, value in new.items()])
    if gone:
        steps.untag_resource(resourceArn=arn, tagKeys=gone)


def _update_stream(request: Request, model: Model) -> None:
    kinesis, before = request.aws_client_factory.kinesis, request.previous_state or {}
    shards = model.get("ShardCount")
    if shards and int(shards) != int(before.get("ShardCount") or 1):
        kinesis.update_shard_count(
            StreamName=model["Name"], TargetShardCount=int(shards), ScalingType="UNIFORM_SCALING"
        )


def _set_retention(request: Request, model: Model) -> None:
    """LocalStack creates every stream with a day's."""
    if not model.get("RetentionPeriodHours") and not (request.previous_state or {}).get("RetentionPeriodHours"):
        return
    kinesis, name = request.aws_client_factory.kinesis, model["Name"]
    hours = int(model.get("RetentionPeriodHours") or 24)
    now = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["RetentionPeriodHours"]
    if hours > now:
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
    elif hours < now:
        kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)


def _update_managed_policy(request: Request, model: Model) -> None:
    """A new version. A policy has five at most: older ones go first, but for the one in force, until it has room."""
    iam, arn = request.aws_client_factory.iam, model.get("Id") or model["PolicyArn"]
    document = model["PolicyDocument"]
    text = document if isinstance(document, str) else json.dumps(document)
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    old = sorted((each["VersionId"] for each in versions if not each["IsDefaultVersion"]), key=_version_number)
    for version in old[: max(0, len(versions) - (_POLICY_VERSIONS - 1))]:
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)


def _version_number(version: str) -> int:
    """Of ``v12``."""
    return int(version.removeprefix("v"))


OWN = {
    "AWS::ApiGateway::Deployment": Own(update=apis.update_deployment),
    "AWS::ApiGateway::Method": Own(create=apis.put_method, update=apis.put_method),
    "AWS::ApiGateway::Model": Own(update=apis.update_model),
    "AWS::ApiGateway::RequestValidator": Own(update=apis.update_validator),
    "AWS::ApiGateway::RestApi": Own(update=apis.update_api),
    "AWS::ApiGateway::Stage": Own(finish=apis.finish_stage, update=apis.update_stage),
    "AWS::DynamoDB::Table": Own(finish=tables.finish, update=tables.update),
    "AWS::Events::Rule": Own(update=_update_rule, delete=_delete_rule),
    "AWS::IAM::ManagedPolicy": Own(update=_update_managed_policy),
    "AWS::IAM::Role": Own(update=roles.update),
    "AWS::Kinesis::Stream": Own(finish=_set_retention, update=_update_stream),
    "AWS::Lambda::Alias": Own(update=_update_alias),
    "AWS::Lambda::Function": Own(finish=_finish_function),
    "AWS::Lambda::Url": Own(update=_update_url),
    "AWS::Logs::LogGroup": Own(finish=_finish_log_group, update=_nothing_more),
    "AWS::S3::Bucket": Own(finish=buckets.finish, update=buckets.update),
    "AWS::Scheduler::Schedule": Own(update=_update_schedule),
    "AWS::SecretsManager::Secret": Own(update=_update_secret),
    "AWS::StepFunctions::StateMachine": Own(finish=_finish_state_machine),
}
# To create one that is there already changes it: the services' own operations are puts.
PUT_AGAIN = frozenset(
    {
        "AWS::ApiGateway::Account",
        "AWS::ApiGateway::GatewayResponse",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::Events::EventBusPolicy",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Logs::SubscriptionFilter",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy",
    }
)
