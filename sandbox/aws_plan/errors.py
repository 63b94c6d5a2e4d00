"""What AWS, or the way to it, refuses, as one line with what to do.

SandboxError
├── SetupError   credentials, region or network: nothing was asked of the account yet
└── AwsError     AWS answered, and refused or failed
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.errors import SandboxError, SetupError

_HOW_TO_LOG_IN = "run aws configure or aws sso login, or name another profile: AWS_PROFILE=…"
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_UNKNOWN = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"}
_THROTTLED = {"Throttling", "ThrottlingException", "SlowDown", "RequestLimitExceeded"}
_LOG_IN_AGAIN = (
    exceptions.LoginError,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
    exceptions.CredentialRetrievalError,
)
_UNREACHABLE = (exceptions.HTTPClientError, exceptions.ConnectionError)


class AwsError(SandboxError):
    """AWS refused, or what was asked of it failed."""


@contextmanager
def explained() -> Iterator[None]:
    """What botocore raises within is raised as one of the errors above."""
    try:
        yield
    except ClientError as error:
        raise _of_answer(error) from error
    except BotoCoreError as error:
        raise _of_client(error) from error


def _of_answer(error: ClientError) -> SandboxError:
    code = error.response["Error"].get("Code", "")
    message = " ".join(error.response["Error"].get("Message", "").split()).rstrip(".") or code
    if code in _EXPIRED:
        return SetupError(f"Your AWS session has expired: {_HOW_TO_LOG_IN}.")
    if code == "SignatureDoesNotMatch" and "expired" in message.lower():
        return SetupError(f"AWS finds the request too old or too new ({message}): set this machine's clock.")
    if code == "RequestTimeTooSkewed":
        return SetupError(f"AWS finds this machine's clock wrong ({message}): set it.")
    if code in _UNKNOWN:
        return SetupError(
            f"AWS does not know these credentials ({code}), or the region is not enabled in the account: "
            f"{_HOW_TO_LOG_IN}, or use another region: AWS_REGION=…"
        )
    if code == "OptInRequired":
        return SetupError(f"The account is not signed up for this, or not for this region: {message}.")
    if code in _DENIED:
        return AwsError(
            f"{error.operation_name} is not allowed: {message}. docs/deploying-to-aws.md lists what it takes."
        )
    if code in _THROTTLED:
        return AwsError(f"{error.operation_name}: AWS takes no more requests now ({message}): run it again later.")
    return AwsError(f"{error.operation_name}: {code}: {message}.")


def _of_client(error: BotoCoreError) -> SandboxError:
    said = " ".join(str(error).split()).rstrip(".")
    match error:
        case exceptions.NoCredentialsError():
            return no_credentials()
        case exceptions.NoRegionError():
            return no_region()
        case exceptions.ProfileNotFound():
            return SetupError(f"{said}: AWS_PROFILE names none of your profiles (aws configure list-profiles).")
        case _ if isinstance(error, _LOG_IN_AGAIN):
            return SetupError(f"Your AWS credentials cannot be had ({said}): {_HOW_TO_LOG_IN}.")
        case _ if isinstance(error, _UNREACHABLE):
            return SetupError(f"AWS does not answer: {said}. Check AWS_REGION, the network and the proxy.")
        case _:
            return SetupError(f"Your AWS configuration does not work: {said}.")


def no_credentials() -> SetupError:
    return SetupError(f"There are no AWS credentials: {_HOW_TO_LOG_IN}.")


def no_region() -> SetupError:
    return SetupError("There is no AWS region: name one, AWS_REGION=eu-west-1, or give your profile one.")
