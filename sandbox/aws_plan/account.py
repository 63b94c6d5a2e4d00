"""Whose account a deployment goes to: that of the user's own credentials, or what stands in for AWS at ``ENDPOINT``.

The only place where the user's own AWS configuration is read: see `bootstrap.clients`, which never does. So it is held
against what is set for sandboxes in many a shell: an endpoint of another kind, or LocalStack's credentials.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import boto3
from botocore.config import Config

from bootstrap.clients import Clients
from bootstrap.template.shop import EMULATORS_ACCOUNT
from sandbox.aws_plan.errors import explained, no_credentials, no_region
from sandbox.errors import SetupError, UsageError

_EMULATORS_KEYS = ("test", "LKIA", "LSIA")  # LocalStack's own begin with the latter two
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=10,
    ignore_configured_endpoint_urls=True,  # type: ignore[call-arg]  # missing in its stubs
)

type Client = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Account:
    """An account as `caller` (an ARN) in one region. `options` are what the AWS CLI needs to go to the same one."""

    id: str
    caller: str
    region: str
    options: str
    client: Client


def of(environment: Mapping[str, str], endpoint: str | None) -> Account:
    """The account that the user's credentials are of, or that `endpoint` says it is.

    Raises:
        SetupError: no credentials, none that AWS takes, no region, or nothing answers.
        UsageError: credentials or endpoints of an emulator, without ENDPOINT.
    """
    if endpoint:
        return _at_endpoint(Clients(endpoint))
    _refuse_other_endpoints(environment)
    profile = environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or None
    with explained():
        # Named here: of a profile in the environment alone, boto3 takes the region, and the keys of the environment.
        session = boto3.session.Session(profile_name=profile, region_name=environment.get("AWS_REGION") or None)
        return of_user(session, profile)


def of_user(session: Any, profile: str | None = None) -> Account:
    """The account of a session of boto3's, which is of this `profile`: see :func:`of`."""
    with explained():
        credentials = session.get_credentials()
        if credentials is None:
            raise no_credentials()
        if credentials.get_frozen_credentials().access_key.startswith(_EMULATORS_KEYS):
            raise UsageError(
                "Your AWS credentials are an emulator's (AWS_ACCESS_KEY_ID or the profile): name a profile of your "
                "account's, AWS_PROFILE=…, or unset AWS_ACCESS_KEY_ID; or say ENDPOINT=http://… to plan there."
            )
        region = _checked_region(session)
        caller = session.client("sts", config=_CONFIG).get_caller_identity()
    if caller["Account"] == EMULATORS_ACCOUNT:
        raise UsageError("What answers is an emulator, and no account of AWS's: say ENDPOINT=http://… to plan there.")
    return Account(
        caller["Account"],
        caller["Arn"],
        region,
        f"--region {region}" + (f" --profile {profile}" if profile else ""),
        lambda service: session.client(service, config=_CONFIG),
    )


def _at_endpoint(clients: Clients) -> Account:
    with explained():
        caller = clients.sts.get_caller_identity()
    region = clients.place.region
    options = f"--region {region} --endpoint-url {clients.endpoint}"
    return Account(caller["Account"], caller["Arn"], region, options, lambda service: getattr(clients, service))


def _refuse_other_endpoints(environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        if value and (name == "AWS_ENDPOINT_URL" or name.startswith("AWS_ENDPOINT_URL_")):
            raise UsageError(
                f"{name}={value} is set, and make aws-plan is for AWS itself: unset it, or say ENDPOINT={value} to "
                "plan there."
            )


def _checked_region(session: Any) -> str:
    region: str | None = session.region_name
    if not region:
        raise no_region()
    known = [
        each
        for partition in session.get_available_partitions()
        for each in session.get_available_regions("cloudformation", partition)
    ]
    if region in known:
        return region
    near = get_close_matches(region, known, n=1)
    meant = f": did you mean AWS_REGION={near[0]}?" if near else "."
    raise SetupError(f"{region} is no region of AWS's that this version of boto3 knows{meant}")
