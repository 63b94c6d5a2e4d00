"""What is wrong with a user's template is told in a line, before anything starts."""

import sys
from pathlib import Path

import pytest

from sandbox import cli

pytestmark = pytest.mark.slow  # cfn-lint: seconds of import

CODE = "def handler(event, context):\n    return {}\n"
GOOD = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: app.handler, CodeUri: src}
  First: {Type: AWS::SQS::Queue}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    Type: AWS::Serverless", "   Type: AWS::Serverless", ":6:15: mapping values are not allowed here."),
        ("CodeUri: src", "CodeUri: srx", ": Work.CodeUri: srx: there is no such file or folder"),
        ("AWS::SQS::Queue}", "AWS::Cognito::UserPool}", ": First: AWS::Cognito::UserPool is not supported here."),
        ("AWS::SQS::Queue}", "AWS::SQS::Queu}", "AWS::SQS::Queu"),
        (
            "CodeUri: src",
            "CodeUri: src, Events: {Get: {Type: HttpApi}}",
            "AWS::ApiGatewayV2::Api is not supported here",
        ),
        ("First: {Type: AWS::SQS::Queue}", "First: {Type: AWS::SQS::Queue, DependsOn: Nobody}", "Nobody"),
        (
            "First: {Type: AWS::SQS::Queue}",
            "First: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt First.QueueName}}",
            "Circular Dependencies for resource First",
        ),
        (
            "Resources:",
            "Parameters: {Stage: {Type: String}}\nResources:",
            "Parameter Stage has no value",
        ),
        ("Resources:", "Parameters: [Stage]\nResources:", "template.yaml: Parameters must be a mapping"),
        ("python3.13", "nodejs22.x", "a function in nodejs22.x cannot run here"),
    ],
    ids=["indent", "file", "unsupported", "type", "http-api", "name", "circle", "parameter", "shape", "runtime"],
)
def test_each_mistake_is_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    told: str,
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)
    template = tmp_path / "template.yaml"
    template.write_text(GOOD.replace(old, new))
    run = tmp_path / "run"
    monkeypatch.setattr("sandbox.target.RUN", run)  # of a checkout where nothing runs
    monkeypatch.setattr("sandbox.own_stack.up.CHANGING", tmp_path / "changing.lock")
    assert template.read_text() != GOOD
    monkeypatch.delenv("PAYMENT_PROVIDER", raising=False)  # other tests, in the same process, set it for functions
    monkeypatch.setenv("TEMPLATE", str(template))
    monkeypatch.setattr(sys, "argv", ["sandbox", "up"])
    assert cli.main() == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line]
    assert all(line.startswith("error: ") for line in lines)
    assert told in lines[0], lines
    assert not run.exists(), "nothing was started"
