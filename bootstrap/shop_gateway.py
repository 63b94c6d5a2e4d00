"""The shop with a real payment gateway in the place of the simulated one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bootstrap.references import Kind, Ref, Value
from bootstrap.resources import Function, Resource, Role, Secret, Stack
from bootstrap.shop_services import allow

PAYMENTS = Ref(Kind.FUNCTION, "payments")
SECRET = Ref(Kind.SECRET, "shop/stripe")
# An attempt of four requests, each answered within 5 s or not at all, begins within 8 s (payments.charging); the queue
# hides messages for twice as long.
_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class StripeGateway:
    """Stripe, or what stands in for it, at the URL `base`; its key is in Secrets Manager, not here."""

    base: str


def with_gateway(stack: Stack, gateway: StripeGateway | None) -> Stack:
    """The same stack with payments at this gateway; None leaves it as it is, which is the simulated provider."""
    if gateway is None:
        return stack
    function = stack.find(PAYMENTS)
    role = function.role if isinstance(function, Function) else None
    changed = (_changed(resource, role, gateway) for resource in stack.resources)
    return replace(stack, resources=(*changed, Secret(SECRET.name)))


def _changed(resource: Resource, role: Ref | None, gateway: StripeGateway) -> Resource:
    match resource:
        case Function() if resource.ref == PAYMENTS:
            variables: Mapping[str, Value] = {
                "PAYMENT_PROVIDER": "stripe",
                "STRIPE_API_BASE": gateway.base,
                "STRIPE_SECRET_ID": SECRET,
            }
            return replace(resource, timeout=_TIMEOUT_S, environment={**resource.environment, **variables})
        case Role() if resource.ref == role:
            may_read = allow(SECRET.arn("-??????"), "secretsmanager:GetSecretValue")
            return replace(resource, statements=(*resource.statements, may_read))
        case _:
            return resource
