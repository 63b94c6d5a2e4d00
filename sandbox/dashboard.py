"""``make dashboard``: the page with live sales, in a browser where there is one."""

import sys
import webbrowser
from collections.abc import Mapping

import requests
from rich.console import Console

from sandbox.errors import EXIT_OK, NotRunningError, SandboxError
from sandbox.shop_client import ADMIN_EMAIL, ADMIN_PASSWORD, ShopClient, ShopError
from sandbox.target import Target

PATH = "/analytics/dashboard"
_TIMEOUT_S = 30
# Without one of these `webbrowser` would take a browser that draws over the terminal.
_SCREENS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")


def show(target: Target, environment: Mapping[str, str], console: Console) -> int:
    """Open the page, signed in as the seeded admin, or print where it is and who may sign in."""
    target.require_running()
    page = f"{target.api_url}{PATH}"
    _require(page)
    console.print(f"Live sales  {page}")
    token = _admin_token(target)
    if _has_screen(environment) and _opened(f"{page}#token={token}" if token else page):
        console.print("            opened in the browser" + (", signed in" if token else ": sign in as an admin"))
    else:
        console.print(f"            sign in as {ADMIN_EMAIL} / {ADMIN_PASSWORD}")
    return EXIT_OK


def _require(page: str) -> None:
    """Raises NotRunningError where nothing answers, SandboxError where the stack has no such page."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the user's is for the way out, not for the loopback
            status = session.get(page, timeout=_TIMEOUT_S).status_code
    except requests.RequestException as error:
        raise NotRunningError(f"GET {page} got no answer ({type(error).__name__}): see make status.") from error
    if status != requests.codes.ok:
        raise SandboxError(f"GET {page} answered {status}: make up brings the stack up to date.")


def _admin_token(target: Target) -> str | None:
    """None where the seeded admin was deleted, or has another password: the page asks."""
    shop = ShopClient(target.api_url)
    try:
        shop.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    except ShopError:
        return None
    return shop.authorization.removeprefix("Bearer ")


def _has_screen(environment: Mapping[str, str]) -> bool:
    return sys.platform == "darwin" or any(environment.get(name) for name in _SCREENS)


def _opened(address: str) -> bool:
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False
