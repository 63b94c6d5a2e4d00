"""The process of DynamoDB Local: started again when it dies, and truncated when it is told to.

LocalStack starts it again too, and tells nobody that the tables are gone.
"""

import logging
import os
import queue
import subprocess
import threading
import time
from collections.abc import Sequence

from loadstack_engine.notices import NOTICES

LOG = logging.getLogger(__name__)

_ANSWER = "loadstack: "
_TRUNCATED = "truncated"
_ENDS_WITHIN_S = 2.0
# One that dies at once would keep a processor busy with starting it.
_SHORT_LIFE_S = 5.0
_PAUSE_S = 1.0


class NotTruncatedError(Exception):
    """DynamoDB Local does not run, did not answer in time, or failed."""


class Process:
    """DynamoDB Local, from ``run`` to ``stop``: *running*; *dead* until the next one has started; *stopped*.

    Its standard input is how it learns that LocalStack is gone; orders (``LoopbackServer.java``) go there too.
    """

    def __init__(self, command: Sequence[str], loses_data: bool) -> None:
        self._command = command
        self._loses_data = loses_data
        self._process: subprocess.Popen[str] | None = None
        self._stopped = threading.Event()
        self._ordering = threading.Lock()
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def run(self, _: object = None) -> int:
        """Start it, and again whenever it ends by itself; returns its exit code after ``stop``."""
        while True:
            started = time.monotonic()
            code = self._run_once()
            if self._stopped.is_set():
                return code
            self._tell(code)
            if time.monotonic() - started < _SHORT_LIFE_S:
                self._stopped.wait(_PAUSE_S)

    def stop(self, _: object = None) -> None:
        """End it: it does so at the end of its input; killed if it does not."""
        self._stopped.set()
        process = self._process
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()

    def truncate(self, timeout_s: float) -> None:
        """Delete all items, stream records and remembered transactions; tables, indexes and streams stay.

        Raises:
            NotTruncatedError: see there.
        """
        with self._ordering:
            while not self._answers.empty():
                self._answers.get()  # late, of an order that was given up
            try:
                assert self._process is not None
                assert self._process.stdin is not None
                self._process.stdin.write("truncate\n")
                self._process.stdin.flush()
                answer = self._answers.get(timeout=timeout_s)
            except (AssertionError, OSError, ValueError) as error:
                raise NotTruncatedError("DynamoDB Local does not run") from error
            except queue.Empty:
                raise NotTruncatedError(f"DynamoDB Local did not answer within {timeout_s:g} s") from None
        if answer != _TRUNCATED:
            raise NotTruncatedError(f"DynamoDB Local: {answer}")

    def _run_once(self) -> int:
        environment = {**os.environ, "DDB_LOCAL_TELEMETRY": "0"}
        with subprocess.Popen(
            self._command,
            env=environment,
            text=True,
            errors="replace",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            self._process = process
            if self._stopped.is_set():
                process.kill()
            for line in process.stdout or ():
                if line.startswith(_ANSWER):
                    self._answers.put(line.removeprefix(_ANSWER).strip())
                else:
                    LOG.debug(line.rstrip())
        return process.returncode

    def _tell(self, code: int) -> None:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        lost = "its tables and items are gone" if self._loses_data else "its tables are as they were"
        NOTICES.add(f"DynamoDB Local {how} and was started again: {lost}.")
