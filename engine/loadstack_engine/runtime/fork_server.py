"""The parent of a function version's processes: it has imported their libraries, so that they start by forking.

One for each function version, with that version's environment variables, code and layers. It imports nothing of the
function's own code: each environment runs that itself, as on AWS. What it imports beforehand are the libraries that the
first process of the version had loaded by the end of its init, from its layers, the runtime and Python.

Started as a script with one inherited descriptor, a stream socket of :mod:`_loadstack_channel` frames. LocalStack sends

- ``fork``: body, the environment's variables as JSON; with it four descriptors: channel, lifeline, output, status.
  Answered by ``forked`` with the pid. When that process ends, its exit status is written to the last descriptor, four
  bytes in network order, negative for a signal.
- ``preload``: body, names of modules as JSON. Answered by ``preloaded`` with ``fit``: whether forks are sound; where
  they are not, LocalStack starts fresh interpreters.

It ends when the socket closes.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import _loadstack_runtime as runtime
from _loadstack_channel import Channel, ChannelClosedError, Message


class ForkServer:
    """Serves one socket until it closes. Single-threaded: a fork must not lose a thread."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._channel = Channel(sock)
        self._statuses: dict[int, int] = {}
        self._wakeup, write_end = os.pipe()
        for fd in (self._wakeup, write_end):
            os.set_blocking(fd, False)
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        signal.set_wakeup_fd(write_end)
        self._inherited = (self._wakeup, write_end)

    def serve(self) -> None:
        while True:
            readable, _, _ = select.select([self._socket.fileno(), self._wakeup], [], [])
            if self._wakeup in readable:
                self._reap()
            if self._socket.fileno() in readable:
                try:
                    message = self._channel.poll()
                except ChannelClosedError:
                    return
                if message is not None:
                    self._handle(message)

    def _handle(self, message: Message) -> None:
        if message.kind == "preload":
            self._channel.send("preloaded", fit=preload(json.loads(message.body)))
            return
        descriptors = self._channel.take_descriptors()
        pid = os.fork()
        if pid == 0:
            self._become_environment(json.loads(message.body), descriptors)
        *used_by_child, status = descriptors
        for fd in used_by_child:
            os.close(fd)
        self._statuses[pid] = status
        self._channel.send("forked", pid=pid)

    def _become_environment(self, variables: dict[str, str], descriptors: Sequence[int]) -> NoReturn:
        """In the child: leave everything of the parent's, and never return."""
        channel, lifeline, output, status = descriptors
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._socket.close()
        for fd in (status, *self._inherited, *self._statuses.values()):
            os.close(fd)
        for standard in (1, 2):
            os.dup2(output, standard)
        os.close(output)
        os.environ.update(variables)
        tempfile.tempdir = None  # a library may have asked for it with the parent's TMPDIR
        try:
            runtime.run(channel, lifeline)
        except SystemExit as ending:
            exit_now(ending.code)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            exit_now(1)
        exit_now(0)

    def _reap(self) -> None:
        os.read(self._wakeup, 4096)
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                target = self._statuses.pop(pid)
                with contextlib.suppress(OSError):
                    os.write(target, struct.pack("!i", os.waitstatus_to_exitcode(status)))
                os.close(target)


def exit_now(code: object) -> NoReturn:
    """End as ``sys.exit(code)`` ends an interpreter, without the parent's clean-up."""
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    runtime.flush()
    os._exit(code or 0)


def _open_descriptors() -> set[str]:
    return {each.name for each in Path("/dev/fd").iterdir()}


def preload(names: Sequence[str]) -> bool:
    """Import what can be imported; whether forks of this process are sound afterwards.

    They are not where a module started a thread, which a fork would lose, or opened a file or a socket, which all
    forks would share.
    """
    before = _open_descriptors()
    for name in names:
        # A library that fails outside its application's order of imports is imported by the application then.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # keeps the collector from touching, and so copying, the pages shared with the children
    return threading.active_count() == 1 and _open_descriptors() == before


if __name__ == "__main__":
    descriptor = int(sys.argv[1])
    runtime.use_function_path()
    ForkServer(socket.socket(fileno=descriptor)).serve()
