"""The bucket that code and templates are uploaded to: one for each account and region, made where it is not there.

What S3 gives a new bucket is what it needs: encrypted, no access lists, nothing public
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html).
"""

from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws_plan.account import Account
from sandbox.aws_plan.errors import AwsError

_ABSENT = {"404", "NoSuchBucket", "NotFound"}
_CLASSIC_REGION = "us-east-1"  # the only one that S3 refuses to be told


def name_of(account: Account) -> str:
    return f"loadstack-artifacts-{account.id}-{account.region}"


def ensure(s3: Any, account: Account) -> bool:
    """Make the bucket unless it is there; whether it was made.

    Raises:
        AwsError: somebody else has a bucket of that name, or the caller may not use it.
        ClientError: S3 refused for another reason.
    """
    name = name_of(account)
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=account.id)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "403":
            raise _not_ours(name, account) from error
        if code not in _ABSENT:
            raise
    else:
        return False
    where: dict[str, Any] = {}
    if account.region != _CLASSIC_REGION:
        where["CreateBucketConfiguration"] = {"LocationConstraint": account.region}
    try:
        s3.create_bucket(Bucket=name, **where)
    except s3.exceptions.BucketAlreadyExists as error:
        raise _not_ours(name, account) from error
    return True


def _not_ours(name: str, account: Account) -> AwsError:
    return AwsError(f"The bucket {name} is not {account.id}'s, or {account.caller} may not use it (s3:ListBucket).")
