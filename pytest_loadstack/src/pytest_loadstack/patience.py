"""Asking again until something is there, the deadline has passed, or the sandbox has ended."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
from botocore.exceptions import HTTPClientError

T = TypeVar("T")

_POLL_S = 0.05
_DYING_S = 2.0
_SHOWN = 5
_SHOWN_LENGTH = 300


class Patience:
    """Waits for what the tests of a sandbox wait for; ``end_reason`` says why the sandbox answers no more, or None.

    ``hint`` is asked at the deadline, and ends the message; empty where there is nothing to say.
    """

    def __init__(self, end_reason: Callable[[], str | None], hint: Callable[[], str] = str) -> None:
        self._end_reason = end_reason
        self._hint = hint

    def wait(self, check: Callable[[float], T | None], timeout: float, instead: Callable[[], str]) -> T:
        """Call ``check`` with the seconds that are left until it gives something truthy; that.

        It is called once at least, also with a timeout of 0. After the deadline the test fails with what ``instead``
        says; at once with an exception of the check's, or with the sandbox's end where that explains it.

        Raises:
            ValueError: the timeout is no time.
        """
        __tracebackhide__ = True
        if not isinstance(timeout, int | float) or not timeout >= 0:
            raise ValueError(f"timeout={timeout!r}: give seconds, 0 or more.")
        deadline = time.monotonic() + timeout
        while True:
            left = max(0.0, deadline - time.monotonic())
            try:
                if found := check(left):
                    return found
            except Exception as error:
                self._explain(error)
                raise
            if time.monotonic() >= deadline:
                pytest.fail(instead() + self._hint())
            time.sleep(min(_POLL_S, max(0.0, deadline - time.monotonic())))

    def _explain(self, error: Exception) -> None:
        """Fail with the sandbox's end, if it has ended. One that breaks off an answer may take a moment to be gone."""
        __tracebackhide__ = True
        deadline = time.monotonic() + (_DYING_S if isinstance(error, HTTPClientError | OSError) else 0.0)
        while not (reason := self._end_reason()):
            if time.monotonic() >= deadline:
                return
            time.sleep(_POLL_S)
        raise pytest.fail.Exception(reason) from None


def listed(things: Sequence[object], name: str) -> str:
    """``2 lines, the last: …``: how many there were, and the newest of them, shortened."""
    if not things:
        return f"no {name}"
    shown = "".join(f"\n  {shortened(str(thing))}" for thing in things[-_SHOWN:])
    return f"{len(things)} {name}{'s' if len(things) > 1 else ''}, the last:{shown}"


def shortened(text: str) -> str:
    """On one line, and not for ever."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"
