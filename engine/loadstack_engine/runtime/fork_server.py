"""A parent of function processes: it has imported libraries, so that processes start by forking.

There are two kinds. One is shared by all functions with the same interpreter and the same layers; it has imported the
SDK, AWS's runtime client and Powertools where they have it. The other belongs to one function version: a fork of the
first one (or, where that does not fit, an interpreter of its own) with the version's environment variables, which has
also imported the libraries that the version's first process had loaded by the end of its init. Neither imports
anything of a function's own code: each environment runs that itself, as on AWS.

Started as a script with one inherited descriptor, a stream socket of :mod:`_loadstack_channel` frames. LocalStack sends

- ``preload``: body, names of modules as JSON; ``usual`` adds those that most functions use. Answered by ``preloaded``
  with the fields of :class:`_loadstack_preload.Preloaded`.
- ``fork``: body, environment variables and code folder as JSON; with it four descriptors: channel, lifeline, output,
  status. Answered by ``forked`` with the pid. When that process ends, its exit status is written to the last
  descriptor, four bytes in network order, negative for a signal.
- ``grow``: the same body; with it one descriptor, the socket of a fork server that a fork of this one becomes. Answered
  by ``forked``.

It ends when the socket closes.
"""

import contextlib
import json
import os
import select
import signal
import socket
import struct
import sys
import tempfile
import time
from dataclasses import asdict
from typing import Any, NoReturn

import _loadstack_preload as preloading
import _loadstack_runtime as runtime
import _loadstack_sdk as sdk
import _loadstack_tmp  # noqa: F401  # so that its forks have it
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
            usual = bool(message.fields.get("usual"))
            names = [*(preloading.USUAL if usual else ()), *json.loads(message.body)]
            self._channel.send("preloaded", **asdict(preloading.preload(names, warm=usual)))
            return
        descriptors = self._channel.take_descriptors()
        pid = os.fork()
        if pid == 0:
            self._be_child(message, descriptors)
        if message.kind == "fork":
            self._statuses[pid] = descriptors.pop()
        for fd in descriptors:
            os.close(fd)
        self._channel.send("forked", pid=pid)

    def _be_child(self, message: Message, descriptors: list[int]) -> NoReturn:
        try:
            self._leave(json.loads(message.body))
            if message.kind == "grow":
                ForkServer(socket.socket(fileno=descriptors[0])).serve()
            else:
                _be_environment(*descriptors)
        except SystemExit as ending:
            _exit_now(ending.code)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            _exit_now(1)
        _exit_now(0)

    def _leave(self, start: dict[str, Any]) -> None:
        """In the child: give up all that is the parent's, and take on what the child starts with."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._socket.close()
        for fd in (*self._inherited, *self._statuses.values()):
            os.close(fd)
        os.environ.clear()
        os.environ.update(start["environment"])
        time.tzset()
        os.chdir(start["code"])
        tempfile.tempdir = None  # a library may have asked for it with the parent's TMPDIR
        runtime.use_function_path()

    def _reap(self) -> None:
        os.read(self._wakeup, 4096)
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if (target := self._statuses.pop(pid, None)) is None:
                    continue  # a fork server
                with contextlib.suppress(OSError):
                    os.write(target, struct.pack("!i", os.waitstatus_to_exitcode(status)))
                os.close(target)


def _be_environment(channel: int, lifeline: int, output: int, status: int) -> None:
    os.close(status)
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    runtime.use_own_tmp()
    runtime.run(channel, lifeline)


def _exit_now(code: object) -> NoReturn:
    """End as ``sys.exit(code)`` ends an interpreter, without the parent's clean-up."""
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    runtime.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    sdk.prepare()
    runtime.heed_hot_reload()
    if "LAMBDA_TASK_ROOT" in os.environ:  # one version's own
        runtime.use_function_path()
    ForkServer(socket.socket(fileno=int(sys.argv[1]))).serve()
