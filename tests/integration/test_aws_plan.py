"""make aws-plan on a real CloudFormation, LocalStack's: the template is uploaded and planned, nothing is executed."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from sandbox.aws_plan import command
from sandbox.errors import EXIT_OK
from tests.conftest import Aws

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STACK = "planned-shop"
ACCOUNT = "000000000000"
BUCKET = f"loadstack-artifacts-{ACCOUNT}-us-east-1"


@pytest.fixture
def dropped(aws: Aws) -> Iterator[None]:
    """Leaves neither the stack nor the bucket."""
    yield
    aws("cloudformation").delete_stack(StackName=STACK)
    for each in aws("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        aws("s3").delete_object(Bucket=BUCKET, Key=each["Key"])
    aws("s3").delete_bucket(Bucket=BUCKET)


@pytest.mark.usefixtures("dropped")
def test_a_plan_is_a_change_set_that_nobody_executes(aws: Aws, endpoint: str) -> None:
    functions = aws("lambda").list_functions()["Functions"]
    words = {"ENDPOINT": endpoint, "STACK": STACK, "FLOW": "saga"}
    text = io.StringIO()
    assert command.run({**words, "CONFIRM": ACCOUNT}, Console(file=text, soft_wrap=True)) == EXIT_OK
    (summary,) = aws("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
    (stack,) = aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    assert (summary["Status"], stack["StackStatus"]) == ("CREATE_COMPLETE", "REVIEW_IN_PROGRESS")
    assert summary["ChangeSetId"] in text.getvalue()
    assert {"OrdersFunction", "OrdersTable", "OrderSagaStateMachine"} <= set(text.getvalue().split())
    assert aws("lambda").list_functions()["Functions"] == functions
    objects = {each["Key"].rsplit(".", 1)[1] for each in aws("s3").list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert objects == {"zip", "json"}
