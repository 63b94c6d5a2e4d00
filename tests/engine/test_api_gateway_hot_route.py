"""REST APIs past LocalStack's general chain: the same events and answers as through it."""

import base64
import gzip
import http.client
import json
from dataclasses import dataclass

import pytest

ECHO = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""
GENERAL = ("Upgrade", "none")
"""A request with this header is left to the general chain; API Gateway drops the header, so it is in no event."""

TIMES_AND_IDS = ("requestId", "extendedRequestId", "requestTime", "requestTimeEpoch")
OWN_HEADERS = {"date", "server", "x-amzn-requestid", "x-amz-apigw-id", "content-length", "connection", "keep-alive"}
TRACE = ("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def comparable(self) -> tuple:
        headers = sorted((k.lower(), v) for k, v in self.headers if k.lower() not in OWN_HEADERS)
        return self.status, headers, self.body

    @property
    def seen(self) -> object:
        """What the function saw; of an error what the client sees."""
        return self.event if self.status == 200 else self.comparable

    @property
    def event(self) -> dict:
        event = json.loads(self.body)
        for name in TIMES_AND_IDS:
            assert event["requestContext"].pop(name)
        return event


@pytest.fixture
def send(engine):
    """``send(method, target, headers, body)``, as they are: nothing is added, encoded or put in order."""
    host = engine.endpoint.removeprefix("http://")

    def send(method, target, headers=(), body=b""):
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        if not any(name.lower() == "host" for name, _ in headers):
            connection.putheader("Host", host)
        for name, value in headers:
            connection.putheader(name, value.encode())
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
        connection.close()
        return answer

    return send


@pytest.fixture
def echo(rest_api, deploy):
    """An API whose every path answers with the event: /fixed, /item/{id}, /deep/{proxy+}, /."""
    api = rest_api(binaryMediaTypes=["image/png", "application/*"])
    function = deploy(ECHO)
    for method, path in (
        ("ANY", "/"),
        ("GET", "/fixed"),
        ("ANY", "/item/{id}"),
        ("ANY", "/item/{id}/sub"),
        ("ANY", "/deep/{proxy+}"),
    ):
        api.route(method, path, function)
    api.deploy()
    api.update_stage(("/variables/colour", "red"))
    return api


TARGETS = [
    "/",
    "",
    "?a=1",
    "/fixed",
    "/fixed/",
    "/fixed?a=1&a=2&b=&c&=d&a%5B%5D=x",
    "/fixed?q=%C3%BC+%26%20x&bad=%FF&plus=a%2Bb",
    "/item/a%2Fb%20c",
    "/item/%C3%BC",
    "/item/42/",
    "/item/a;b=c?x=1;y=2",
    "/item/a+b",
    "/deep/a/b/c",
    "/deep/a//b",
    "/deep//a/b?x=/dev",
    "/deep/dev/dev",
    "//deep/a",
    "//fixed?x=1",
    "/deep/x?url=http://a/b?c=d",
    "/deep/%2e%2e/x",
]


@pytest.mark.parametrize("form", ["path", "old path", "host"])
def test_targets_give_the_same_event(echo, send, form):
    prefix = {
        "path": f"/_aws/execute-api/{echo.id}/dev",
        "old path": f"/restapis/{echo.id}/dev/_user_request_",
        "host": "/dev",
    }[form]
    host = [("Host", f"{echo.id}.execute-api.localhost.localstack.cloud:4566")] if form == "host" else []
    for target in TARGETS:
        hot, general = (send("GET", prefix + target, [*host, TRACE, *more]) for more in ([], [GENERAL]))

        assert (hot.status, hot.seen) == (general.status, general.seen), target


HEADERS = [
    [],
    [("x-LOWER-Upper", "1"), ("X-Many", "a"), ("Other", "b"), ("X-Many", "c"), ("x-many", "d")],
    [("authorization", "Bearer x"), ("user-agent", "agent"), ("ACCEPT", "text/html")],
    [("Accept", ""), ("User-Agent", "")],
    [
        ("X-Forwarded-For", "1.2.3.4"),
        ("x-forwarded-proto", "https"),
        ("X-Forwarded-Port", "1"),
        ("Connection", "close"),
    ],
    [("Content-Type", "text/plain"), ("Content-MD5", "x"), ("TE", "trailers"), ("Max-Forwards", "1")],
    [("Cookie", "a=b; c=d"), ("Cookie", "e=f")],
    [("X-Value", "ü"), ("X-Empty", "")],
    [("Origin", "http://elsewhere.test"), ("Referer", "http://elsewhere.test/x")],
    [("Accept", "image/png")],
]


def test_headers_give_the_same_event_and_answer(echo, send):
    target = f"/_aws/execute-api/{echo.id}/dev/item/1"
    for headers in HEADERS:
        hot, general = (send("POST", target, [*headers, TRACE, *more], b"{}") for more in ([], [GENERAL]))

        assert hot.event == general.event, headers
        assert hot.comparable[:2] == general.comparable[:2], headers


BODIES = [b"", b"{}", "ünïcode ✓".encode(), bytes(range(256)), b"a=1&b=%7B%22x%22%7D&c=+", b"\xef\xbb\xbfbom"]


def test_bodies_give_the_same_event(echo, send):
    target = f"/_aws/execute-api/{echo.id}/dev/item/1"
    for content_type in ("application/json", "image/png", "application/x-www-form-urlencoded", ""):
        headers = [("Content-Type", content_type), TRACE] if content_type else [TRACE]
        for body in BODIES:
            hot, general = (send("POST", target, [*headers, *more], body) for more in ([], [GENERAL]))

            assert hot.event == general.event, (content_type, body)


def test_methods_give_the_same_answer(echo, send):
    target = f"/_aws/execute-api/{echo.id}/dev/deep/x"
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "PURGE"):
        hot, general = (send(method, target, [TRACE, *more]) for more in ([], [GENERAL]))

        assert hot.comparable[:2] == general.comparable[:2], method


