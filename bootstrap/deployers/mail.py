"""SES identities. On AWS the address gets a mail to confirm; emulators take it at once."""

from bootstrap.context import Context, Outcome
from bootstrap.resources import EmailIdentity


def ensure(context: Context, identity: EmailIdentity) -> Outcome:
    if identity.name in context.observed.identities():
        return Outcome.UNCHANGED
    context.clients.ses.verify_email_identity(EmailAddress=identity.name)
    return Outcome.CREATED
