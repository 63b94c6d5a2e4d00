"""A sandbox that runs already: found, used, emptied; and what is told where there is none."""

import http.server
import threading

import pytest

from sandbox.host_engine import HostEngine
from tests.conftest import free_port
from tests.pytest_plugin.conftest import Suite


def test_session_goes_to_the_sandbox_whatever_the_users_own_settings_say(
    joined: Suite, engine: HostEngine, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile theirs]\nregion = eu-central-1\nendpoint_url = http://127.0.0.1:1\n")
    theirs = {
        "AWS_CONFIG_FILE": str(config),
        "AWS_PROFILE": "gone",
        "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "real",
        "AWS_MAX_ATTEMPTS": "9",
        "AWS_RETRY_MODE": "adaptive",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_S3_USE_ARN_REGION": "false",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "NO_PROXY": "",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)

    result = joined(f"""
        def test_clients_and_resources(aws, sandbox):
            assert sandbox.endpoint == "{engine.endpoint}"
            url = aws.client("sqs").create_queue(QueueName="joined")["QueueUrl"]
            queue = aws.resource("sqs").Queue(url)
            queue.send_message(MessageBody="hello")
            assert queue.receive_messages()[0].body == "hello"
            queue.delete()
            who = aws.client("sts").get_caller_identity()
            assert who["Account"] == sandbox.account
            assert aws.region_name == sandbox.region == "us-east-1"
            assert aws.get_credentials().access_key == "test"
            config = aws.client("s3").meta.config
            assert config.retries["mode"] == "legacy"
            assert config.retries.get("total_max_attempts") is None
            assert not config.use_fips_endpoint
            assert "use_arn_region" not in config.s3
    """)

    result.assert_outcomes(passed=1)


def test_environment_points_clients_of_the_code_under_test_at_the_sandbox(joined: Suite) -> None:
    result = joined("""
        import boto3

        def test_own_client(sandbox, monkeypatch):
            for name, value in sandbox.environment.items():
                monkeypatch.setenv(name, value)
            client = boto3.Session().client("sqs")
            assert client.meta.endpoint_url == sandbox.endpoint
            client.list_queues()
    """)

    result.assert_outcomes(passed=1)


def test_every_test_is_told_at_once_where_nothing_answers(suite: Suite) -> None:
    result = suite(
        """
        def test_one(sandbox): pass
        def test_two(aws): pass
        """,
        f"--loadstack-endpoint=http://127.0.0.1:{free_port()}",
    )

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        ["*Nothing answers at http://127.0.0.1:*: start the sandbox that --loadstack-endpoint names*"]
    )
    result.stdout.no_fnmatch_line("*During handling*")


@pytest.mark.parametrize("wrong", ["127.0.0.1:4566", "http://127.0.0.1:port"])
def test_endpoint_that_is_no_url_is_refused(suite: Suite, wrong: str) -> None:
    result = suite("def test_one(): pass", f"--loadstack-endpoint={wrong}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --loadstack-endpoint={wrong} is no URL of a sandbox*"])


class _AnotherEngine(http.server.BaseHTTPRequestHandler):
    """Takes requests, and has no route of ours."""

    def do_POST(self) -> None:
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_clean_state_needs_an_engine_that_can_be_emptied(suite: Suite) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _AnotherEngine) as server:
        threading.Thread(target=server.serve_forever).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        result = suite("def test_one(clean_state): pass", f"--loadstack-endpoint={endpoint}")
        server.shutdown()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [f"clean_state needs the engine of Loadstack, and {endpoint} is another one: *answers 404 there."]
    )


def test_no_checkout_is_told_with_what_to_do(suite: Suite, tmp_path) -> None:
    result = suite("def test_one(sandbox): pass", f"--loadstack-home={tmp_path}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*(--loadstack-home) is no checkout of Loadstack*LOADSTACK_HOME*"])


@pytest.mark.parametrize("named", ["LOADSTACK_ENDPOINT", "loadstack_endpoint"])
def test_wrong_endpoint_is_told_by_the_name_that_gave_it(
    suite: Suite, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    if named.isupper():
        monkeypatch.setenv(named, "here")
    else:
        pytester.makeini(f"[pytest]\n{named} = here\n")

    result = suite("def test_one(): pass")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {named}=here is no URL of a sandbox*"])
