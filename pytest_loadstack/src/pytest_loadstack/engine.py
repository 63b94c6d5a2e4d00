"""An engine of a checkout as a child process that cannot outlive this one."""

import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from pytest_loadstack import answering
from pytest_loadstack.errors import LoadstackError

_STOP_LIMIT_S = 15.0
_END_LIMIT_S = 5.0
_READY = "Ready "
# Settings of the user's for other commands of the checkout.
_OTHERS = {"PORT", "ENGINE", "ENDPOINT", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LOADSTACK_INSTANCE"}


class Engine:
    """``sandbox/run engine`` of a checkout. It ends when its standard input does: with :meth:`close`, or with us.

    States: *starting*, once it is made; *ready*, after :meth:`wait_until_ready`; *ended*. :meth:`close` is to be
    called in the end, and ends it in any state, also from another thread.
    """

    def __init__(self, checkout: Path) -> None:
        self.endpoint = ""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed in the end, by close()
        self._process = subprocess.Popen(
            [str(checkout / "sandbox" / "run"), "engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # Ctrl-C is for pytest, which then ends this
            env={name: value for name, value in os.environ.items() if name not in _OTHERS},
        )

    def wait_until_ready(self) -> None:
        """Some seconds, or minutes where the checkout still has to set itself up.

        Raises:
            LoadstackError: it did not start; says what it said.
        """
        assert self._process.stdout is not None
        for line in self._process.stdout:
            text = line.decode(errors="replace").strip()
            if text.startswith(_READY):
                self.endpoint = text.removeprefix(_READY)
                return
        self._process.wait()
        raise LoadstackError(f"The sandbox did not start: {self._last_error()}")

    def end_reason(self) -> str | None:
        """Why it ended, or None while it answers. It may take a moment to say why, which is waited for."""
        if self._process.poll() is None:
            if answering.accepts(self.endpoint):
                return None
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_LIMIT_S)
        return f"The sandbox ended: {self._last_error()}"

    def close(self) -> None:
        """End it and all that it started. Does nothing twice."""
        if self._process.stdin:
            self._process.stdin.close()
        with suppress(ProcessLookupError):
            self._process.terminate()  # while it installs it reads no input
        try:
            self._process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # the engine's supervisor notices, and ends the rest
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._errors.close()

    def _last_error(self) -> str:
        if self._errors.closed:
            return "it was stopped"
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().decode(errors="replace").splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("error: ")]
        if errors or lines:
            return (errors or lines)[-1].removeprefix("error: ")
        code = self._process.poll()
        return "it does not answer" if code is None else f"exit code {code}"
