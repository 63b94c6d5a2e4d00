"""A boto3 session that cannot leave the sandbox."""

from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConstantProvider

from pytest_loadstack.sandbox import Sandbox

# Without their names in the environment: (name in the config file, variables, default, conversion) is botocore's way.
_VARIABLES: dict[str, Any] = {
    name: (in_file, [], default, conversion)
    for name, (in_file, _, default, conversion) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
} | {
    "config_file": (None, [], "/dev/null", None),
    "credentials_file": (None, [], "/dev/null", None),
}
_ENDPOINT_POSITION = 5  # of endpoint_url among the arguments of Session.client


class SandboxSession(boto3.Session):
    """``client`` and ``resource`` go to the sandbox, whatever the user's profile, files and variables say.

    A subclass, because boto3 has no other place for an endpoint: AWS_ENDPOINT_URL would be the whole process's, and a
    variable such as AWS_ENDPOINT_URL_SQS would win over it.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        core = botocore.session.Session(session_vars=_VARIABLES)
        # A section of the config file, with variables of its own.
        core.get_component("config_store").set_config_provider("s3", ConstantProvider(None))
        core.set_default_client_config(
            Config(
                proxies={},  # a proxy is for the way out
                inject_host_prefix=False,  # sync-127.0.0.1 is no address
                s3={"addressing_style": "path"},
            )
        )
        self._endpoint = sandbox.endpoint
        super().__init__(
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name=sandbox.region,
            botocore_session=core,
        )

    def client(self, *arguments: Any, **named: Any) -> Any:
        """As boto3's; ``resource`` comes by here as well."""
        if len(arguments) <= _ENDPOINT_POSITION and named.get("endpoint_url") is None:
            named["endpoint_url"] = self._endpoint
        return super().client(*arguments, **named)
