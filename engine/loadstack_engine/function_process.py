"""One function process: started, given one event at a time, heard until it answers, ended."""

import contextlib
import os
import select
import signal
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from loadstack_engine import memory_limit
from loadstack_engine.output import Output
from loadstack_engine.runtime._loadstack_channel import Channel, ChannelClosedError, Message

_OUTPUT_CHUNK = 1 << 16
_EXIT_STATUS_WAIT_S = 1.0
# More than a pipe holds: all that was written before an answer is read after it.
_READS_A_PIPE = 32


@dataclass(frozen=True)
class Launch:
    """What a function process starts with.

    ``python`` is the interpreter whose site-packages stand for AWS's runtime; ``code`` the unzipped function, its
    working directory; ``environment`` all of its environment variables (none is inherited); ``memory_mb`` the memory
    size that it is held to, if any.
    """

    python: str
    code: Path
    environment: dict[str, str]
    memory_mb: int | None = None


class Spawned(Protocol):
    """A process that was started, in a session of its own."""

    pid: int

    def wait(self, timeout_s: float) -> int | None:
        """Its exit status, negative for a signal; None where it still runs after ``timeout_s``."""

    def close(self) -> None:
        """Give back what was held for it; it has ended."""


class Spawner(Protocol):
    """A way to start function processes."""

    def spawn(self, launch: Launch, channel: int, lifeline: int, output: int) -> Spawned:
        """Start one with these descriptors. Raises OSError."""


@dataclass(frozen=True)
class Exited:
    """The process ended, or closed its channel, without an answer; ``status`` as :attr:`Popen.returncode` has it.

    ``out_of_memory``: it was killed because it had more than its memory size.
    """

    status: int
    out_of_memory: bool = False


@dataclass(frozen=True)
class Expired:
    """The deadline passed first. The process still runs: kill it."""


Outcome = Message | Exited | Expired


class FunctionProcess:
    """A process with everything that it prints collected in order.

    Its life: *starting* from construction until :meth:`wait` gives ``ready`` (or ``init_error``, or it exits); *idle*;
    *busy* from :meth:`send` until :meth:`wait` gives ``result`` or ``error``; *dead* after :meth:`close`. The caller
    serialises the calls. It dies with this process, however this one ends, because the lifeline pipe closes.
    """

    def __init__(self, launch: Launch, spawner: Spawner) -> None:
        with contextlib.ExitStack() as kept, contextlib.ExitStack() as handed_over:
            self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            kept.callback(self._socket.close)
            handed_over.callback(theirs.close)
            lifeline_read, self._lifeline = os.pipe()
            kept.callback(os.close, self._lifeline)
            handed_over.callback(os.close, lifeline_read)
            self._output, output_write = os.pipe()
            kept.callback(os.close, self._output)
            handed_over.callback(os.close, output_write)
            os.set_blocking(self._output, False)
            self._process = spawner.spawn(launch, theirs.fileno(), lifeline_read, output_write)
            kept.pop_all()
        self._channel = Channel(self._socket)
        self._memory_mb = launch.memory_mb if memory_limit.WATCH is not None else None
        self._excess_kib = 0

    def is_idle(self) -> bool:
        """Whether it waits for an event: it has said nothing, and has not closed its end, since its last answer."""
        poller = select.poll()
        poller.register(self._channel.fileno(), select.POLLIN)
        return not poller.poll(0)

    def send(self, body: bytes, fields: dict[str, Any], timeout_s: float) -> None:
        """Hand over an event.

        Raises:
            ChannelClosedError: the process is dead.
            TimeoutError: it did not read the event in time.
        """
        self._socket.settimeout(timeout_s)
        self._channel.send("invoke", body, **fields)

    def wait(self, deadline: float, output: Output) -> Outcome:
        """Wait for the next message until ``deadline`` (:func:`time.monotonic`), adding what is printed to ``output``.

        All that the process wrote before it sent the message is in ``output`` when this returns: the pipe is drained
        after the message has come. A process that has more memory than it may is killed, also one that had meanwhile.
        """
        if memory_limit.WATCH is None or self._memory_mb is None:
            return self._wait(deadline, output)
        with memory_limit.WATCH.over(self._process.pid, self._memory_mb, self._excess_kib) as watched:
            outcome = self._wait(deadline, output)
        if isinstance(outcome, Message):
            self._excess_kib = outcome.fields.get("excess_kib", self._excess_kib)
            if outcome.fields["max_memory_mb"] <= self._memory_mb:
                return outcome
            self._kill_group()
            return Exited(-signal.SIGKILL, out_of_memory=True)
        return replace(outcome, out_of_memory=True) if watched.exceeded and isinstance(outcome, Exited) else outcome

    def _wait(self, deadline: float, output: Output) -> Outcome:
        poller = select.poll()
        poller.register(self._channel.fileno(), select.POLLIN)
        poller.register(self._output, select.POLLIN)
        outcome: Outcome | None = None
        while outcome is None:
            remaining_ms = (deadline - time.monotonic()) * 1000
            if remaining_ms <= 0:
                outcome = Expired()
                break
            for fd, _ in poller.poll(remaining_ms):
                if fd == self._output:
                    if not self._read_output(output):
                        poller.unregister(self._output)
                else:
                    outcome = self._read_channel()
        if isinstance(outcome, Expired):
            self._kill_group()  # one that prints without end would be read without end
        for _ in range(_READS_A_PIPE):
            if not self._read_output(output):
                break
        return outcome

    def close(self) -> None:
        """Kill the process, its process group too, and give back what it held. Safe to call twice."""
        if self._lifeline < 0:
            return
        if self._process.wait(0) is None:  # else its pid may be somebody else's by now
            self._kill_group()
        os.close(self._lifeline)
        self._lifeline = -1
        self._process.wait(_EXIT_STATUS_WAIT_S)
        self._process.close()
        self._channel.close()
        os.close(self._output)

    def _read_channel(self) -> Message | Exited | None:
        try:
            return self._channel.poll()
        except ChannelClosedError:
            status = self._exit_status()
            self._kill_group()
            return Exited(status)

    def _exit_status(self) -> int:
        status = self._process.wait(_EXIT_STATUS_WAIT_S)
        if status is None:  # it closed the channel and lives on: of no use any more
            self._kill_group()
            status = self._process.wait(_EXIT_STATUS_WAIT_S)
        return -signal.SIGKILL if status is None else status

    def _read_output(self, output: Output) -> bool:
        try:
            chunk = os.read(self._output, _OUTPUT_CHUNK)
        except OSError:
            return False
        if chunk:
            output.add(chunk)
        return bool(chunk)

    def _kill_group(self) -> None:
        # A session of its own makes the pid the group's id, so this reaches the function's own children too.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
