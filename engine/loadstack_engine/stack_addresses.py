"""Addresses of REST APIs in CloudFormation stacks: those at which this LocalStack answers.

Templates write ``https://${Api}.execute-api.${AWS::Region}.amazonaws.com/Prod``, as AWS's examples and ``sam init`` do,
or with ``${AWS::URLSuffix}``. LocalStack puts its port behind the name and leaves ``https``, which answers only where
somebody resolves the name and has a certificate for it. Here it becomes the API's path on the endpoint itself.
"""

import re

from localstack import config
from localstack.constants import LOCALHOST_HOSTNAME
from localstack.services.plugins import Service, ServicePluginAdapter
from localstack.utils.urls import localstack_host

_CLOUDFORMATION = "cloudformation"


def use() -> None:
    """When CloudFormation is loaded, not before: its modules are a third of a second of processor time."""
    create_service = ServicePluginAdapter.create_service

    def create(plugin: ServicePluginAdapter) -> Service:
        service = create_service(plugin)
        if plugin.api == _CLOUDFORMATION:
            _replace()
        return service

    ServicePluginAdapter.create_service = create


def here(value: str) -> str:
    """``https://id.execute-api.region.amazonaws.com/stage`` at this endpoint; any other text as it is."""
    if value in config.CFN_STRING_REPLACEMENT_DENY_LIST:
        return value
    suffixes = "|".join(map(re.escape, ("amazonaws.com", LOCALHOST_HOSTNAME, localstack_host().host)))
    address = re.compile(rf"https?://([^./:]+)\.execute-api\.[a-z0-9-]+\.(?:{suffixes})(?::\d+)?((?:/.*)?)")
    match = address.fullmatch(value)
    return f"{config.external_service_url()}/_aws/execute-api/{match[1]}{match[2]}" if match else value


def _replace() -> None:
    from localstack.services.cloudformation.engine.v2.change_set_model_preproc import ChangeSetModelPreproc

    ChangeSetModelPreproc._perform_static_replacements = staticmethod(here)
