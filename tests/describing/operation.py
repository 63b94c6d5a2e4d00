"""What watches and drives the rest: CloudWatch, CloudWatch Logs, Step Functions, IAM and SES."""

from typing import Any

from tests.describing.reading import Aws, Described, pages, parsed, policy, tags, without

_TIMED = (
    "AlarmConfigurationUpdatedTimestamp",
    "StateUpdatedTimestamp",
    "StateTransitionedTimestamp",
    "StateReason",
    "StateReasonData",
    "StateValue",
)


def describe_operation(aws: Aws) -> Described:
    return {
        **_watching(aws("cloudwatch"), aws("logs")),
        "state machines": _state_machines(aws("stepfunctions")),
        **_permissions(aws("iam")),
        "email identities": _identities(aws("ses")),
    }


def _watching(cloudwatch: Any, logs: Any) -> Described:
    dashboards = [each["DashboardName"] for each in pages(cloudwatch, "list_dashboards", "DashboardEntries")]
    return {
        "alarms": {
            each["AlarmName"]: _alarm(cloudwatch, each) for each in pages(cloudwatch, "describe_alarms", "MetricAlarms")
        },
        "dashboards": {
            name: parsed(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]) for name in dashboards
        },
        "log groups": {
            each["logGroupName"]: _log_group(logs, each) for each in pages(logs, "describe_log_groups", "logGroups")
        },
    }


def _alarm(client: Any, found: dict[str, Any]) -> dict[str, Any]:
    dimensions = {each["Name"]: each["Value"] for each in found.get("Dimensions", [])}
    found_tags = client.list_tags_for_resource(ResourceARN=found["AlarmArn"]).get("Tags", [])
    return {**without(found, *_TIMED), "Dimensions": dimensions, "tags": tags(found_tags)}


def _log_group(client: Any, found: dict[str, Any]) -> dict[str, Any]:
    name = found["logGroupName"]
    return {
        **without(found, "creationTime", "storedBytes"),
        "tags": client.list_tags_log_group(logGroupName=name).get("tags", {}),
        "subscription filters": pages(
            client, "describe_subscription_filters", "subscriptionFilters", logGroupName=name
        ),
        "metric filters": pages(client, "describe_metric_filters", "metricFilters", logGroupName=name),
    }


def _state_machines(client: Any) -> dict[str, Any]:
    found = pages(client, "list_state_machines", "stateMachines")
    return {each["name"]: _state_machine(client, each["stateMachineArn"]) for each in found}


def _state_machine(client: Any, arn: str) -> dict[str, Any]:
    found = without(client.describe_state_machine(stateMachineArn=arn), "creationDate", "revisionId")
    named = client.list_tags_for_resource(resourceArn=arn).get("tags", [])
    return {**found, "definition": parsed(found["definition"]), "tags": {each["key"]: each["value"] for each in named}}


def _permissions(client: Any) -> Described:
    return {
        "roles": {each["RoleName"]: _role(client, each["RoleName"]) for each in pages(client, "list_roles", "Roles")},
        "managed policies": {
            each["PolicyName"]: each["Arn"] for each in pages(client, "list_policies", "Policies", Scope="Local")
        },
    }


def _role(client: Any, name: str) -> dict[str, Any]:
    found = without(client.get_role(RoleName=name)["Role"], "CreateDate", "RoleId", "RoleLastUsed", "Tags")
    inline = pages(client, "list_role_policies", "PolicyNames", RoleName=name)
    attached = pages(client, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return {
        **found,
        "AssumeRolePolicyDocument": policy(found["AssumeRolePolicyDocument"]),
        "inline": {
            each: policy(client.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"]) for each in inline
        },
        "attached": sorted(each["PolicyArn"] for each in attached),
        "tags": tags(client.list_role_tags(RoleName=name).get("Tags", [])),
    }


def _identities(client: Any) -> dict[str, Any]:
    names = pages(client, "list_identities", "Identities")
    found = client.get_identity_verification_attributes(Identities=names)["VerificationAttributes"] if names else {}
    return {name: without(found.get(name, {}), "VerificationToken") for name in names}
