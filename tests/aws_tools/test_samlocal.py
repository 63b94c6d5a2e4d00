"""``samlocal`` builds, deploys, updates and deletes an application on the engine, which does its work there."""

import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.aws_tools.conftest import Tools
from tests.conftest import Aws
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

APPLICATION = Path(__file__).with_name("sam_app")


@pytest.fixture
def app(tools: Tools) -> Tools:
    """The tools in a copy of the application."""
    shutil.copytree(APPLICATION, tools.folder, dirs_exist_ok=True)
    return tools


@pytest.fixture
def deploy(app: Tools, name: str, aws: Aws) -> Callable[[], dict[str, str]]:
    """Build the application and deploy it as the stack ``name``; returns the stack's outputs."""

    def run() -> dict[str, str]:
        app.samlocal("build")
        app.samlocal(
            *("deploy", "--stack-name", name, "--resolve-s3", "--capabilities", "CAPABILITY_IAM"),
            *("--no-confirm-changeset", "--no-progressbar"),
        )
        told = aws("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in told}

    return run


@pytest.fixture
def send(aws: Aws) -> Callable[[dict[str, str]], dict[str, Any]]:
    """Post a note and wait until it is stored; returns what the API answered."""

    def post(outputs: dict[str, str]) -> dict[str, Any]:
        note = {"id": uuid.uuid4().hex}
        answer = requests.post(outputs["Url"], json=note, timeout=30)
        assert answer.status_code == 202, answer.text
        key = {"id": {"S": note["id"]}}
        until(lambda: "Item" in aws("dynamodb").get_item(TableName=outputs["Table"], Key=key))
        content: dict[str, Any] = answer.json()
        return content

    return post


def test_application_is_built_deployed_changed_and_deleted(
    app: Tools,
    name: str,
    deploy: Callable[[], dict[str, str]],
    send: Callable[[dict[str, str]], dict[str, Any]],
    aws: Aws,
) -> None:
    app.samlocal("validate")
    outputs = deploy()
    assert send(outputs) == {"version": 1, "packaged": "tenacity"}

    source = app.folder / "src" / "app.py"
    source.write_text(source.read_text().replace("VERSION = 1", "VERSION = 2"))
    assert deploy() == outputs
    assert send(outputs) == {"version": 2, "packaged": "tenacity"}

    event = json.dumps({"body": '{"id": "from afar"}'})
    invoked = json.loads(app.samlocal("remote", "invoke", "Accept", "--stack-name", name, "--event", event))
    assert invoked["statusCode"] == 202
    assert until(lambda: "REPORT RequestId" in app.samlocal("logs", "--stack-name", name))

    app.samlocal("delete", "--stack-name", name, "--no-prompts")
    assert outputs["Table"] not in aws("dynamodb").list_tables()["TableNames"]
    functions = [each["FunctionName"] for each in aws("lambda").list_functions()["Functions"]]
    assert not [each for each in functions if each.startswith(name)]


def test_package_puts_the_code_into_a_bucket(app: Tools, name: str, aws: Aws) -> None:
    aws("s3").create_bucket(Bucket=name)
    app.samlocal("package", "--s3-bucket", name, "--output-template-file", "packaged.yaml", "--no-progressbar")

    packaged = (app.folder / "packaged.yaml").read_text()
    keys = [each["Key"] for each in aws("s3").list_objects_v2(Bucket=name)["Contents"]]
    assert len(keys) == 1  # both functions have the same code
    assert packaged.count(f"CodeUri: s3://{name}/{keys[0]}") == 2
