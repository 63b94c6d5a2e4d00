"""The AWS SDK in a function process: what is the same for all its sessions is read once.

Everything here leaves botocore as it is where it does not look as expected: a layer may carry another version.
"""

import contextlib
from typing import Any

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


def share_loader() -> None:
    """Let all sessions share one loader of models, which keeps what it has read; AWS_DATA_PATH gets its own."""
    with contextlib.suppress(ImportError, AttributeError):
        import botocore.loaders
        import botocore.session

        create = botocore.session.create_loader
        if create is not botocore.loaders.create_loader:
            return
        shared = create()

        def create_loader(search_path_string: str | None = None) -> Any:
            return shared if search_path_string is None else create(search_path_string)

        botocore.session.create_loader = create_loader


def warm() -> None:
    """Read the models of the usual services, by making a client of each with a session that is thrown away."""
    share_loader()
    with contextlib.suppress(Exception):
        import botocore.session

        session = botocore.session.Session()
        for service in _USUAL_SERVICES:
            with contextlib.suppress(Exception):
                session.create_client(
                    service, region_name="us-east-1", aws_access_key_id="warm", aws_secret_access_key="up"
                )
