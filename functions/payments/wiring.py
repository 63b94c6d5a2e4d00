"""Which provider moves the money, by the function's environment.

| variable | says |
|---|---|
| `PAYMENT_PROVIDER` | `simulated` (default) or `stripe` |
| `STRIPE_API_BASE` | where Stripe's API is, or what stands in for it |
| `STRIPE_SECRET_ID` | the secret with `{"apiKey": …, "webhookSecret": …}` |
"""

import json
import os
from collections.abc import Mapping
from functools import cache

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from common import aws
from payments.domain import PaymentProvider
from payments.gateway import GatewayProvider
from payments.provider import SimulatedProvider
from payments.store import GatewayLedger

_SECRET_MAX_AGE_S = 60


class UnknownProviderError(Exception):
    """`PAYMENT_PROVIDER` names none."""


class MissingKeyError(Exception):
    """Nobody has told the gateway's key."""


def chosen(ledger: GatewayLedger, environment: Mapping[str, str] = os.environ) -> PaymentProvider:
    """The provider that the environment names. Raises UnknownProviderError."""
    match name := environment.get("PAYMENT_PROVIDER", "simulated"):
        case "simulated":
            return SimulatedProvider(ledger)
        case "stripe":
            from payments.stripe import Stripe  # urllib3's pools cost a cold start that the simulation does not need

            return GatewayProvider(ledger, Stripe(environment["STRIPE_API_BASE"].rstrip("/"), api_key))
        case _:
            raise UnknownProviderError(f"PAYMENT_PROVIDER={name} is unknown; there are simulated and stripe.")


def api_key() -> str:
    """What Stripe knows us by, asked for again after a minute. Raises GetParameterError and MissingKeyError."""
    key = _secret("apiKey")
    if key is None:
        raise MissingKeyError("The secret of payments has no API key: make up PAYMENT_PROVIDER=stripe STRIPE_API_KEY=…")
    return key


def webhook_secret() -> str | None:
    """What webhooks are signed with, likewise; None where none was given."""
    return _secret("webhookSecret")


@cache
def _secrets() -> SecretsProvider:
    return SecretsProvider(boto3_client=aws.secrets_manager())


def _secret(name: str) -> str | None:
    """None where it is not in the secret, which is made with a random text that is no JSON."""
    value = _secrets().get(os.environ["STRIPE_SECRET_ID"], max_age=_SECRET_MAX_AGE_S)
    try:
        kept = json.loads(str(value))
    except ValueError:
        return None
    found = kept.get(name) if isinstance(kept, dict) else None
    return found if isinstance(found, str) and found else None
