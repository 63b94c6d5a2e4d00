"""The stack under test, as an outsider reaches it: AWS clients for an endpoint, and the engine's routes."""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from loadtests.address import Address
from loadtests.errors import SetupError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

TOPIC: Final = "order-events"
FLOW_TAG: Final = "flow"
LONG_POLL_S: Final = 5

_ROUTE_TIMEOUT_S: Final = 3.0
_ROUTES: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_CONFIG: Final = Config(
    proxies={},  # an endpoint to be loaded is reached directly; a proxy would be measured with it
    connect_timeout=3,
    read_timeout=LONG_POLL_S + 10,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=20,
)


@dataclass(frozen=True, slots=True)
class Stack:
    """Clients for one endpoint. Made by `connect`; the clients may be shared between greenlets."""

    address: Address
    logs: CloudWatchLogsClient
    sns: SNSClient
    sqs: SQSClient

    def topic_arn(self) -> str:
        """The ARN of `order-events`. Raises SetupError if nothing answers there, or it has no such topic."""
        try:
            for page in self.sns.get_paginator("list_topics").paginate():
                for topic in page["Topics"]:
                    if topic["TopicArn"].endswith(f":{TOPIC}"):
                        return topic["TopicArn"]
        except (BotoCoreError, ClientError) as error:
            raise SetupError(f"no AWS endpoint answers at {self.address.name} (make up starts one): {error}") from error
        raise SetupError(f"the endpoint {self.address.name} has no SNS topic {TOPIC}: make up deploys it")

    def flow(self, topic_arn: str) -> str | None:
        """Which way orders go, `choreography` or `saga`: what the topic is tagged with; None where it does not say."""
        try:
            tags = self.sns.list_tags_for_resource(ResourceArn=topic_arn).get("Tags", [])
        except (BotoCoreError, ClientError):  # not every endpoint has tags, not everybody may read them
            return None
        return next((tag["Value"] for tag in tags if tag["Key"] == FLOW_TAG), None)

    def route(self, path: str) -> dict[str, Any] | None:
        """GET an engine's own route as a JSON object; None if it is not there or answers anything else."""
        if self.address.endpoint is None:
            return None
        try:
            with _ROUTES.open(self.address.endpoint + path, timeout=_ROUTE_TIMEOUT_S) as response:
                body = json.load(response)
        except (OSError, ValueError, http.client.HTTPException):
            return None
        return body if isinstance(body, dict) else None

    def answers(self) -> bool | None:
        """Whether anything answers at the endpoint, whatever it says; None where nothing came in time. AWS is there."""
        if self.address.endpoint is None:
            return True
        try:
            _ROUTES.open(self.address.endpoint + "/_loadstack/health", timeout=_ROUTE_TIMEOUT_S).close()
        except urllib.error.HTTPError:
            return True
        except (OSError, http.client.HTTPException) as error:
            return None if isinstance(getattr(error, "reason", error), TimeoutError) else False
        return True

    def functions(self, *, percentiles: bool = True) -> dict[str, Mapping[str, Any]] | None:
        """The engine's figures by function name; None where the engine does not publish any.

        Percentiles cost the engine a millisecond a function.
        """
        body = self.route("/_loadstack/functions" + ("" if percentiles else "?percentiles=0"))
        if body is None:
            return None
        return {name: figures for name, figures in body.items() if isinstance(figures, dict)}

    def engine(self) -> str | None:
        """What runs there, as far as it says so: `localstack 4.14.0`, `AWS eu-west-1`."""
        if self.address.endpoint is None:
            return self.address.name
        health = self.route("/_localstack/health")
        version = health.get("version") if health else None
        return f"localstack {version}" if version else None


def connect(address: Address) -> Stack:
    """Make clients for an endpoint; nothing is sent yet. Credentials are the environment's, or any at all; at AWS
    itself they are boto3's usual ones.

    Raises SetupError when the user's AWS settings contradict themselves (a profile that is not there, say).
    """
    try:
        return _connect(address)
    except BotoCoreError as error:
        raise SetupError(f"the AWS settings of this shell do not work: {error}") from error


def _connect(address: Address) -> Stack:
    keys = {} if address.endpoint is None else _any_keys()
    session = boto3.session.Session(region_name=address.region, **keys)
    return Stack(
        address=address,
        logs=session.client("logs", endpoint_url=address.endpoint, config=_CONFIG),
        sns=session.client("sns", endpoint_url=address.endpoint, config=_CONFIG),
        sqs=session.client("sqs", endpoint_url=address.endpoint, config=_CONFIG),
    )


def _any_keys() -> dict[str, Any]:
    return {
        "aws_access_key_id": os.environ.get("AWS_ACCESS_KEY_ID", "test"),
        "aws_secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
        "aws_session_token": os.environ.get("AWS_SESSION_TOKEN"),
    }
