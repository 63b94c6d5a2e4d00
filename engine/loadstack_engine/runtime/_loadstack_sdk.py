"""The AWS SDK in a function process: what is the same for all its sessions is read once.

Everything here leaves botocore as it is where it does not look as expected: a layer may carry another version.
"""

import contextlib
import os
from types import ModuleType
from typing import Any

import _loadstack_calls as calls
import _loadstack_sdk_cost
from _loadstack_on_import import when_imported

# Of these the models are read before the fork: those that event-driven functions call most.
_USUAL_SERVICES = (
    "dynamodb",
    "events",
    "sqs",
    "sns",
    "s3",
    "ses",
    "secretsmanager",
    "ssm",
    "lambda",
    "cloudwatch",
    "logs",
    "stepfunctions",
)


def prepare() -> None:
    """Once in a process, before botocore is imported or after: share the loader, save costs, count the calls.

    ``LOADSTACK_SDK=0`` leaves the SDK as it is, but for the counting.
    """
    calls.count()
    if os.environ.get("LOADSTACK_SDK") != "0":
        when_imported("botocore.session", _share_loader)
        _loadstack_sdk_cost.use()


def _share_loader(session: ModuleType) -> None:
    """Let all sessions share one loader of models, which keeps what it has read; AWS_DATA_PATH gets its own."""
    create = getattr(session, "create_loader", None)
    if create is None:
        return
    loaders: list[Any] = []

    def create_loader(search_path_string: str | None = None) -> Any:
        if search_path_string is not None:
            return create(search_path_string)
        if not loaders:
            loaders.append(create())
        return loaders[0]

    session.create_loader = create_loader  # type: ignore[attr-defined]


def warm() -> None:
    """Read the models of the usual services, by making a client of each with a session that is thrown away."""
    if os.environ.get("LOADSTACK_SDK") == "0":
        return
    with contextlib.suppress(Exception):
        import botocore.session

        session = botocore.session.Session()
        for service in _USUAL_SERVICES:
            with contextlib.suppress(Exception):
                session.create_client(
                    service, region_name="us-east-1", aws_access_key_id="warm", aws_secret_access_key="up"
                )
