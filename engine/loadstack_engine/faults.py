"""How an invocation failed, in AWS's words.

The texts are those of AWS's own runtime init (the sources of the Lambda runtime interface emulator) as
callers see them in the payload beside ``FunctionError: Unhandled``, and as CloudWatch Logs shows them.
"""

import json
import signal
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A failed invocation: the payload that the caller gets, and the line for the log ("" for none)."""

    payload: bytes
    log_line: str = ""


def timed_out(request_id: str, timeout_s: float, timestamp: str) -> Fault:
    """The handler did not answer within the function's timeout, in seconds."""
    text = f"Task timed out after {timeout_s:.2f} seconds"
    payload = _payload("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}")
    return Fault(payload, f"{timestamp} {request_id} {text}\n\n")


def runtime_exited(request_id: str, status: int) -> Fault:
    """The process ended within an invocation; ``status`` is negative for a signal, as in :mod:`subprocess`."""
    if status == 0:
        text = "Runtime exited without providing a reason"
    elif status < 0:
        text = f"Runtime exited with error: signal: {_signal_name(-status)}"
    else:
        text = f"Runtime exited with error: exit status {status}"
    payload = _payload("Runtime.ExitError", f"RequestId: {request_id} Error: {text}")
    return Fault(payload, f"RequestId: {request_id} Error: {text}\nRuntime.ExitError\n")


def _payload(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}, separators=(",", ":")).encode()


def _signal_name(number: int) -> str:
    """As Go's ``syscall.Signal.String`` prints it, which is what AWS shows: ``killed``, ``segmentation fault``."""
    try:
        return (signal.strsignal(number) or f"signal {number}").lower()
    except ValueError:
        return f"signal {number}"
