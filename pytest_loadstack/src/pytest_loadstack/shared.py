"""One engine for all workers of pytest-xdist: the process that controls them owns it, and starts it when one asks.

So the engine ends with the controlling process, however that ends, whatever becomes of the workers.
"""

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Literal

from pytest_loadstack.engine import Engine
from pytest_loadstack.errors import LoadstackError

_Question = Literal["endpoint", "end", "close"]


class Lender:
    """Answers workers at :attr:`address`, a socket in a folder that only this user can enter."""

    def __init__(self, start: Callable[[], Engine]) -> None:
        """``start`` makes the engine, at the first question for it; it may raise LoadstackError."""
        self._folder = Path(tempfile.mkdtemp(prefix="loadstack-"))
        self.address = str(self._folder / "socket")
        self._listener = Listener(self.address, family="AF_UNIX", backlog=64)
        self._start = start
        self._engine: Engine | None = None
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._serve, name="loadstack-lender", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the engine, also one that is still starting."""
        if engine := self._engine:
            engine.close()
        _ask(self.address, "close")
        self._thread.join()
        if self._engine is not None and self._engine is not engine:  # started between the first line and the answer
            self._engine.close()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self) -> None:
        question: _Question | None = None
        while question != "close":
            with contextlib.suppress(OSError, EOFError), self._listener.accept() as caller:
                question = caller.recv()
                caller.send(self._answer(question) if question != "close" else None)

    def _answer(self, question: _Question) -> tuple[str | None, str | None]:
        """The endpoint and what is wrong with it."""
        if self._engine is None and self._failure is None:
            try:
                self._engine = self._start()
                self._engine.wait_until_ready()
            except LoadstackError as error:
                self._failure = str(error)
        if self._engine is None or self._failure:
            return None, self._failure
        return self._engine.endpoint, self._engine.end_reason() if question == "end" else None


class Borrowed:
    """The engine of the controlling process, as a worker sees it."""

    def __init__(self, address: str) -> None:
        """Raises LoadstackError where it did not start."""
        self._address = address
        endpoint, failure = _ask(address, "endpoint")
        if failure or not endpoint:
            raise LoadstackError(failure or "The sandbox did not start.")
        self.endpoint: str = endpoint

    def end_reason(self) -> str | None:
        return _ask(self._address, "end")[1]

    def close(self) -> None:
        """Its owner ends it."""


def _ask(address: str, question: _Question) -> tuple[str | None, str | None]:
    connection: Connection
    try:
        with Client(address, family="AF_UNIX") as connection:
            connection.send(question)
            return connection.recv() or (None, None)
    except (OSError, EOFError) as error:
        return None, f"The process that controls the workers is gone ({type(error).__name__}, pid {os.getppid()})."
