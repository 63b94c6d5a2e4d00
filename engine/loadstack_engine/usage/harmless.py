"""Counting fails alone: the call that it counts was made, and its caller has the answer whatever happens here."""

import functools
import logging
import threading
from collections.abc import Callable

LOG = logging.getLogger(__name__)


def harmless[**P](count: Callable[P, None]) -> Callable[P, None]:
    """``count`` that raises nothing; what it would have raised is in the log, the first time."""
    told = threading.Event()

    @functools.wraps(count)
    def counted(*arguments: P.args, **named: P.kwargs) -> None:
        try:
            count(*arguments, **named)
        except Exception:
            if not told.is_set():
                told.set()
                LOG.warning("What %s counts lacks what it could not count", count.__module__, exc_info=True)

    return counted
