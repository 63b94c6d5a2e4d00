"""What the contenders are started with."""

from pathlib import Path

import pytest

from benchmarks.contenders import localstack
from sandbox import engine_environment, processes
from sandbox.paths import DEVELOPMENT


@pytest.fixture
def sandbox_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("LOADSTACK_LAMBDA_METRICS", "1")
    environment = engine_environment.create(DEVELOPMENT, tmp_path, "127.0.0.1:4599", public="127.0.0.1:4599")
    return environment | {processes.MARK: "mark"}


def test_stock_has_nothing_that_makes_localstack_faster(sandbox_environment: dict[str, str]) -> None:
    stock = localstack.stock(sandbox_environment)
    assert stock["LOADSTACK_STOCK"] == "1"
    assert stock["LAMBDA_RUNTIME_EXECUTOR"] == "process"
    assert stock["GATEWAY_SERVER"] == "loopback"
    faster = {"IN_MEMORY_CLIENT", "LS_LOG", "PROVIDER_OVERRIDE_DYNAMODB", "LOADSTACK_PRELOAD"}
    assert faster <= set(sandbox_environment)
    assert not faster & set(stock)
    assert "LOADSTACK_LAMBDA_METRICS" not in stock


def test_stock_is_told_where_everything_is_and_its_mark(sandbox_environment: dict[str, str]) -> None:
    stock = localstack.stock(sandbox_environment)
    for name in (
        "GATEWAY_LISTEN",
        "LOADSTACK_DYNAMODB_LOCAL_DIR",
        "LOADSTACK_DYNAMODB_ARCHIVE",
        "LOADSTACK_JAVA",
        processes.MARK,
    ):
        assert stock[name] == sandbox_environment[name]


def test_variant_takes_its_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARIANT", "LOADSTACK_FRONT=0,LS_LOG=info")
    assert localstack.variant({"LS_LOG": "warning"}) == {"LS_LOG": "info", "LOADSTACK_FRONT": "0"}


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (["python", "-m", "localstack.runtime.main"], "emulator"),
        (["java", "-cp", "/x/DynamoDBLocal.jar:/x/DynamoDBLocal_lib/*", "LoopbackServer"], "dynamodb"),
        (["python", "_loadstack_runtime.py"], "functions"),
    ],
)
def test_kind_of_process(command: list[str], kind: str) -> None:
    assert localstack.kind(command) == kind