ANSWERS = [
    {},
    {"statusCode": 201, "body": "x", "headers": {"content-type": "text/html", "X-Bool": True}},
    {
        "statusCode": 204,
        "headers": {"Server": "mine", "Date": "now", "Connection": "x", "Transfer-Encoding": "chunked"},
    },
    {"statusCode": 304, "headers": {"ETag": "x"}},
    {"statusCode": "302", "headers": {"Location": "/elsewhere?ü=1"}},
    {"statusCode": 200, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}, "headers": {"set-cookie": "c=3"}},
    {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "", "X-Amzn-RequestId": "mine"}},
    {"statusCode": 200, "body": base64.b64encode(b"\x00\xff").decode(), "isBase64Encoded": True},
    {"statusCode": 200, "body": "ünïcode ✓"},
    {"statusCode": 200, "headers": {"X-Bad": "a\nb"}},
    {"statusCode": 200, "body": 5},
    None,
]


@pytest.fixture
def said(rest_api, deploy):
    """An API whose function answers with the request's body."""
    api = rest_api(binaryMediaTypes=["image/png"])
    api.route("POST", "/", deploy("import json\ndef handler(event, context): return json.loads(event['body'])"))
    api.deploy()
    return api


@pytest.mark.parametrize("accept", ["image/png", "*/*"])
def test_function_answers_become_the_same_response(said, send, accept):
    target = f"/_aws/execute-api/{said.id}/dev/"
    for answer in ANSWERS:
        body = json.dumps(answer).encode()
        headers = [("Accept", accept), ("Content-Type", "application/json"), TRACE]

        hot, general = (send("POST", target, [*headers, *more], body) for more in ([], [GENERAL]))

        assert hot.comparable == general.comparable, answer


def test_unknown_api_and_stage_give_the_same_answer(echo, send):
    for target in ("/_aws/execute-api/nowhere/dev/x", f"/_aws/execute-api/{echo.id}/nowhere/x"):
        hot, general = (send("GET", target, more) for more in ([], [GENERAL]))

        assert hot.comparable == general.comparable


def test_new_deployment_and_stage_variables_are_used_at_once(rest_api, deploy):
    source = "def handler(event, context): return {{'statusCode': 200, 'body': {0!r} + str(event['stageVariables'])}}"
    first, second = deploy(source.format("first")), deploy(source.format("second"))
    api = rest_api()
    api.route("GET", "/", first)
    api.deploy()
    seen = [api.get("/").text]

    api.update_stage(("/variables/x", "1"))
    seen.append(api.get("/").text)
    api.route("GET", "/", second)
    seen.append(api.get("/").text)
    api.deploy()
    seen.append(api.get("/").text)

    assert seen == [
        "firstNone",
        "first{'x': '1'}",
        "first{'x': '1'}",
        "secondNone",
    ]  # a deployment makes LocalStack's stage anew


def test_function_is_named_by_stage_variables(rest_api, deploy):
    function = deploy("def handler(event, context): return {'statusCode': 200, 'body': 'found'}")
    api = rest_api()
    name = function.arn.replace(function.name, "${stageVariables.name}")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{name}/invocations"
    api.route("GET", "/", integration={"uri": uri})
    api.deploy()
    api.update_stage(("/variables/name", function.name))

    assert api.get("/").text == "found"


def test_integration_without_lambda_goes_through_its_own_chain(rest_api, send):
    api = rest_api()
    api.route("GET", "/", integration={"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}})
    api.respond("GET", "/", responseTemplates={"application/json": "$context.httpMethod $input.params('q')"})
    api.deploy()

    hot, general = (send("GET", f"/_aws/execute-api/{api.id}/dev/?q=1", more) for more in ([], [GENERAL]))

    assert (hot.status, hot.body) == (200, b"GET 1")
    assert hot.comparable == general.comparable


def test_canary_goes_through_the_chain(rest_api, deploy):
    source = "def handler(event, context): return {{'statusCode': 200, 'body': {0!r}}}"
    api = rest_api()
    api.route("GET", "/", deploy(source.format("stable")))
    api.deploy()
    api.route("GET", "/", deploy(source.format("canary")))
    api.client.create_deployment(restApiId=api.id, stageName="dev", canarySettings={"percentTraffic": 100.0})

    assert api.get("/").text == "canary"


def test_compressed_body_is_decoded_as_before(echo, send):
    target = f"/_aws/execute-api/{echo.id}/dev/item/1"

    answer = send("POST", target, [("Content-Encoding", "gzip"), TRACE], gzip.compress(b'{"a": 1}'))

    assert answer.event["body"] == '{"a": 1}'
