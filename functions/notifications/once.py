"""Powertools idempotency, wired for one mail a thing (an order, a cart) and status.

| the record says | then |
|---|---|
| nothing | it is marked in progress, the mail goes out, the time is kept |
| in progress | another invocation is at it: IdempotencyAlreadyInProgressError, the message comes again |
| in progress, but its time is up | it died: the mail goes out (again, if it died right after SES took it) |
| done | the time that was kept is returned; no mail |

SES knows no idempotency key, so the third line cannot be closed: this is once, but for a crash in those
milliseconds.
"""

from aws_lambda_powertools.utilities.idempotency import (
    BasePersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from common import clock
from notifications.domain import Mail
from notifications.mailer import Mailer

# A message can wait 14 days in a dead-letter queue and then come again; the record outlives it.
_KEPT_S = 15 * 24 * 3600


class Once:
    """Sends each mail once."""

    def __init__(self, persistence: BasePersistenceLayer) -> None:
        self._config = IdempotencyConfig(
            event_key_jmespath="[about, status]",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=_KEPT_S,
        )

        @idempotent_function(  # type: ignore[untyped-decorator]
            data_keyword_argument="mail",
            persistence_store=persistence,
            config=self._config,
            key_prefix="mail",
        )
        def send(mailer: Mailer, *, mail: Mail) -> dict[str, str]:
            mailer.send(mail)
            return {"at": clock.now()}

        self._send = send

    def register(self, context: LambdaContext) -> None:
        """Tell how long this invocation can take: after that its record in progress counts for nothing."""
        self._config.register_lambda_context(context)

    def send(self, mailer: Mailer, mail: Mail) -> str:
        """When `mail` went out: now, or at the first delivery of the same mail."""
        sent: dict[str, str] = self._send(mailer, mail=mail)
        return sent["at"]
