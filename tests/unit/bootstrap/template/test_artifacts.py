"""Artifacts of a template: found and checked first, packed to the same bytes, named by their content."""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from bootstrap.errors import PackageError
from bootstrap.template import artifacts

FUNCTION = "AWS::Serverless::Function"
HASH = "9aaae62cccafbbf4554102b7c31b1abde1d286892a98d1571ab254b46e80da08"
CDK_BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"


def _template(kind: str = FUNCTION, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Orders": {"Type": kind, "Properties": properties}}}


def _property(template: dict[str, Any], name: str) -> Any:
    return template["Resources"]["Orders"]["Properties"][name]


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    (folder / "inner").mkdir(parents=True)
    (folder / "app.py").write_text("def handler(event, context): ...")
    (folder / "inner" / "tool").write_text("#!/bin/sh")
    (folder / "inner" / "tool").chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def client() -> Any:
    return boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def s3(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def _expect_upload(s3: Stubber, **expected: str) -> None:
    s3.add_client_error("head_object", "404", http_status_code=404)
    s3.add_response("put_object", {}, {"Bucket": "mine", "Key": ANY, "Body": ANY, **expected})


@pytest.mark.parametrize(
    ("kind", "name", "written"),
    [
        (FUNCTION, "CodeUri", lambda key: f"s3://mine/{key}"),
        ("AWS::Serverless::LayerVersion", "ContentUri", lambda key: f"s3://mine/{key}"),
        ("AWS::Lambda::Function", "Code", lambda key: {"S3Bucket": "mine", "S3Key": key}),
        ("AWS::Lambda::LayerVersion", "Content", lambda key: {"S3Bucket": "mine", "S3Key": key}),
    ],
)
def test_code_is_uploaded_and_its_address_written_as_the_type_wants_it(
    s3: Stubber, code: Path, kind: str, name: str, written: Callable[[str], Any]
) -> None:
    template = _template(kind, **{name: "code"})
    found = artifacts.find(template, code.parent)
    _expect_upload(s3)
    packaged = artifacts.upload(template, found, s3.client, "mine")
    key = hashlib.sha256(artifacts.pack(found[0])).hexdigest() + ".zip"
    assert _property(packaged, name) == written(key)
    assert _property(template, name) == "code", "the template that was given stays as it is"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("AWS::Serverless::Api", "DefinitionUri"),
        ("AWS::Serverless::StateMachine", "DefinitionUri"),
        ("AWS::ApiGateway::RestApi", "BodyS3Location"),
        ("AWS::StepFunctions::StateMachine", "DefinitionS3Location"),
    ],
)
def test_a_document_is_uploaded_as_it_is(s3: Stubber, tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / "api.yaml").write_text("openapi: 3.0.1")
    template = _template(kind, **{name: "./api.yaml"})
    found = artifacts.find(template, tmp_path)
    assert artifacts.pack(found[0]) == b"openapi: 3.0.1"
    _expect_upload(s3)
    written = _property(artifacts.upload(template, found, s3.client, "mine"), name)
    key = hashlib.sha256(b"openapi: 3.0.1").hexdigest() + ".yaml"
    assert written == (f"s3://mine/{key}" if name == "DefinitionUri" else {"Bucket": "mine", "Key": key})


def test_a_codeuri_of_the_globals_is_uploaded_once_for_all(s3: Stubber, code: Path) -> None:
    template = {"Globals": {"Function": {"CodeUri": "code"}}, **_template(Handler="app.handler")}
    found = artifacts.find(template, code.parent)
    assert [each.label for each in found] == ["Globals.Function.CodeUri"]
    _expect_upload(s3)
    packaged = artifacts.upload(template, found, s3.client, "mine")
    assert packaged["Globals"]["Function"]["CodeUri"].startswith("s3://mine/")


def test_an_asset_of_the_cdk_replaces_the_bucket_of_its_bootstrap(s3: Stubber, code: Path) -> None:
    template = _template("AWS::Lambda::Function", Code={"S3Bucket": {"Fn::Sub": "cdk-assets"}, "S3Key": "1.zip"})
    template["Resources"]["Orders"]["Metadata"] = {"aws:asset:path": "code", "aws:asset:property": "Code"}
    found = artifacts.find(template, code.parent)
    _expect_upload(s3)
    assert _property(artifacts.upload(template, found, s3.client, "mine"), "Code")["S3Bucket"] == "mine"


def _manifest(folder: Path, text: str | None = None) -> None:
    """As the CDK writes it, version 55."""
    where = {"bucketName": CDK_BUCKET, "objectKey": f"{HASH}.zip"}
    files = {HASH: {"source": {"path": "code", "packaging": "zip"}, "destinations": {"current-1": where}}}
    (folder / "Shop.assets.json").write_text(text or json.dumps({"version": "55.0.0", "files": files}))


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Lambda::Function", {"Code": {"S3Bucket": {"Fn::Sub": CDK_BUCKET}, "S3Key": f"{HASH}.zip"}}),
        (FUNCTION, {"CodeUri": {"Bucket": {"Fn::Sub": CDK_BUCKET}, "Key": f"{HASH}.zip"}}),
        (FUNCTION, {"CodeUri": {"Fn::Sub": f"s3://{CDK_BUCKET}/{HASH}.zip"}}),
    ],
)
def test_an_asset_without_metadata_is_found_in_the_manifest(code: Path, kind: str, properties: dict[str, Any]) -> None:
    assert artifacts.find(_template(kind, **properties), code.parent) == ()
    _manifest(code.parent)
    assert [each.path for each in artifacts.find(_template(kind, **properties), code.parent)] == [code]


