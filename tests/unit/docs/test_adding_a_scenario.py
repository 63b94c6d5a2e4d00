"""Follows docs/adding-a-scenario.md in a copy of the checkout; the new scenario's load runs against the fake stack."""

import json
import shlex
from pathlib import Path

import pytest

from tests.guide import ROOT, Checkout, copy_checkout, follow
from tests.loadtests.conftest import serving, unhurried

pytestmark = pytest.mark.xdist_group("adding-a-scenario")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def commands(checkout: Checkout) -> list[str]:
    """The document's commands, once its files are written."""
    return follow((ROOT / "docs" / "adding-a-scenario.md").read_text(), checkout.folder)


@pytest.mark.usefixtures("commands")
def test_result_passes_the_linters(checkout: Checkout) -> None:
    checkout.run("ruff", "check", "loadtests", "tests/loadtests")
    checkout.run("ruff", "format", "--check", "loadtests", "tests/loadtests")


def test_result_passes_its_tests(checkout: Checkout, commands: list[str]) -> None:
    (test,) = [command for command in commands if command.startswith("make test ")]
    arguments = shlex.split(shlex.split(test)[-1].removeprefix("ARGS="))
    checkout.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)


@pytest.mark.slow
def test_load_of_the_result_holds_its_rules(checkout: Checkout, commands: list[str], tmp_path: Path) -> None:
    (load,) = [command for command in commands if command.startswith("make load ")]
    words = (word.split("=", 1) for word in shlex.split(load)[2:])
    options = [f"--{name.lower()}={value}" for name, value in words]
    rules = tmp_path / "slo.toml"
    rules.write_text(unhurried((checkout.folder / "loadtests" / "slo.toml").read_text()))
    options += [f"--slo={rules}", f"--reports={tmp_path}"]
    with serving() as stack:
        checkout.run("python", "-m", "loadtests", *options, f"--host={stack.url}")
    summary = json.loads((tmp_path / "latest" / "summary.json").read_text())
    assert summary["sync"]["PUT /cart/items/{productId}"]["count"] == 50
    assert [entry["rule"] for entry in summary["slo"]][-1] == "run.dropped == 0"
