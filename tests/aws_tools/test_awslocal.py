"""``awslocal`` finds the engine at its own default address, and wherever its variables say."""

from urllib.parse import urlsplit

import pytest

from sandbox.preflight import DEFAULT_PORT
from tests.aws_tools.conftest import Tools
from tests.conftest import Aws

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TEMPLATE = """
Resources:
  Site:
    Type: AWS::S3::Bucket
  Greet:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      Code: code
      Role: arn:aws:iam::000000000000:role/test
"""


def test_default_is_the_sandboxs_own_address(tools: Tools) -> None:
    program = "from localstack_client import config; print(config.get_service_endpoint('sqs'))"
    assert tools.run("python", "-c", program).strip() == f"http://localhost:{DEFAULT_PORT}"


@pytest.mark.parametrize("variable", ["LOCALSTACK_HOST", "AWS_ENDPOINT_URL"])
def test_variable_names_another_port(tools: Tools, name: str, aws: Aws, variable: str) -> None:
    # By the name, as awslocal's default has it: the engine listens on 127.0.0.1 alone.
    place = f"localhost:{urlsplit(tools.endpoint).port}"
    where = {variable: place if variable == "LOCALSTACK_HOST" else f"http://{place}"}
    (tools.folder / "file").write_text("from awslocal")
    tools.run("awslocal", "s3", "mb", f"s3://{name}", **where)
    tools.run("awslocal", "s3", "cp", "file", f"s3://{name}/", **where)
    told = tools.run("awslocal", "s3api", "list-objects-v2", "--bucket", name, "--query", "Contents[].Key", **where)

    assert '"file"' in told
    assert aws("s3").get_object(Bucket=name, Key="file")["Body"].read() == b"from awslocal"


def test_cloudformation_template_is_packaged_and_deployed(tools: Tools, name: str, aws: Aws) -> None:
    where = {"AWS_ENDPOINT_URL": tools.endpoint}
    (tools.folder / "code").mkdir()
    (tools.folder / "code" / "app.py").write_text("def handler(event, context):\n    return 'greetings'\n")
    (tools.folder / "template.yaml").write_text(TEMPLATE)
    aws("s3").create_bucket(Bucket=name)
    cloudformation = ("awslocal", "cloudformation")
    package = ("package", "--template-file", "template.yaml", "--s3-bucket", name)
    tools.run(*cloudformation, *package, "--output-template-file", "packaged.yaml", **where)
    tools.run(*cloudformation, "deploy", "--template-file", "packaged.yaml", "--stack-name", name, **where)

    resources = aws("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}
    assert aws("lambda").invoke(FunctionName=ids["Greet"])["Payload"].read() == b'"greetings"'
    aws("cloudformation").delete_stack(StackName=name)