@pytest.mark.parametrize("text", ["[]", '{"files": {"a": 1, "b": {"destinations": {"c": null}}}}'])
def test_a_manifest_of_nothing_finds_nothing(code: Path, text: str) -> None:
    _manifest(code.parent, text)
    template = _template("AWS::Lambda::Function", Code={"S3Bucket": "theirs", "S3Key": f"{HASH}.zip"})
    assert artifacts.find(template, code.parent) == ()


def test_a_manifest_that_is_none_is_told(code: Path) -> None:
    _manifest(code.parent, "{")
    with pytest.raises(PackageError, match=r"Shop\.assets\.json is no manifest of assets"):
        artifacts.find(_template(CodeUri="code"), code.parent)


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (FUNCTION, {"CodeUri": "s3://theirs/code.zip"}),
        (FUNCTION, {"CodeUri": {"Bucket": "theirs", "Key": "code.zip"}}),
        (FUNCTION, {"CodeUri": {"Ref": "Code"}}),
        (FUNCTION, {"InlineCode": "def handler(event, context): ..."}),
        ("AWS::Lambda::Function", {"Code": {"ZipFile": "def handler(event, context): ..."}}),
        ("AWS::Serverless::Api", {"DefinitionUri": "https://example.com/api.yaml"}),
        ("AWS::SQS::Queue", {"Code": "code"}),
    ],
)
def test_what_is_elsewhere_or_inline_is_left_alone(code: Path, kind: str, properties: dict[str, Any]) -> None:
    assert artifacts.find(_template(kind, **properties), code.parent) == ()


@pytest.mark.parametrize(
    "template", [{}, {"Resources": None}, {"Resources": {"A": None, "B": [], "C": {"Type": ["a"]}}}, {"Globals": 1}]
)
def test_what_is_no_template_names_no_files(template: dict[str, Any], tmp_path: Path) -> None:
    assert artifacts.find(template, tmp_path) == ()


def test_all_that_is_missing_is_told_at_once_a_line_each(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling" / "app.py").symlink_to(tmp_path / "nowhere")
    resources = {
        name: {"Type": FUNCTION, "Properties": {"CodeUri": path}}
        for name, path in {"A": "src/a", "B": "empty", "C": "dangling"}.items()
    }
    resources["D"] = {"Type": "AWS::Serverless::Api", "Properties": {"DefinitionUri": "empty"}}
    with pytest.raises(PackageError) as caught:
        artifacts.find({"Resources": resources}, tmp_path)
    assert caught.value.problems == (
        f"A.CodeUri: src/a: there is no such file or folder (looked for {tmp_path / 'src/a'}).",
        "B.CodeUri: empty: the folder is empty.",
        "C.CodeUri: dangling: app.py cannot be read.",
        "D.DefinitionUri: empty: is a folder, and must be a file.",
    )


def test_what_is_there_already_is_not_sent_again(s3: Stubber, code: Path) -> None:
    template = _template(CodeUri="code")
    s3.add_response("head_object", {}, {"Bucket": "mine", "Key": ANY, "ExpectedBucketOwner": "123456789012"})
    heard = []
    artifacts.upload(
        template,
        artifacts.find(template, code.parent),
        s3.client,
        "mine",
        owner="123456789012",
        progress=lambda label, what: heard.append((label, what)),
    )
    assert heard == [("Orders.CodeUri", "there")]


def test_a_bucket_of_somebody_else_gets_nothing(s3: Stubber, code: Path) -> None:
    template = _template(CodeUri="code")
    s3.add_client_error("head_object", "403", http_status_code=403)
    with pytest.raises(ClientError, match="403"):
        artifacts.upload(template, artifacts.find(template, code.parent), s3.client, "mine", owner="123456789012")


def test_a_folder_is_the_same_zip_whenever_it_was_written_and_python_ran(code: Path) -> None:
    (artifact,) = artifacts.find(_template(CodeUri="code"), code.parent)
    before = artifacts.pack(artifact)
    os.utime(code / "app.py", (0, 0))
    (code / "__pycache__").mkdir()
    (code / "__pycache__" / "app.cpython-313.pyc").write_bytes(b"compiled")
    assert artifacts.pack(artifact) == before
    (code / "app.py").write_text("changed")
    assert artifacts.pack(artifact) != before


def test_a_folder_keeps_links_and_what_is_executable(code: Path) -> None:
    (code / "shared.py").symlink_to(code / "app.py")
    (code / "upwards").symlink_to(code.parent)
    (artifact,) = artifacts.find(_template(CodeUri="code"), code.parent)
    with zipfile.ZipFile(io.BytesIO(artifacts.pack(artifact))) as archive:
        assert archive.namelist() == ["app.py", "inner/tool", "shared.py"]
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes == {"app.py": 0o644, "inner/tool": 0o755, "shared.py": 0o644}


def test_a_zip_is_taken_as_it_is_and_another_file_is_zipped(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("app.py", "def handler(event, context): ...")
    (tmp_path / "app.py").write_text("def handler(event, context): ...")
    (ready,) = artifacts.find(_template(CodeUri="code.zip"), tmp_path)
    (single,) = artifacts.find(_template(CodeUri="app.py"), tmp_path)
    assert artifacts.pack(ready) == (tmp_path / "code.zip").read_bytes()
    assert zipfile.ZipFile(io.BytesIO(artifacts.pack(single))).namelist() == ["app.py"]
