"""The CDK app of examples/cdk, synthesized: the whole template is in it, and what the app adds."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from bootstrap.template import artifacts, shop
from sandbox.paths import DEVELOPMENT, ROOT

pytestmark = pytest.mark.slow

ASSET = re.compile(r"s3://cdk-[a-z0-9]+-assets-\$\{AWS::AccountId\}-\$\{AWS::Region\}/(?P<file>[0-9a-f]{64}\.zip)")


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    found: dict[str, Any] = _plain(cfn_yaml.load(str(ROOT / shop.FILE)))
    return found


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory, template: dict[str, Any]) -> Path:
    """What the app makes of the committed template, with an archive of its own for each that it names."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "examples" / "cdk", checkout / "examples" / "cdk")
    shutil.copy(ROOT / shop.FILE, checkout)
    for path in _code(template).values():
        (checkout / path).parent.mkdir(parents=True, exist_ok=True)
        (checkout / path).write_text(path)
    command = [str(DEVELOPMENT.cdk_python), "app.py"]
    environment = {**os.environ, "CDK_OUTDIR": "cdk.out", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"}
    folder = checkout / "examples" / "cdk"
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return folder / "cdk.out"


@pytest.fixture(scope="module")
def synthesized(assembly: Path) -> dict[str, Any]:
    found: dict[str, Any] = _plain(json.loads((assembly / "Shop.template.json").read_text()))
    return found


def test_the_app_has_all_of_the_template_unchanged(template: dict[str, Any], synthesized: dict[str, Any]) -> None:
    for section in ("Parameters", "Conditions", "Outputs"):
        found = {name: each for name, each in synthesized[section].items() if name in template[section]}
        assert found == template[section]
    assert synthesized["Transform"] == template["Transform"]
    assert {name: _without_code(synthesized["Resources"].get(name)) for name in template["Resources"]} == {
        name: _without_code(each) for name, each in template["Resources"].items()
    }


def test_code_becomes_assets(template: dict[str, Any], synthesized: dict[str, Any], assembly: Path) -> None:
    addresses = _code(synthesized)
    for name, path in _code(template).items():
        address = ASSET.fullmatch(addresses[name]["Fn::Sub"])
        assert address, addresses[name]
        assert (assembly / f"asset.{address['file']}").read_text() == path


def test_what_is_synthesized_can_be_packaged(template: dict[str, Any], assembly: Path) -> None:
    found = artifacts.find(json.loads((assembly / "Shop.template.json").read_text()), assembly)
    assert {each.where[1] for each in found} == _code(template).keys()
    assert {each.path.read_text() for each in found} == set(_code(template).values())


def test_the_app_adds_a_queue_of_confirmed_orders_and_its_alarm(
    template: dict[str, Any], synthesized: dict[str, Any]
) -> None:
    added = {
        each["Type"]: each["Properties"]
        for name, each in synthesized["Resources"].items()
        if name not in template["Resources"]
    }
    assert set(added) >= {
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        "AWS::SNS::Subscription",
        "AWS::CloudWatch::Alarm",
    }
    assert added["AWS::SNS::Subscription"]["FilterPolicy"] == {"stage": ["confirmed"]}
    assert added["AWS::SNS::Subscription"]["TopicArn"] == {"Ref": "OrderEventsTopic"}
    assert added["AWS::CloudWatch::Alarm"]["AlarmActions"] == [{"Ref": "AlarmsTopic"}]


def _code(template: dict[str, Any]) -> dict[str, Any]:
    """Where each function and layer has its code, by logical id."""
    found = {}
    for name, each in template["Resources"].items():
        properties = each.get("Properties", {})
        for key in ("CodeUri", "ContentUri"):
            if key in properties:
                found[name] = properties[key]
    return found


def _without_code(resource: Any) -> Any:
    properties = {
        name: value for name, value in resource.get("Properties", {}).items() if name not in ("CodeUri", "ContentUri")
    }
    waits = resource.get("DependsOn", [])
    return {**resource, "Properties": properties, "DependsOn": sorted([waits] if isinstance(waits, str) else waits)}


def _plain(value: Any) -> Any:
    """One form for what CloudFormation reads as the same: `Fn::GetAtt` as a list, texts without their white space."""
    match value:
        case {"Fn::GetAtt": str(path)} if len(value) == 1:
            return {"Fn::GetAtt": path.split(".", 1)}
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case str():
            return " ".join(value.split())
        case _:
            return value
