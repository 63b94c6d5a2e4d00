"""Throttling and quotas of REST APIs, which stock LocalStack 4.14.0 stores only.

In AWS's order: what a usage plan grants the API key, then what the stage grants the method; AWS's own limits of an
account are not enforced.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from collections.abc import Mapping
from typing import Any

from localstack.http import Response
from localstack.services.apigateway.next_gen.execute_api.api import RestApiGatewayHandlerChain
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import QuotaExceededError, ThrottledError
from localstack.services.apigateway.next_gen.execute_api.handlers.api_key_validation import ApiKeyValidationHandler
from moto.apigateway.models import UsagePlan, apigateway_backends

from loadstack_engine.api_gateway.quotas import QUOTAS
from loadstack_engine.api_gateway.token_buckets import BUCKETS

# What AWS gives an account, and LocalStack a method setting that says nothing of throttling.
_ACCOUNT_RATE = 10_000.0
_ACCOUNT_BURST = 5_000


def throttle(context: RestApiInvocationContext) -> None:
    """Count the request, once its API key is known.

    Raises:
        ThrottledError: 429, a token bucket is empty.
        QuotaExceededError: 429, the plan's quota for this period is used up.
    """
    key_id = context.context_variables["identity"].get("apiKeyId")
    if key_id:
        _throttle_key(key_id, context)
    settings = context.stage_configuration.get("methodSettings")
    if settings:
        _throttle_method(settings, context)


def _throttle_key(key_id: str, context: RestApiInvocationContext) -> None:
    plan = _plan_of(key_id, context)
    if plan is None:
        return
    path, method = context.resource["path"], context.resource_method["httpMethod"]
    stage = next(each for each in plan.api_stages if _is_stage(each, context))
    of_method = (stage.get("throttle") or {}).get(f"{path}/{method}")
    if of_method:
        _take((plan.id, key_id, context.api_id, context.stage, path, method), of_method)
    elif plan.throttle:
        _take((plan.id, key_id), plan.throttle)
    if plan.quota and not QUOTAS.count((plan.id, key_id), plan.quota):
        raise QuotaExceededError("Limit Exceeded")


def _plan_of(key_id: str, context: RestApiInvocationContext) -> UsagePlan | None:
    """The usage plan that has this key and this stage; AWS allows one."""
    backend = apigateway_backends[context.account_id][context.region]
    for plan in list(backend.usage_plans.values()):
        if key_id in backend.usage_plan_keys.get(plan.id, ()) and any(_is_stage(s, context) for s in plan.api_stages):
            return plan
    return None


def _is_stage(stage: Mapping[str, Any], context: RestApiInvocationContext) -> bool:
    return stage.get("stage") == context.stage and str(stage.get("apiId")).lower() == context.api_id


def _throttle_method(settings: Mapping[str, Any], context: RestApiInvocationContext) -> None:
    """The settings of all methods give each a bucket of its own.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html#apig-request-throttling-stage-level-limits
    """
    path, method = context.resource["path"], context.resource_method["httpMethod"]
    escaped = path.replace("/", "~1")
    names = (f"{escaped}/{method}", f"{path.lstrip('/')}/{method}", f"*/{method}", f"{escaped}/*", "*/*")
    setting = next((settings[name] for name in names if name in settings), None)
    if setting:
        limit = {"rateLimit": setting.get("throttlingRateLimit"), "burstLimit": setting.get("throttlingBurstLimit")}
        _take((context.api_id, context.stage, path, method), limit)


def _take(scope: tuple[str, ...], limit: Mapping[str, Any]) -> None:
    """No limit is no bucket: none given, a negative one (``-1`` turns throttling off), or the account's."""
    rate = float(_ACCOUNT_RATE if limit.get("rateLimit") is None else limit["rateLimit"])
    burst = int(_ACCOUNT_BURST if limit.get("burstLimit") is None else limit["burstLimit"])
    if rate < 0 or burst < 0 or (rate >= _ACCOUNT_RATE and burst >= _ACCOUNT_BURST):
        return
    if not BUCKETS.take(scope, rate, burst):
        raise ThrottledError("Too Many Requests")


def use() -> None:
    """Throttle from now on, in the APIs that exist already too."""
    original = ApiKeyValidationHandler.__call__

    def validate_then_throttle(
        handler: ApiKeyValidationHandler,
        chain: RestApiGatewayHandlerChain,
        context: RestApiInvocationContext,
        response: Response,
    ) -> None:
        original(handler, chain, context, response)
        throttle(context)

    ApiKeyValidationHandler.__call__ = validate_then_throttle
