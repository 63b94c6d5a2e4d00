"""UpdateAlias with a routing configuration, which LocalStack 4.14.0 answers with an internal error.

Its provider checks the weights against the version that the alias points to, and forgets to say which that is.
"""

from types import SimpleNamespace
from typing import Any

from localstack.services.lambda_.provider import LambdaProvider

_UNKNOWN = SimpleNamespace(id=SimpleNamespace(qualifier=""))


def use() -> None:
    """Check the weights themselves, where the version is not told."""
    original = LambdaProvider._create_routing_config_model

    def create(provider: LambdaProvider, routing_config_dict: dict[str, float], function_version: Any = None) -> Any:
        return original(provider, routing_config_dict, function_version or _UNKNOWN)

    LambdaProvider._create_routing_config_model = create
