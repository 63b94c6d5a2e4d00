"""Secrets Manager: a random value, made once."""

import secrets

from bootstrap.context import Context, Outcome
from bootstrap.resources import Secret


def ensure(context: Context, secret: Secret) -> Outcome:
    """Create the secret; one that is there keeps its value, whatever it is."""
    if secret.name in context.observed.secrets():
        return Outcome.UNCHANGED
    value = "".join(secrets.choice(secret.alphabet) for _ in range(secret.length))
    context.clients.secretsmanager.create_secret(Name=secret.name, SecretString=value)
    return Outcome.CREATED
