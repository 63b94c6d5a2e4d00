"""UpdateAlias with a routing configuration, which LocalStack 4.14.0 answers with an internal error.

Its provider checks the weights against the version that the alias points to, and forgets to say which that is.
"""

from contextvars import ContextVar
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.lambda_ import api_utils
from localstack.services.lambda_.provider import LambdaProvider

_function_version: ContextVar[Any] = ContextVar("function_version")


def use() -> None:
    """Say which."""
    original_update = LambdaProvider.update_alias
    original_create = LambdaProvider._create_routing_config_model

    def update_alias(
        provider: LambdaProvider,
        context: RequestContext,
        function_name: str,
        name: str,
        function_version: str | None = None,
        **arguments: Any,
    ) -> Any:
        account, region = api_utils.get_account_and_region(function_name, context)
        plain_name = api_utils.get_function_name(function_name, context)
        function = provider._get_function(function_name=plain_name, region=region, account_id=account)
        alias = function.aliases.get(name)
        target = function.versions.get(function_version or (alias and alias.function_version))
        token = _function_version.set(target)
        try:
            return original_update(provider, context, function_name, name, function_version, **arguments)
        finally:
            _function_version.reset(token)

    def create(provider: LambdaProvider, routing_config_dict: dict[str, float], function_version: Any = None) -> Any:
        return original_create(provider, routing_config_dict, function_version or _function_version.get())

    LambdaProvider.update_alias = update_alias
    LambdaProvider._create_routing_config_model = create
