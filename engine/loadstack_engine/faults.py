"""How an invocation failed, in AWS's words.

The texts are those of AWS's own runtime init (the sources of the Lambda runtime interface emulator) as
callers see them in the payload beside ``FunctionError: Unhandled``, and as CloudWatch Logs shows them.
"""

import json
import signal
from dataclasses import dataclass

from loadstack_engine.invocation_log import Ended, iso

# 6 MB, and some room for what the runtime adds: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
RESPONSE_LIMIT_BYTES = 6 * 1024 * 1024 + 100


@dataclass(frozen=True)
class Fault:
    """A failed invocation or init: the payload that the caller gets, and what the log says of it."""

    payload: bytes
    ended: Ended


def timed_out(request_id: str, timeout_s: float, at: int) -> Fault:
    """The handler did not answer within the function's timeout, in seconds; ``at`` in milliseconds since 1970."""
    text = f"Task timed out after {timeout_s:.2f} seconds"
    payload = _payload("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}")
    return Fault(payload, Ended("timeout", line=f"{iso(at)} {request_id} {text}"))


def runtime_exited(request_id: str, status: int) -> Fault:
    """The process ended within an invocation; ``status`` is negative for a signal, as in :mod:`subprocess`."""
    if status == 0:
        text = "Runtime exited without providing a reason"
    elif status < 0:
        text = f"Runtime exited with error: signal: {_signal_name(-status)}"
    else:
        text = f"Runtime exited with error: exit status {status}"
    payload = _payload("Runtime.ExitError", f"RequestId: {request_id} Error: {text}")
    line = f"RequestId: {request_id} Error: {text}\nRuntime.ExitError"
    return Fault(payload, Ended("error", "Runtime.ExitError", line))


def response_too_large(size: int) -> Fault:
    """The handler's answer is over the limit; ``size`` in bytes."""
    error = "Function.ResponseSizeTooLarge"
    words = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT_BYTES} bytes)."
    line = f"[ERROR] [{error}] {words} The response has {size} bytes."
    return Fault(_payload(error, words), Ended("error", error, line))


def init_failed(payload: bytes) -> Fault:
    """The function's module could not be imported, say; ``payload`` is the runtime's error."""
    return Fault(payload, Ended("error", _error_type(payload)))


def raised(payload: bytes) -> Fault:
    """The handler raised; ``payload`` is the runtime's error."""
    return Fault(payload, Ended("error"))


def _error_type(payload: bytes) -> str:
    try:
        return str(json.loads(payload)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"


def _payload(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}, separators=(",", ":")).encode()


def _signal_name(number: int) -> str:
    """As Go's ``syscall.Signal.String`` prints it, which is what AWS shows: ``killed``, ``segmentation fault``."""
    try:
        return (signal.strsignal(number) or f"signal {number}").lower()
    except ValueError:
        return f"signal {number}"
