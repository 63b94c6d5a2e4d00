"""A template's checks together, but for cfn-lint, which takes seconds: as of a file that has passed it before."""

import hashlib
from pathlib import Path

import pytest

from sandbox.own_stack.checking import Checked, Wanted, check
from sandbox.own_stack.errors import TemplateError

BROKEN = "print 'as Python 2 had it'\n"
TEMPLATE = """
Parameters:
  Flag: {Type: String, AllowedValues: [true, false], Default: false}
Resources:
  Work:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: app.handler, Code: .}
  Script:
    Type: AWS::Lambda::Function
    Properties: {Runtime: nodejs22.x, Handler: index.handler, Code: node}
"""


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """The folder of a stack, with a function at its root and another one below."""
    (tmp_path / "app.py").write_text("def handler(event, context): ...\n")
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "index.js").write_text("")
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return tmp_path


def checked(stack: Path, **parameters: str) -> Checked:
    template = stack / "template.yaml"
    passed = hashlib.sha256(template.read_bytes() + b"False").hexdigest()
    return check(Wanted(str(template), parameters), {}, passed, None)


def write_broken(stack: Path, name: str) -> None:
    (stack / name).parent.mkdir(parents=True, exist_ok=True)
    (stack / name).write_text(BROKEN)


def test_the_default_that_is_sent_and_the_values_that_are_allowed_are_texts(stack: Path) -> None:
    found = checked(stack, Flag="true")
    assert found.parameters == {"Flag": "true"}
    assert found.template["Parameters"]["Flag"]["Default"] == "false"


@pytest.mark.parametrize("name", ["app.py", "shop/orders.py"])
def test_a_syntax_error_of_a_function_is_told(stack: Path, name: str) -> None:
    write_broken(stack, name)
    with pytest.raises(TemplateError, match=rf"template\.yaml: {name}:1: Missing parentheses"):
        checked(stack)


@pytest.mark.parametrize(
    "name",
    [
        ".venv/lib/python3.13/site-packages/old.py",
        "venv/lib/python3.13/site-packages/old.py",
        "node_modules/gyp/old.py",
        "tests/test_old.py",
        "vendor/old/core.py",
    ],
)
def test_what_an_installer_put_beside_the_code_may_be_as_it_is(stack: Path, name: str) -> None:
    (stack / "vendor" / "old-1.0.dist-info").mkdir(parents=True)
    write_broken(stack, name)
    assert checked(stack).artifacts


def test_python_beside_a_function_in_another_language_may_be_as_it_is(stack: Path) -> None:
    text = TEMPLATE.replace("Code: .", "Code: work")
    (stack / "template.yaml").write_text(text)
    (stack / "work").mkdir()
    (stack / "app.py").rename(stack / "work" / "app.py")
    write_broken(stack, "node/build.py")
    assert checked(stack).artifacts
