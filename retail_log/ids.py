"""By which ids the shop knows the products and customers of a log."""

import re
from hashlib import sha256

# Postage, discounts, fees and corrections, which are booked as lines of orders.
NO_PRODUCTS = frozenset(
    {"POST", "DOT", "C2", "C3", "D", "M", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "ADJUST", "ADJUST2", "TEST001"}
)

_PLAIN_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}", re.ASCII)
_PLAIN_CUSTOMER = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}", re.ASCII)


def product_id(code: str) -> str:
    """The id of a normalized stock code: the code itself where that can stand in a URL."""
    return code if _PLAIN_CODE.fullmatch(code) else _replaced(code, r"[^A-Z0-9._-]+")


def user_id(customer: str) -> str:
    """The id of a normalized customer number, `customer-17850`."""
    return f"customer-{customer if _PLAIN_CUSTOMER.fullmatch(customer) else _replaced(customer, r'[^a-z0-9_-]+')}"


def email(user: str) -> str:
    """The address by which such a user logs in."""
    return f"{user}@example.com"


def _replaced(text: str, strange: str) -> str:
    """At most 41 characters; the digest keeps two apart that look alike, and `~` keeps both apart from plain ones."""
    return f"{re.sub(strange, '-', text)[:28].strip('-.')}~{sha256(text.encode()).hexdigest()[:12]}"
