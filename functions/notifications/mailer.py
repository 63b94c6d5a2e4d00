"""Sending mails."""

from typing import TYPE_CHECKING, Protocol

from notifications.domain import Mail

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient


class Mailer(Protocol):
    """What notifications needs of the mail system."""

    def send(self, mail: Mail) -> None:
        """Hand over one mail, or raise."""


class SesMailer:
    """A `Mailer` on SES."""

    def __init__(self, client: "SESClient", sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, mail: Mail) -> None:
        """See `Mailer`."""
        self._client.send_email(
            Source=self._sender,
            Destination={"ToAddresses": [mail.to]},
            Message={
                "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": mail.body, "Charset": "UTF-8"}},
            },
        )
