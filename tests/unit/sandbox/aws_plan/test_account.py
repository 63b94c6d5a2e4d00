"""Whose account it is: by real configuration files where those are what goes wrong, else by AWS's answers."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoRegionError, UnauthorizedSSOTokenError

from sandbox.aws_plan import account as accounts
from sandbox.errors import SandboxError, SetupError, UsageError
from tests.unit.sandbox.aws_plan.conftest import ACCOUNT, CALLER, Stub

IDENTITY = {"Account": ACCOUNT, "Arn": CALLER, "UserId": "AIDAEXAMPLE"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without any AWS configuration but what the test writes."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


def _session(stub: Stub, **changed: Any) -> Any:
    credentials = SimpleNamespace(get_frozen_credentials=lambda: SimpleNamespace(access_key="AKIAEXAMPLE"))
    known = {
        "region_name": "eu-west-1",
        "get_credentials": lambda: credentials,
        "get_available_partitions": lambda: ["aws", "aws-cn"],
        "get_available_regions": lambda service, partition: {"aws": ["eu-west-1"], "aws-cn": ["cn-north-1"]}[partition],
        "client": lambda service, config: stub(service).client,
    }
    return SimpleNamespace(**{**known, **changed})


def test_the_account_is_what_sts_says(stub: Stub) -> None:
    stub("sts").add_response("get_caller_identity", IDENTITY)
    found = accounts.of_user(_session(stub), "work")
    assert (found.id, found.caller, found.region) == (ACCOUNT, CALLER, "eu-west-1")
    assert found.options == "--region eu-west-1 --profile work"


def test_no_credentials(home: Path) -> None:
    with pytest.raises(SetupError, match=r"no AWS credentials: run aws configure"):
        accounts.of({"AWS_REGION": "eu-west-1"}, None)


def test_a_profile_that_there_is_not(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "wrok")
    with pytest.raises(SetupError, match=r"wrok.*AWS_PROFILE names none of your profiles"):
        accounts.of({}, None)


@pytest.mark.parametrize(
    ("region", "said"),
    [
        (None, "There is no AWS region"),
        ("eu-wst-1", r"eu-wst-1 is no region .* did you mean AWS_REGION=eu-west-1\?"),
        ("Ireland", "Ireland is no region"),
    ],
)
def test_a_region_that_is_none(home: Path, monkeypatch: pytest.MonkeyPatch, region: str | None, said: str) -> None:
    (home / "credentials").write_text("[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n")
    with pytest.raises(SetupError, match=said):
        accounts.of({"AWS_REGION": region} if region else {}, None)


@pytest.mark.parametrize("key", ["test", "LSIAQAAAAAAVNCBMPNSG", "LKIAQAAAAAAAKRMCZ7NQ"])
def test_an_emulators_credentials_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with pytest.raises(UsageError, match=r"an emulator's .* or unset AWS_ACCESS_KEY_ID; or say ENDPOINT="):
        accounts.of({"AWS_REGION": "eu-west-1"}, None)


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_a_profile_that_is_named_goes_before_the_keys_of_the_shell(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    (home / "credentials").write_text("[work]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n")
    for name, value in {variable: "work", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(name, value)
    planned: list[tuple[str, str | None]] = []

    def of_user(session: Any, profile: str | None) -> None:
        planned.append((session.get_credentials().access_key, profile))

    monkeypatch.setattr(accounts, "of_user", of_user)
    accounts.of({variable: "work"}, None)
    assert planned == [("AKIAEXAMPLE", "work")]


def test_an_emulators_account_is_refused(stub: Stub) -> None:
    stub("sts").add_response("get_caller_identity", {**IDENTITY, "Account": "000000000000"})
    with pytest.raises(UsageError, match=r"an emulator, and no account of AWS's"):
        accounts.of_user(_session(stub))


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_another_endpoint_in_the_environment_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name}=http://127.0.0.1:4566 is set"):
        accounts.of({name: "http://127.0.0.1:4566"}, None)


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        ("ExpiredToken", "The security token included in the request is expired", "session has expired"),
        ("InvalidClientTokenId", "The security token is invalid", "does not know these credentials"),
        ("SignatureDoesNotMatch", "Signature expired: 2026 is now earlier than 2027", "set this machine's clock"),
        ("SignatureDoesNotMatch", "The signature we calculated does not match", "does not know these credentials"),
        ("OptInRequired", "You are not subscribed to this service", "not signed up"),
        ("AccessDenied", "User: x is not authorized to perform: y", "GetCallerIdentity is not allowed: User: x"),
        ("Throttling", "Rate exceeded", "takes no more requests now"),
        ("InternalFailure", "", "GetCallerIdentity: InternalFailure"),
    ],
)
def test_what_aws_refuses_is_one_line_with_what_to_do(stub: Stub, code: str, message: str, said: str) -> None:
    stub("sts").add_client_error("get_caller_identity", code, message)
    with pytest.raises(SandboxError, match=said) as caught:
        accounts.of_user(_session(stub))
    assert "\n" not in str(caught.value)


def _raising(error: Exception) -> Callable[[], None]:
    def get_credentials() -> None:
        raise error

    return get_credentials


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UnauthorizedSSOTokenError(), "credentials cannot be had .* aws sso login"),
        (NoRegionError(), "There is no AWS region"),
        (EndpointConnectionError(endpoint_url="https://sts.eu-west-1.amazonaws.com"), "AWS does not answer"),
    ],
)
def test_what_botocore_cannot_do_is_one_line_with_what_to_do(stub: Stub, error: Exception, said: str) -> None:
    with pytest.raises(SetupError, match=said):
        accounts.of_user(_session(stub, get_credentials=_raising(error)))
