"""Follows docs/adding-a-service.md in a copy of the checkout, as far as it goes without LocalStack."""

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.guide import GUIDE, ROOT, Checkout, GuideError, copy_checkout, follow

pytestmark = pytest.mark.xdist_group("adding-a-service")


@pytest.fixture(scope="module")
def commands(checkout: Checkout) -> list[str]:
    """The document's commands; its files are written, and what is not make's is done."""
    commands = follow((ROOT / GUIDE).read_text(), checkout.folder)
    for command in commands:
        if not command.startswith("make "):
            subprocess.run(command, shell=True, cwd=checkout.folder, check=True)
    return commands


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


def test_commands_are_those_that_these_tests_run(commands: list[str]) -> None:
    assert [command.split()[1] for command in commands if command.startswith("make ")] == [
        "openapi",
        "template",
        "lint",
        "test",
        "up",
    ]


@pytest.mark.usefixtures("commands")
@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "functions", "bootstrap", "tests/unit/functions"),
        ("ruff", "format", "--check", "functions", "bootstrap", "tests/unit/functions"),
        ("lint-imports",),
    ],
    ids=" ".join,
)
def test_result_passes_the_linters(checkout: Checkout, command: tuple[str, ...]) -> None:
    checkout.run(*command)


@pytest.mark.usefixtures("commands")
def test_new_service_is_under_the_import_rules(checkout: Checkout) -> None:
    api = checkout.folder / "functions" / "returns" / "api.py"
    source = api.read_text()
    api.write_text(f"import users.api\n{source}")
    try:
        with pytest.raises(AssertionError, match="no service imports another BROKEN"):
            checkout.run("lint-imports")
    finally:
        api.write_text(source)


@pytest.mark.usefixtures("commands")
def test_result_is_described(checkout: Checkout) -> None:
    checkout.run("python", "-m", "openapi")
    assert "\n  /returns/{orderId}:\n" in (checkout.folder / "docs" / "openapi.yaml").read_text()
    template = checkout.run("python", "-c", "from bootstrap.template import shop; print(shop.render())").stdout
    assert "\n  ReturnsFunction:\n" in template


def test_result_passes_its_tests(checkout: Checkout, commands: list[str]) -> None:
    (test,) = [command for command in commands if command.startswith("make test ")]
    arguments = shlex.split(shlex.split(test)[-1].removeprefix("ARGS="))
    checkout.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)


@pytest.mark.parametrize(
    ("guide", "said"),
    [
        ("```python\nx = 1\n```\n", "1 blocks of code, and 0 of them say which file"),
        ("`a.py`:\n\n```python\nx = 1\n```\n", "a.py is there already"),
        ("`a.py`, after `z = 1`:\n\n```python\nx = 1\n```\n", "has not one line 'z = 1'"),
        ("`b.py`, before `y = 1`:\n\n```python\nx = 1\n```\n", "has not one line 'y = 1'"),
    ],
)
def test_document_that_cannot_be_followed_is_told(guide: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("y = 1\n")
    with pytest.raises(GuideError, match=said):
        follow(guide, tmp_path)
