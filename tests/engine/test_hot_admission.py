"""Which requests are hot: those that SDKs send as a rule, and no others."""

import gc
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from loadstack_engine.front.messages import HttpRequest, HttpResponse

Route = Callable[[HttpRequest], Any]

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/{}/{}/aws4_request, SignedHeaders=host, Signature=0"
HEADERS = {
    "Host": "127.0.0.1:4566",
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "AmazonSQS.CreateQueue",
    "Authorization": SIGNED.format("us-east-1", "sqs"),
    "User-Agent": "Boto3/1.40.0",
    "amz-sdk-request": "attempt=1",
}


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Route]:
    """The hot route, to a provider of SQS that runs without what it does in the background."""
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        from localstack.aws.skeleton import create_skeleton
        from localstack.services.sqs.models import sqs_stores
        from localstack.services.sqs.provider import SqsProvider

        from loadstack_engine.hot_operations import json_protocol

        gc.collect()  # LocalStack asks for a Docker engine when it is imported, and leaves the socket open
    skeleton = create_skeleton("sqs", SqsProvider())
    monkeypatch.setattr(json_protocol, "skeleton_of", lambda service: skeleton)
    yield json_protocol.answer
    sqs_stores.reset()


@pytest.fixture
def request_of() -> Callable[..., HttpRequest]:
    def create(method: str = "POST", target: str = "/", **headers: str | None) -> HttpRequest:
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = [(name, value) for name, value in {**HEADERS, **changed}.items() if value is not None]
        fields = {name.lower(): value for name, value in sent}
        body = json.dumps({"QueueName": "hot"}).encode()
        return HttpRequest(method, target, "1.1", sent, fields, body)

    return create


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost:4566", "localstack:4566", "[::1]:4566", "127.0.0.1"])
def test_sdk_request_is_answered_past_the_chain(answer, request_of, host):
    answered = answer(request_of(Host=host))

    assert isinstance(answered, HttpResponse)
    assert answered.status == 200
    assert json.loads(answered.body)["QueueUrl"].endswith("/000000000000/hot")


def test_account_and_region_are_the_signatures(answer, request_of):
    scope = SIGNED.format("eu-west-1", "sqs").replace("test", "123456789012")

    answered = answer(request_of(Authorization=scope))

    assert isinstance(answered, HttpResponse)
    assert "eu-west-1" in json.loads(answered.body)["QueueUrl"]
    assert "/123456789012/" in json.loads(answered.body)["QueueUrl"]


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "GET"},
        {"target": "/?X-Amz-Signature=0"},
        {"target": "/queue"},
        {"Host": "a.lambda-url.us-east-1.localhost.localstack.cloud"},
        {"Host": "bucket.s3.amazonaws.com"},
        {"Host": None},
        {"Content_Type": "application/x-amz-cbor-1.1"},
        {"Content_Encoding": "gzip"},
        {"Smithy_Protocol": "rpc-v2-cbor"},
        {"Accept": "application/cbor"},
        {"Origin": "http://localhost"},
        {"Referer": "http://localhost"},
        {"x-localstack-data": "{}"},
        {"X_Amz_Target": "AmazonSQS.Nonsense"},
        {"X_Amz_Target": "Nonsense"},
        {"X_Amz_Target": None},
        {"Authorization": None},
        {"Authorization": SIGNED.format("us-east-1", "events")},
        {"Authorization": SIGNED.format("mars-1", "sqs")},
        {"Authorization": SIGNED.format("", "sqs")},
        {"Authorization": "AWS test:signature"},
    ],
    ids=str,
)
def test_unusual_request_is_left_to_the_chain(answer, request_of, changes):
    assert answer(request_of(**changes)) is None


def test_requests_that_are_logged_are_left_to_the_chain(answer, request_of, caplog):
    with caplog.at_level("INFO", logger="localstack.request.aws"):
        assert answer(request_of()) is None
