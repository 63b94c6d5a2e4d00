"""Handlers whose file is not there."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.own_stack.handlers import missing

LAMBDA = {"Type": "AWS::Lambda::Function"}
SAM = {"Type": "AWS::Serverless::Function"}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    (folder / "pkg" / "inner").mkdir(parents=True)
    (folder / "empty").mkdir()
    for name in ("app.py", "pkg/__init__.py", "pkg/app.py", "pkg/inner/__init__.py"):
        (folder / name).touch()
    return folder


def told(code: Path, handler: Any, **properties: Any) -> list[str]:
    resource = {**LAMBDA, "Properties": {"Runtime": "python3.13", "Handler": handler, "Code": "code", **properties}}
    template = {"Resources": {"Loop": [], "Work": resource}}
    return list(missing(template, {("Resources", "Work", "Properties", "Code"): (code,)}))


@pytest.mark.parametrize(
    "handler", ["app.handler", "app.sumbit", "pkg.app.handler", "pkg/app.handler", "pkg.handler", "pkg.inner.handler"]
)
def test_a_file_that_is_there_is_enough(code: Path, handler: str) -> None:
    assert told(code, handler) == []


@pytest.mark.parametrize(
    ("handler", "file"), [("ap.work", "ap.py"), ("pkg.ap.work", "pkg/ap.py"), ("empty.work", "empty.py")]
)
def test_a_file_that_is_not_there_is_told(code: Path, handler: str, file: str) -> None:
    assert told(code, handler) == [f"Work.Handler: {handler}: there is no {file} in {code}."]


@pytest.mark.parametrize(
    "properties",
    [
        {"Layers": [{"Ref": "Shared"}]},
        {"Runtime": "nodejs22.x"},
        {"Runtime": {"Ref": "Which"}},
        {"Handler": {"Ref": "H"}},
    ],
)
def test_what_may_be_elsewhere_is_left_alone(code: Path, properties: dict[str, Any]) -> None:
    assert told(code, "ap.work", **properties) == []


def test_code_handler_and_layers_of_sams_globals(code: Path) -> None:
    common = {"Runtime": "python3.13", "Handler": "ap.work", "CodeUri": "code"}
    resources = {
        "One": SAM,
        "Right": {**SAM, "Properties": {"Handler": "app.work"}},
        "Inline": {**SAM, "Properties": {"InlineCode": "def work(event, context): ..."}},
    }
    folders = {("Globals", "Function", "CodeUri"): (code,)}

    def lines(**more: Any) -> list[str]:
        return list(missing({"Globals": {"Function": {**common, **more}}, "Resources": resources}, folders))

    assert [line.split(":")[0] for line in lines()] == ["One.Handler"]
    assert lines(Layers=["arn"]) == []
