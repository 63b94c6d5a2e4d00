"""AWS as botocore's Stubber: clients that check what they are asked against AWS's own models, and answer by script."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sandbox.aws_plan.account import Account

ACCOUNT = "123456789012"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/me"

type Stub = Callable[[str], Stubber]


@pytest.fixture(scope="session")
def client() -> Callable[[str], Any]:
    """A client of a service, made once: that takes most of a test's time."""
    made: dict[str, Any] = {}

    def of(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(
                service, region_name="eu-west-1", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="secret"
            )
        return made[service]

    return of


@pytest.fixture
def stub(client: Callable[[str], Any]) -> Iterator[Stub]:
    """The script of a service; a test fails where the script is not played to its end."""
    with ExitStack() as stack:
        stubbers: dict[str, Stubber] = {}

        def of(service: str) -> Stubber:
            if service not in stubbers:
                stubbers[service] = stack.enter_context(Stubber(client(service)))
            return stubbers[service]

        yield of
        for stubber in stubbers.values():
            stubber.assert_no_pending_responses()


@pytest.fixture
def account(stub: Stub) -> Account:
    """An account of AWS's in Ireland; its clients are the stubbed ones."""
    return Account(ACCOUNT, CALLER, "eu-west-1", "--region eu-west-1", lambda service: stub(service).client)
