"""Whether a webhook comes from who knows its secret: the header `Stripe-Signature`.

`t=<seconds>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>`, with more than one `v1` while a secret is being changed.
https://docs.stripe.com/webhooks/signature
"""

import hashlib
import hmac
from dataclasses import dataclass
from http import HTTPStatus

from common.errors import ApiError

TOLERANCE_S = 300


class BadSignatureError(ApiError):
    """The request is not signed with the webhook's secret, or was signed long ago."""

    status = HTTPStatus.BAD_REQUEST
    code = "BAD_SIGNATURE"


@dataclass(frozen=True, slots=True)
class Signed:
    """What the header says: when the request was signed, in seconds as they were written, and the signatures."""

    at: str
    signatures: tuple[str, ...]


def parse(header: str) -> Signed:
    """Raises BadSignatureError for a header that is malformed."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or not times[0].isascii() or not times[0].isdecimal() or not signatures:
        raise BadSignatureError("Stripe-Signature must be t=…,v1=…")
    return Signed(times[0], tuple(signatures))


def check(signed: Signed, body: bytes, secret: str, now: float) -> None:
    """Return for a good signature. The same request once more is as good, within the tolerance: it changes nothing.

    Raises:
        BadSignatureError: no signature fits, or its time is over five minutes from `now`.
    """
    wanted = hmac.new(secret.encode(), f"{signed.at}.".encode() + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(wanted.encode(), each.encode(errors="replace")) for each in signed.signatures):
        raise BadSignatureError("The signature is not that of this body with the webhook's secret.")
    if abs(now - int(signed.at)) > TOLERANCE_S:
        raise BadSignatureError(f"The signature is over {TOLERANCE_S} s old, or ahead of the time.")
