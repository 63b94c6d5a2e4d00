"""boto3 clients for one endpoint, and for nothing else.

The user's own AWS configuration (profile, config files, AWS_* variables, proxies for the loopback) is ignored
on purpose: whatever somebody has exported, a sandbox command must never reach a real account.
"""

import os
import threading
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConstantProvider

from bootstrap.references import Place

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# The first call of a service in LocalStack starts it (DynamoDB Local: seconds), hence not shorter.
READ_TIMEOUT_S = 20
CONNECT_TIMEOUT_S = 3
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Clients:
    """The clients of one endpoint, each made at its first use. Safe to share between threads.

    `endpoint` is any AWS-compatible endpoint; the credentials are dummies unless others are given.
    """

    def __init__(
        self,
        endpoint: str,
        place: Place | None = None,
        *,
        access_key_id: str = "test",
        secret_access_key: str = "test",
    ) -> None:
        self.endpoint = endpoint
        self.place = place or Place()
        self._credentials = (access_key_id, secret_access_key)
        self._lock = threading.Lock()
        self._session: boto3.session.Session | None = None
        self._made: dict[str, Any] = {}

    @property
    def apigateway(self) -> "APIGatewayClient":
        return cast("APIGatewayClient", self._client("apigateway"))

    @property
    def cloudformation(self) -> Any:
        return self._client("cloudformation")

    @property
    def cloudwatch(self) -> "CloudWatchClient":
        return cast("CloudWatchClient", self._client("cloudwatch"))

    @property
    def dynamodb(self) -> "DynamoDBClient":
        return cast("DynamoDBClient", self._client("dynamodb"))

    @property
    def dynamodbstreams(self) -> Any:
        return self._client("dynamodbstreams")

    @property
    def events(self) -> "EventBridgeClient":
        return cast("EventBridgeClient", self._client("events"))

    @property
    def iam(self) -> "IAMClient":
        return cast("IAMClient", self._client("iam"))

    @property
    def lambda_(self) -> "LambdaClient":
        return cast("LambdaClient", self._client("lambda"))

    @property
    def logs(self) -> "CloudWatchLogsClient":
        return cast("CloudWatchLogsClient", self._client("logs"))

    @property
    def s3(self) -> "S3Client":
        return cast("S3Client", self._client("s3"))

    @property
    def secretsmanager(self) -> "SecretsManagerClient":
        return cast("SecretsManagerClient", self._client("secretsmanager"))

    @property
    def ses(self) -> "SESClient":
        return cast("SESClient", self._client("ses"))

    @property
    def sns(self) -> "SNSClient":
        return cast("SNSClient", self._client("sns"))

    @property
    def sqs(self) -> "SQSClient":
        return cast("SQSClient", self._client("sqs"))

    @property
    def stepfunctions(self) -> "SFNClient":
        return cast("SFNClient", self._client("stepfunctions"))

    @property
    def sts(self) -> Any:
        return self._client("sts")

    def _client(self, service: str) -> Any:
        if service in self._made:
            return self._made[service]
        with self._lock:  # clients may be shared between threads, sessions may not
            if service not in self._made:
                self._made[service] = self._make(service)
            return self._made[service]

    def _make(self, service: str) -> Any:
        if self._session is None:
            self._session = _isolated_session(self._credentials, self.place.region)
        make = cast("Any", self._session).client
        return make(service, endpoint_url=self.endpoint, config=_config(self.endpoint))


def _isolated_session(credentials: tuple[str, str], region: str) -> boto3.session.Session:
    """A session that reads neither the environment nor ~/.aws."""
    core = botocore.session.Session()
    settings = core.get_component("config_store")
    for name, (_, variable, default, _convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items():
        if variable is not None:
            settings.set_config_provider(name, ConstantProvider(default))
    settings.set_config_provider("region", ConstantProvider(region))
    settings.set_config_provider("config_file", ConstantProvider(os.devnull))
    settings.set_config_provider("credentials_file", ConstantProvider(os.devnull))
    return boto3.session.Session(
        aws_access_key_id=credentials[0],
        aws_secret_access_key=credentials[1],
        botocore_session=core,
    )


def _config(endpoint: str) -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=32,  # the seed writes two tables at once, see `batches`, and users beside
        s3={"addressing_style": "path"},  # <bucket>.localhost need not resolve
        # An explicit empty mapping stops botocore from asking HTTP_PROXY.
        proxies={} if urlsplit(endpoint).hostname in _LOOPBACK else None,
    )
