"""Which payment gateway the shop uses: ``PAYMENT_PROVIDER``, ``STRIPE_API_BASE``, ``STRIPE_API_KEY`` and
``STRIPE_WEBHOOK_SECRET``; where nothing is said, the one that runs already, and at first the simulated one.

Keys go to Secrets Manager and nowhere else: no message, no function's environment, no file has them.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bootstrap.clients import Clients
from bootstrap.deploy import explain
from bootstrap.references import Ref
from bootstrap.shop_gateway import PAYMENTS, SECRET, StripeGateway
from sandbox.errors import UsageError

_SIMULATED, _STRIPE = "simulated", "stripe"
_EXAMPLE = "make up PAYMENT_PROVIDER=stripe STRIPE_API_BASE=http://127.0.0.1:8420 STRIPE_API_KEY=sk_test_12345"
_ORIGIN = r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?"
_ONLY_STRIPES = ("STRIPE_API_BASE", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the settings ask for; `provider` None: nothing. What is None of the others stays as it is."""

    provider: str | None = None
    base: str | None = None
    api_key: str | None = None
    webhook_secret: str | None = None


ANY = Wish()


def wish(settings: Mapping[str, str]) -> Wish:
    """What the settings ask for, checked before anything starts.

    Raises:
        UsageError: a provider that there is not, a base that is no URL, or Stripe's settings without Stripe.
    """
    provider = settings.get("PAYMENT_PROVIDER") or None
    if provider not in (None, _SIMULATED, _STRIPE):
        raise UsageError(f"PAYMENT_PROVIDER={provider} is unknown; there are {_SIMULATED} and {_STRIPE}.")
    given = [name for name in _ONLY_STRIPES if settings.get(name)]
    if given and provider != _STRIPE:
        raise UsageError(f"{given[0]} goes with PAYMENT_PROVIDER={_STRIPE}: {_EXAMPLE}")
    base = settings.get("STRIPE_API_BASE") or None
    if base and (longer := re.fullmatch(rf"({_ORIGIN})/[^\s?#]+", base)):
        raise UsageError(f"STRIPE_API_BASE={base} has a path, which the shop adds itself: give {longer[1]}.")
    if base and not re.fullmatch(rf"{_ORIGIN}/?", base):
        raise UsageError(f"STRIPE_API_BASE={base} is no URL of an API: give e.g. http://127.0.0.1:8420.")
    if provider == _STRIPE and not base:
        raise UsageError(f"STRIPE_API_BASE is missing: {_EXAMPLE}")
    key, secret = settings.get("STRIPE_API_KEY") or None, settings.get("STRIPE_WEBHOOK_SECRET") or None
    return Wish(provider, base and base.rstrip("/"), key, secret)


def running(clients: Clients) -> StripeGateway | None:
    """The gateway of the stack that is there; None for the simulated one, and where there is no stack.

    Raises:
        DeployError: the endpoint did not answer, or failed.
    """
    found = _environment(clients)
    return StripeGateway(found["STRIPE_API_BASE"]) if found.get("PAYMENT_PROVIDER") == _STRIPE else None


def gateway(clients: Clients | None, wanted: Wish) -> StripeGateway | None:
    """The gateway to declare: the one that is wanted, or the one that runs; None for the simulated one. `clients` is
    None where nothing runs.

    Raises:
        UsageError: it is new, and has no key.
        DeployError: the endpoint did not answer, or failed.
    """
    if wanted.provider == _SIMULATED:
        return None
    if wanted.provider is None:
        return running(clients) if clients else None
    if wanted.api_key is None and not (clients and "apiKey" in _keys(clients)):
        raise UsageError(f"STRIPE_API_KEY is missing, and none is in the secret {SECRET.name}: {_EXAMPLE}")
    return StripeGateway(wanted.base or "")


def keep_keys(clients: Clients, wanted: Wish) -> None:
    """Put the given keys into the secret, which is there; what is not given stays. Running functions see them within a
    minute.
    """
    given = {"apiKey": wanted.api_key, "webhookSecret": wanted.webhook_secret}
    new = {name: value for name, value in given.items() if value is not None}
    before = _keys(clients) if new else {}
    if new and before | new != before:
        clients.secretsmanager.put_secret_value(SecretId=SECRET.name, SecretString=json.dumps(before | new))


def _environment(clients: Clients) -> dict[str, str]:
    found = _there(PAYMENTS, lambda: clients.lambda_.get_function_configuration(FunctionName=PAYMENTS.name))
    variables: dict[str, str] = found.get("Environment", {}).get("Variables", {})
    return variables


def _keys(clients: Clients) -> dict[str, str]:
    """What the secret holds; nothing where it is not there, or is still as it was made: random."""
    kept = _there(SECRET, lambda: clients.secretsmanager.get_secret_value(SecretId=SECRET.name))
    try:
        found = json.loads(kept.get("SecretString", ""))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _there(ref: Ref, look: Callable[[], Any]) -> Mapping[str, Any]:
    """What is there, nothing where it is not. Raises DeployError where that cannot be told: what is only slow to answer
    must not be taken for gone.
    """
    try:
        found: Mapping[str, Any] = look()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return {}
        raise explain(str(ref), error) from error
    except BotoCoreError as error:
        raise explain(str(ref), error) from error
    return found
