from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from sandbox.aws_plan import bucket
from sandbox.aws_plan.account import Account
from sandbox.aws_plan.errors import AwsError
from tests.unit.sandbox.aws_plan.conftest import ACCOUNT, Stub

NAME = f"loadstack-artifacts-{ACCOUNT}-eu-west-1"
OWNED = {"Bucket": NAME, "ExpectedBucketOwner": ACCOUNT}


def test_a_bucket_that_is_there_is_used(stub: Stub, account: Account) -> None:
    stub("s3").add_response("head_bucket", {}, OWNED)
    assert not bucket.ensure(stub("s3").client, account)


def test_a_bucket_is_made_in_its_region(stub: Stub, account: Account) -> None:
    stub("s3").add_client_error("head_bucket", "404")
    where = {"LocationConstraint": "eu-west-1"}
    stub("s3").add_response("create_bucket", {}, {"Bucket": NAME, "CreateBucketConfiguration": where})
    assert bucket.ensure(stub("s3").client, account)


def test_the_first_region_is_not_named(stub: Stub, account: Account) -> None:
    stub("s3").add_client_error("head_bucket", "404")
    stub("s3").add_response("create_bucket", {}, {"Bucket": NAME.replace("eu-west-1", "us-east-1")})
    assert bucket.ensure(stub("s3").client, replace(account, region="us-east-1"))


def test_a_bucket_of_somebody_else_is_refused(stub: Stub, account: Account) -> None:
    stub("s3").add_client_error("head_bucket", "403")
    with pytest.raises(AwsError, match=f"{NAME} is not {ACCOUNT}'s"):
        bucket.ensure(stub("s3").client, account)
    stub("s3").add_client_error("head_bucket", "404")
    stub("s3").add_client_error("create_bucket", "BucketAlreadyExists")
    with pytest.raises(AwsError, match=f"{NAME} is not {ACCOUNT}'s"):
        bucket.ensure(stub("s3").client, account)


def test_another_refusal_is_not_taken_for_a_missing_bucket(stub: Stub, account: Account) -> None:
    stub("s3").add_client_error("head_bucket", "500")
    with pytest.raises(ClientError, match="500"):
        bucket.ensure(stub("s3").client, account)
