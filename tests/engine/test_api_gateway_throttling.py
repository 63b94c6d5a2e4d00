"""Usage plans, API keys and throttling of REST APIs."""

from datetime import UTC, datetime

import pytest

from loadstack_engine.api_gateway.quotas import Quotas
from loadstack_engine.api_gateway.token_buckets import TokenBuckets

OK = "def handler(event, context): return {'statusCode': 200}"
NEVER = 0.0001  # tokens a second: none comes back within a test


@pytest.fixture
def api(rest_api, deploy):
    """GET /open, and GET /keyed, /other that want an API key."""
    api = rest_api()
    function = deploy(OK)
    api.route("GET", "/open", function)
    api.route("GET", "/keyed", function, apiKeyRequired=True)
    api.route("GET", "/other", function, apiKeyRequired=True)
    api.deploy()
    return api


def keyed(api, key, path="/keyed"):
    return api.get(path, headers={"X-API-Key": key})


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "unknown"}])
def test_method_that_wants_a_key_is_403_without_one(api, headers):
    api.key()

    answer = api.get("/keyed", headers=headers)

    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_key_of_the_stage_passes(api):
    assert keyed(api, api.key()).status_code == 200


def test_burst_of_a_plan_is_429_for_that_key_alone(api):
    one, other = (api.key(throttle={"rateLimit": NEVER, "burstLimit": 2}) for _ in range(2))

    answers = [keyed(api, one), keyed(api, one, "/other"), keyed(api, one), keyed(api, other)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]
    assert answers[2].json() == {"message": "Too Many Requests"}
    assert answers[2].headers["x-amzn-ErrorType"] == "TooManyRequestsException"
    assert api.get("/open").status_code == 200


def test_plan_limits_a_method_by_itself(api):
    key = api.key(stage={"throttle": {"/keyed/GET": {"rateLimit": NEVER, "burstLimit": 1}}})

    statuses = [keyed(api, key, path).status_code for path in ("/keyed", "/keyed", "/other", "/other")]

    assert statuses == [200, 429, 200, 200]


def test_quota_of_a_plan_is_429(api):
    key = api.key(quota={"limit": 3, "offset": 1, "period": "MONTH"})

    answers = [keyed(api, key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json() == {"message": "Limit Exceeded"}
    assert answers[2].headers["x-amzn-ErrorType"] == "LimitExceededException"


def test_stage_throttles_each_method_by_itself(api):
    key = api.key()
    api.update_stage(("/*/*/throttling/rateLimit", str(NEVER)), ("/*/*/throttling/burstLimit", "1"))

    statuses = [api.get("/open").status_code, api.get("/open").status_code, keyed(api, key).status_code]

    assert statuses == [200, 429, 200]


def test_method_setting_wins_over_the_stage(api):
    api.update_stage(
        ("/*/*/throttling/rateLimit", str(NEVER)),
        ("/*/*/throttling/burstLimit", "1"),
        ("/~1open/GET/throttling/rateLimit", str(NEVER)),
        ("/~1open/GET/throttling/burstLimit", "2"),
    )

    statuses = [api.get("/open").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_declared_gateway_response_shapes_429(api):
    for kind in ("THROTTLED", "QUOTA_EXCEEDED"):
        template = {"application/json": f'{{"code": "{kind}", "message": $context.error.messageString}}'}
        api.client.put_gateway_response(restApiId=api.id, responseType=kind, responseTemplates=template)
    api.deploy()
    key = api.key(quota={"limit": 0, "period": "DAY"})
    api.update_stage(("/~1open/GET/throttling/rateLimit", "0"), ("/~1open/GET/throttling/burstLimit", "0"))

    assert api.get("/open").json() == {"code": "THROTTLED", "message": "Too Many Requests"}
    assert keyed(api, key).json() == {"code": "QUOTA_EXCEEDED", "message": "Limit Exceeded"}


def test_bucket_refills_at_its_rate_up_to_the_burst():
    now = [0.0]
    buckets = TokenBuckets(lambda: now[0])
    taken = [buckets.take(("x",), 2, 3) for _ in range(4)]
    now[0] = 0.5
    taken += [buckets.take(("x",), 2, 3) for _ in range(2)]
    now[0] = 100
    taken += [buckets.take(("x",), 2, 3) for _ in range(4)]

    assert taken == [True, True, True, False, True, False, True, True, True, False]


@pytest.mark.parametrize(
    ("period", "next_period"),
    [
        ("DAY", datetime(2026, 11, 19, tzinfo=UTC)),
        ("WEEK", datetime(2026, 11, 22, tzinfo=UTC)),
        ("MONTH", datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
def test_quota_begins_anew_with_its_period(period, next_period):
    now = [datetime(2026, 11, 18, 23, 59, tzinfo=UTC)]  # a Wednesday
    quotas = Quotas(lambda: now[0])
    quota = {"limit": 2, "offset": 1, "period": period}
    within = [quotas.count(("x",), quota) for _ in range(2)]
    now[0] = next_period
    within += [quotas.count(("x",), quota) for _ in range(3)]

    assert within == [True, False, True, True, False]
