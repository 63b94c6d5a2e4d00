"""Empty data before a test."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

from pytest_loadstack.errors import LoadstackError

_LIMIT_S = 30.0
# A proxy of the user's is for the way out.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def reset(endpoint: str) -> None:
    """Have the sandbox empty all its services; the stack stays. Below half a second, and what runs is waited for.

    Raises:
        LoadstackError: it cannot, or something is not empty.
    """
    request = urllib.request.Request(f"{endpoint}/_loadstack/reset", method="POST", data=b"")
    try:
        with _DIRECT.open(request, timeout=_LIMIT_S) as answer:
            outcome = _read(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            outcome = _read(error.read())
        if not outcome:
            raise LoadstackError(
                f"clean_state needs the engine of Loadstack, and {endpoint} is another one: "
                f"POST /_loadstack/reset answers {error.code} there."
            ) from None
    except (OSError, http.client.HTTPException) as error:
        raise LoadstackError(f"The data of {endpoint} could not be emptied: {error}") from error
    if outcome.get("status") != "ok":
        raise LoadstackError(f"The data of {endpoint} is not empty: {_why(outcome, endpoint)}")


def _read(body: bytes) -> dict[str, Any]:
    """The outcome; empty where it is none."""
    try:
        outcome = json.loads(body)
    except ValueError:
        return {}
    return outcome if isinstance(outcome, dict) and "took_ms" in outcome else {}


def _why(outcome: dict[str, Any], endpoint: str) -> str:
    if failed := outcome.get("failed"):
        return "; ".join(f"{service}: {error}" for service, error in failed.items())
    if running := outcome.get("running"):
        return "still running after ten seconds: " + ", ".join(f"{name} ({n})" for name, n in running.items())
    return f"{endpoint}/_loadstack/reset answered something else than Loadstack's engine does."
