"""What an endpoint of somebody else's lacks of what the shop uses, found by asking it, not by its name.

Everything else goes on without: each gap is a line for the user that says what is off.
"""

from collections.abc import Callable
from typing import Any

import requests

from bootstrap.clients import Clients
from bootstrap.observed import Observed
from bootstrap.shop_api import API
from bootstrap.shop_intake import MAX_MESSAGE_BYTES
from sandbox.errors import NotRunningError, SetupError
from sandbox.shop_client import ShopClient
from sandbox.target import Target

_TIMEOUT_S = 30
# Where emulators show the mails that SES sent: LocalStack, ministack.
_MAIL_PATHS = ("/_aws/ses", "/_ministack/ses/messages")

# A method, a URL, and what `requests` takes beside.
type Ask = Callable[..., requests.Response]


def require_fixed_id(clients: Clients) -> None:
    """The API's address is fixed, which an endpoint must allow.

    Raises:
        SetupError: it gave the API an id of its own.
    """
    found = Observed(clients).rest_apis()[API.name]["id"]
    if found != API.name:
        raise SetupError(
            f"{clients.endpoint} gave the REST API the id {found}, where the shop needs the id {API.name}: delete that "
            "API and run make up again, or use an endpoint that takes an id from the tag _custom_id_ or ms-custom-id."
        )


def find(target: Target) -> list[str]:
    """A line a gap, none on our engine; the stack must be complete and seeded.

    Raises:
        ShopError: the demo customer cannot log in.
        NotRunningError: nothing answers.
    """
    shop = ShopClient(target.api_url)
    shop.log_in()
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the user's is for the way out, not for the loopback
        ask = _asking(session)
        found = (
            _authorizer(ask, target),
            _gateway_errors(ask, target),
            _intake(ask, target, shop.authorization),
            _uploads(ask, target, shop.authorization),
            _engine(ask, target),
            None if _mail_path(ask, target) else "the mails that it sends cannot be looked at",
        )
    return [gap for gap in found if gap]


def mail_url(target: Target) -> str | None:
    """Where the endpoint shows the mails that were sent; None where it does not. Raises NotRunningError."""
    with requests.Session() as session:
        session.trust_env = False
        path = _mail_path(_asking(session), target)
    return path and f"{target.endpoint}{path}"


def _asking(session: requests.Session) -> Ask:
    def ask(method: str, url: str, **arguments: Any) -> requests.Response:
        try:
            return session.request(method, url, timeout=_TIMEOUT_S, **arguments)
        except requests.RequestException as error:
            raise NotRunningError(f"{method} {url} got no answer ({type(error).__name__}).") from error

    return ask


def _authorizer(ask: Ask, target: Target) -> str | None:
    """A service adds X-Correlation-Id to its answers, API Gateway's own 401 has none."""
    answer = ask("GET", f"{target.api_url}/orders")
    if answer.status_code == 401 and "X-Correlation-Id" not in answer.headers:
        return None
    return "API Gateway asks no authorizer: each service checks the token itself"


def _gateway_errors(ask: Ask, target: Target) -> str | None:
    answer = ask("GET", f"{target.api_url}/no-such-route")
    if answer.status_code == 404 and _code(answer) == "NOT_FOUND":
        return None
    return (
        f"API Gateway's own errors are not in the shop's shape: an unknown route gets {answer.status_code} without it"
    )


def _intake(ask: Ask, target: Target, authorization: str) -> str | None:
    """With an order that passes the model and that SQS then refuses for its size: it can never be placed."""
    order = {
        "items": [{"productId": "-", "quantity": 1}],
        "payment": {"method": "card", "token": "tok_ok"},
        "padding": "x" * MAX_MESSAGE_BYTES,
    }
    headers = {"Authorization": authorization}
    answer = ask("POST", f"{target.api_url}/async/orders", json=order, headers=headers)
    if answer.status_code == 413 and _code(answer) == "PAYLOAD_TOO_LARGE":
        return None
    return "POST /async/orders does not work, nor does SCENARIO=async-intake: API Gateway sends nothing to SQS"


def _uploads(ask: Ask, target: Target, authorization: str) -> str | None:
    """With a picture from a customer: the template refuses it by what the authorizer told, and by an error of S3's."""
    headers = {"Authorization": authorization, "Content-Type": "image/png"}
    answer = ask("PUT", f"{target.api_url}/products/-/image", data=b"\x89PNG\r\n\x1a\n", headers=headers)
    if answer.status_code == 403 and _code(answer) == "FORBIDDEN":
        return None
    return "PUT /products/{productId}/image does not work, so there are no pictures: API Gateway sends nothing to S3"


def _engine(ask: Ask, target: Target) -> str | None:
    if ask("GET", f"{target.endpoint}/_loadstack/health").ok:
        return None
    return "it has no figures of functions (/_loadstack): make status and make load tell less"


def _mail_path(ask: Ask, target: Target) -> str | None:
    return next((path for path in _MAIL_PATHS if ask("GET", f"{target.endpoint}{path}").ok), None)


def _code(answer: requests.Response) -> str | None:
    """The code of an error of the shop's; None where the body is none."""
    try:
        code: str = answer.json()["error"]["code"]
    except (ValueError, LookupError, TypeError):
        return None
    return code
