"""The main processes of the containers, as far as they need none."""

import subprocess
import sys

import pytest

from sandbox import container, load
from sandbox.errors import EXIT_USAGE, UsageError
from sandbox.paths import ROOT


@pytest.mark.parametrize("data", ["", "memory"])
def test_tables_are_in_memory_unless_a_volume_is_asked_for(data: str) -> None:
    assert container.storage({"DATA": data}) == {}


def test_tables_of_a_volume_are_in_a_folder_that_outlives_the_container() -> None:
    settings = container.storage({"DATA": "volume"})

    assert settings["DYNAMODB_IN_MEMORY"] == "0"
    assert settings["LOADSTACK_DYNAMODB_DATA"].endswith("/.loadstack/data")


def test_unknown_storage_is_told_in_a_line(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA", "disk")

    assert container.main(["serve"]) == EXIT_USAGE
    assert capfd.readouterr().err == "error: DATA=disk is unknown: use DATA=memory or DATA=volume.\n"


def test_switches_of_the_engine_come_in_one_variable() -> None:
    assert container.switches("") == {}
    assert container.switches("LOADSTACK_TMP=0 'LOADSTACK_DEBUG=a b'") == {
        "LOADSTACK_TMP": "0",
        "LOADSTACK_DEBUG": "a b",
    }


@pytest.mark.parametrize("words", ["TMP=0", "LOADSTACK_TMP", "'LOADSTACK_TMP=0"])
def test_switch_that_is_none_is_told(words: str) -> None:
    with pytest.raises(UsageError, match="ENGINE_SWITCHES"):
        container.switches(words)


def test_wrong_word_for_locusts_page_ends_the_container_before_locust_starts() -> None:
    command = [sys.executable, "-m", "sandbox.container", "locust-master"]
    environment = {"RATE": "many", "HOST": "http://localstack.localhost:4566"}

    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert ended.returncode == EXIT_USAGE
    assert "RATE=many" in ended.stderr


def test_rate_is_shared_out_to_a_user_for_each_worker_container() -> None:
    assert load.page_options({"RATE": "20", "WORKERS": "4", "SCENARIO": "checkout"}) == [
        "--scenario=checkout",
        "--rate=5.0",
        "--users=4",
    ]
