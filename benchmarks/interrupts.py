"""Ctrl-C and SIGTERM: once, and never lost."""

import signal

_happened = False


def listen() -> None:
    """From now on either signal raises KeyboardInterrupt, the first time; later ones leave the clearing up alone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def check() -> None:
    """Raises KeyboardInterrupt where one came before: Python drops one that is raised in a finalizer."""
    if _happened:
        raise KeyboardInterrupt


def _interrupt(signum: int, frame: object) -> None:
    global _happened
    if not _happened:
        _happened = True
        raise KeyboardInterrupt
