"""What exists at the endpoint now: each list is read at most once, when somebody first asks.

A deployment and `describe.missing` look things up here, which makes a second `make up` a matter of a few
dozen calls. The lists are those of the start: what this run creates is not in them.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from bootstrap.clients import Clients

if TYPE_CHECKING:
    from mypy_boto3_apigateway.type_defs import RestApiTypeDef
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef
    from mypy_boto3_events.type_defs import RuleTypeDef
    from mypy_boto3_iam.type_defs import RoleTypeDef
    from mypy_boto3_lambda.type_defs import (
        EventSourceMappingConfigurationTypeDef,
        FunctionConfigurationTypeDef,
        LayerVersionsListItemTypeDef,
    )
    from mypy_boto3_logs.type_defs import LogGroupTypeDef


class Observed:
    """Lists by name. Any method raises botocore's errors when the endpoint refuses or does not answer."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._known: dict[str, Any] = {}

    def tables(self) -> frozenset[str]:
        return self._once("tables", lambda: frozenset(_pages(self._clients.dynamodb, "list_tables", "TableNames")))

    def queues(self) -> Mapping[str, str]:
        """URLs by queue name."""
        return self._once(
            "queues",
            lambda: {url.rsplit("/", 1)[-1]: url for url in _pages(self._clients.sqs, "list_queues", "QueueUrls")},
        )

    def queue_attributes(self, name: str) -> Mapping[str, str]:
        """All of them; none when the queue does not exist."""

        def load() -> Mapping[str, str]:
            url = self.queues().get(name)
            sqs: Any = self._clients.sqs
            return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]).get("Attributes", {}) if url else {}

        return self._once(f"attributes of {name}", load)

    def topics(self) -> frozenset[str]:
        """The ARNs of the topics."""
        return self._once(
            "topics",
            lambda: frozenset(each["TopicArn"] for each in _pages(self._clients.sns, "list_topics", "Topics")),
        )

    def subscriptions(self) -> Mapping[tuple[str, str], str]:
        """Subscription ARNs by topic ARN and endpoint."""
        return self._once(
            "subscriptions",
            lambda: {
                (each["TopicArn"], each["Endpoint"]): each["SubscriptionArn"]
                for each in _pages(self._clients.sns, "list_subscriptions", "Subscriptions")
            },
        )

    def buses(self) -> frozenset[str]:
        return self._once(
            "buses",
            lambda: frozenset(bus["Name"] for bus in self._clients.events.list_event_buses()["EventBuses"]),
        )

    def archives(self) -> frozenset[str]:
        return self._once("archives", lambda: frozenset(_archives(self._clients.events)))

    def rules(self, bus: str) -> "Mapping[str, RuleTypeDef]":
        """Rules by name; none when the bus does not exist."""

        def load() -> "Mapping[str, RuleTypeDef]":
            if bus not in self.buses():
                return {}
            found = _pages(self._clients.events, "list_rules", "Rules", EventBusName=bus)
            return {rule["Name"]: rule for rule in found}

        return self._once(f"rules of {bus}", load)

    def buckets(self) -> frozenset[str]:
        return self._once(
            "buckets", lambda: frozenset(each["Name"] for each in _pages(self._clients.s3, "list_buckets", "Buckets"))
        )

    def secrets(self) -> frozenset[str]:
        return self._once(
            "secrets",
            lambda: frozenset(
                each["Name"] for each in _pages(self._clients.secretsmanager, "list_secrets", "SecretList")
            ),
        )

    def identities(self) -> frozenset[str]:
        return self._once("identities", lambda: frozenset(_pages(self._clients.ses, "list_identities", "Identities")))

    def log_groups(self) -> "Mapping[str, LogGroupTypeDef]":
        return self._once(
            "log groups",
            lambda: {
                each["logGroupName"]: each for each in _pages(self._clients.logs, "describe_log_groups", "logGroups")
            },
        )

    def roles(self) -> "Mapping[str, RoleTypeDef]":
        return self._once(
            "roles",
            lambda: {each["RoleName"]: each for each in _pages(self._clients.iam, "list_roles", "Roles")},
        )

    def functions(self) -> "Mapping[str, FunctionConfigurationTypeDef]":
        return self._once(
            "functions",
            lambda: {
                each["FunctionName"]: each for each in _pages(self._clients.lambda_, "list_functions", "Functions")
            },
        )

    def function_policy(self, name: str) -> Sequence[Mapping[str, Any]]:
        """The statements of who may invoke the function; none when it does not exist."""

        def load() -> Sequence[Mapping[str, Any]]:
            lambda_ = self._clients.lambda_
            if name not in self.functions():
                return ()
            try:
                policy = json.loads(lambda_.get_policy(FunctionName=name)["Policy"])
            except lambda_.exceptions.ResourceNotFoundException:
                return ()
            return cast("Sequence[Mapping[str, Any]]", policy["Statement"])

        return self._once(f"policy of {name}", load)

    def mappings(self) -> "Mapping[tuple[str, str], EventSourceMappingConfigurationTypeDef]":
        """Event source mappings by the ARN of their source and of their function; not those being deleted."""
        return self._once(
            "mappings",
            lambda: {
                (each["EventSourceArn"], each["FunctionArn"]): each
                for each in _pages(self._clients.lambda_, "list_event_source_mappings", "EventSourceMappings")
                if "EventSourceArn" in each and each["State"] != "Deleting"
            },
        )

    def layers(self) -> "Mapping[str, LayerVersionsListItemTypeDef]":
        """The latest version of each layer."""
        return self._once(
            "layers",
            lambda: {
                each["LayerName"]: each["LatestMatchingVersion"]
                for each in _pages(self._clients.lambda_, "list_layers", "Layers")
            },
        )

    def rest_apis(self) -> "Mapping[str, RestApiTypeDef]":
        """REST APIs by name. Two of one name: the one that was made last."""
        return self._once(
            "rest apis",
            lambda: {each["name"]: each for each in _pages(self._clients.apigateway, "get_rest_apis", "items")},
        )

    def alarms(self) -> "Mapping[str, MetricAlarmTypeDef]":
        """The alarms on metrics, by name."""
        return self._once(
            "alarms",
            lambda: {
                each["AlarmName"]: each for each in _pages(self._clients.cloudwatch, "describe_alarms", "MetricAlarms")
            },
        )

    def dashboards(self) -> frozenset[str]:
        return self._once(
            "dashboards",
            lambda: frozenset(
                each["DashboardName"]
                for each in _pages(self._clients.cloudwatch, "list_dashboards", "DashboardEntries")
            ),
        )

    def state_machines(self) -> Mapping[str, str]:
        """ARNs by name."""
        return self._once(
            "state machines",
            lambda: {
                each["name"]: each["stateMachineArn"]
                for each in _pages(self._clients.stepfunctions, "list_state_machines", "stateMachines")
            },
        )

    def _once[T](self, what: str, load: Callable[[], T]) -> T:
        with self._lock:
            lock = self._locks.setdefault(what, threading.Lock())
        with lock:  # a lock a list: the others need not wait for this one
            if what not in self._known:
                self._known[what] = load()
            return cast("T", self._known[what])


def _archives(client: Any) -> Iterator[str]:
    """botocore has no paginator for them."""
    more: dict[str, str] | None = {}
    while more is not None:
        answer = client.list_archives(**more)
        yield from (archive["ArchiveName"] for archive in answer["Archives"])
        more = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else None


def _pages(client: Any, operation: str, key: str, **arguments: Any) -> list[Any]:
    pages = client.get_paginator(operation).paginate(**arguments)
    return [item for page in pages for item in page.get(key) or ()]
