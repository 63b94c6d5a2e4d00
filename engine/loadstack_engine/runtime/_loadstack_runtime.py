"""A function process: AWS's runtime interface client, fed by a socket instead of the Runtime API over HTTP.

Run as a script in a fresh interpreter, or in a fork of :mod:`fork_server`, with two descriptors: the channel, and the
read end of a pipe whose other end LocalStack holds. When LocalStack dies that pipe closes, and the process ends,
also in the middle of an invocation, as soon as a thread of Python gets to run.

AWS's client reports errors, builds ``context`` and sets up logging:
https://github.com/aws/aws-lambda-python-runtime-interface-client
"""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from functools import cache
from types import ModuleType
from typing import Any

# Before the function's folder is on the path: a string.py in it must not become Python's.
import _loadstack_calls as calls
import _loadstack_debug as debug
import _loadstack_sdk as sdk
import _loadstack_usage as usage
from _loadstack_channel import Channel, ChannelClosedError
from _loadstack_memory import FOOTPRINT
from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_client import InvocationRequest
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller, to_json

# What every function process has loaded before the function's code.
BARE = frozenset(sys.modules)
_REMEMBERED: frozenset[str] = frozenset()


class ChannelRuntimeClient:
    """What ``awslambdaric.bootstrap.run`` asks of a runtime client, over a :class:`Channel`.

    The first wait for an invocation is the end of the init phase, and says so to the other side. A fork that the
    function's code made, and that comes back here, ends instead of answering: it would take the next invocation from
    the one that the channel belongs to.
    """

    def __init__(self, channel: Channel) -> None:
        self.marshaller = LambdaMarshaller()
        self._channel = channel
        self._pid = os.getpid()
        self._ready = False
        self._taken_at = (0.0, 0.0)

    def wait_next_invocation(self) -> Any:
        if not self._ready:
            self._ready = True
            FOOTPRINT.settle(_new_modules().values())
            cpu_s = time.process_time()
            self._send("ready", modules=library_modules(), excess_kib=FOOTPRINT.excess_kib, cpu_s=cpu_s)
        try:
            message = self._channel.receive()
        except ChannelClosedError:
            os._exit(0)
        self._taken_at = time.monotonic(), time.process_time()
        return InvocationRequest(
            **message.fields, content_type="application/json", event_body=message.body, invocation_id=None
        )

    def post_invocation_result(
        self, invoke_id: str, result_data: Any, content_type: str = "application/json", invocation_id: Any = None
    ) -> None:
        body = result_data if isinstance(result_data, bytes) else result_data.encode()
        self._send("result", body, invoke_id=invoke_id, **self._took())

    def post_invocation_error(
        self, invoke_id: str, error_response_data: str, xray_fault: str, invocation_id: Any = None
    ) -> None:
        self._send("error", error_response_data.encode(), invoke_id=invoke_id, **self._took())

    def post_init_error(self, error_response_data: Any, error_type_override: str | None = None) -> None:
        self._send("init_error", to_json(error_response_data).encode(), cpu_s=time.process_time())

    def _took(self) -> dict[str, float]:
        """Since the event was here, by this process's own clocks: also while LocalStack is too busy to listen."""
        wall, cpu = self._taken_at
        return {"ran_s": time.monotonic() - wall, "cpu_s": time.process_time() - cpu}

    def _send(self, kind: str, body: bytes = b"", **fields: Any) -> None:
        flush()
        if os.getpid() != self._pid:
            os._exit(0)
        try:
            self._channel.send(kind, body, **self._figures(), **fields)
        except ChannelClosedError:
            os._exit(0)

    def _figures(self) -> dict[str, Any]:
        """Of this invocation, or of the init: memory, what was called, what AWS bills for it and what IAM asks."""
        return {
            "max_memory_mb": FOOTPRINT.most_mib(),
            "calls": calls.take(),
            "usage": usage.USED.take(),
            "asked": calls.take_asked(),
        }


def use_function_path() -> None:
    """Put the function's code first on the path, in the place of what was first; layers follow through PYTHONPATH."""
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.argv = ["bootstrap.py"]


def heed_hot_reload() -> None:
    """Bytecode knows its source by whole seconds and size: two changes within a second would be one."""
    if os.environ.pop("LOADSTACK_KEEP_NO_BYTECODE", None):
        sys.dont_write_bytecode = True


def use_own_tmp() -> None:
    """Mount the environment's folder on ``/tmp`` where LocalStack found that it can be; else TMPDIR names it."""
    if folder := os.environ.pop("LOADSTACK_TMP", None):
        import _loadstack_tmp

        ours = __file__.rpartition(os.sep)[0]
        needed = [os.environ["LAMBDA_TASK_ROOT"], *sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix, ours]
        needed += filter(None, [os.environ.get("LOADSTACK_DEBUGPY")])
        with contextlib.suppress(OSError):
            _loadstack_tmp.use(folder, needed)
            os.environ["TMPDIR"] = str(_loadstack_tmp.TMP)


def run(channel_fd: int, lifeline: int) -> None:
    """Initialise the function and serve invocations; returns never, but may raise SystemExit."""
    for fd in (channel_fd, lifeline):
        os.set_inheritable(fd, False)
    heed_hot_reload()
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True, name="lifeline").start()
    client = ChannelRuntimeClient(Channel(socket.socket(fileno=channel_fd)))
    debug.listen()
    bootstrap.run(os.environ["_HANDLER"], client)


def library_modules() -> list[str]:
    """The modules that are libraries, Python's own and those of installed distributions, and not the fork server's.

    Not the function's own code, nor loose modules of its layers: those may hold a connection or an id that each
    environment must have for itself.
    """
    own = os.environ["LAMBDA_TASK_ROOT"] + os.sep
    return [
        name
        for name, module in _new_modules().items()
        if name.partition(".")[0] in _installed()
        and (file := getattr(module, "__file__", None))
        and not file.startswith(own)
    ]


def _new_modules() -> dict[str, ModuleType]:
    """Those that were loaded since the fork.

    They are the last ones: to look at the others too would write to each one's reference count, and copy its page.
    """
    found = {}
    try:
        for name in reversed(sys.modules):
            if name in _REMEMBERED:
                break
            found[name] = sys.modules[name]
    except (RuntimeError, KeyError):  # a thread of the function is importing
        return {name: module for name, module in sys.modules.copy().items() if name not in _REMEMBERED}
    return found


def remember_libraries() -> None:
    """Before forking: what is loaded by now is no news of a fork's, and what is installed is looked up once."""
    global _REMEMBERED
    _installed()
    _REMEMBERED = frozenset(sys.modules)


@cache
def _installed() -> frozenset[str]:
    """The top-level modules of Python and of the installed distributions. 15 ms for two dozen distributions."""
    import importlib.metadata

    return frozenset(importlib.metadata.packages_distributions()) | sys.stdlib_module_names


def flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    descriptors = [int(argument) for argument in sys.argv[1:3]]
    sdk.prepare()
    use_own_tmp()
    use_function_path()
    run(*descriptors)
