"""Users without AWS."""

from dataclasses import dataclass
from http import HTTPStatus

from common.errors import ApiError, NotFoundError, UnauthorizedError

MAX_EMAIL_LENGTH = 254
# HTML's own definition of a valid e-mail address, with at least one dot in the domain:
# https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
EMAIL_PATTERN = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"


@dataclass(frozen=True, slots=True)
class User:
    """A customer or an admin (`role`); `email` is lower-case and unique."""

    user_id: str
    email: str
    name: str
    role: str
    password_hash: str


class EmailTakenError(ApiError):
    """There is an account with this e-mail address."""

    status = HTTPStatus.CONFLICT
    code = "EMAIL_TAKEN"

    def __init__(self) -> None:
        super().__init__("There is an account with this e-mail address.")


class NoSuchUserError(NotFoundError):
    """No user with this id, or somebody else: one answer, so that nobody learns which ids there are."""

    def __init__(self) -> None:
        super().__init__("There is no such user.")


class BadCredentialsError(UnauthorizedError):
    """Unknown e-mail address or wrong password; which of them is not told."""
