"""Routes below ``/_loadstack`` that there are not, and methods that those there are do not take."""

import pytest
import requests


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_wrong_method(engine, method):
    answer = requests.request(method, f"{engine.endpoint}/_loadstack/reset", timeout=5)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/health/more"])
def test_unknown_route(engine, path):
    answer = requests.get(f"{engine.endpoint}/_loadstack{path}", timeout=5)

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


def test_known_routes_refuse_what_writes(engine):
    for name in ("health", "functions"):
        answer = requests.post(f"{engine.endpoint}/_loadstack/{name}", timeout=5)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_usage_has_all_its_sections(engine):
    told = requests.get(f"{engine.endpoint}/_loadstack/usage", timeout=5).json()

    assert set(told) == {
        "since", "api_gateway", "lambda", "dynamodb", "sqs", "sns", "events", "scheduler", "states", "s3", "logs",
        "cloudwatch", "ses", "secretsmanager",
    }  # fmt: skip
    assert {"alarms", "dashboards", "custom_metrics"} >= set(told["cloudwatch"])
