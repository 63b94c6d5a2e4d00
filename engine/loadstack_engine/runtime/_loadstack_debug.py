"""Lets a debugger attach to this process: see ``loadstack_engine.debugging``."""

import importlib
import importlib.util
import os
import sys
import time
from types import ModuleType
from typing import Any

# The adapter of an environment that has just ended may still have the port.
_PORT_LIMIT_S = 5.0
_ATTEMPT_EVERY_S = 0.1


def listen() -> None:
    """Listen where ``LOADSTACK_DEBUG`` asks for it, and say in the log that it does, or why not."""
    folder = os.environ.pop("LOADSTACK_DEBUGPY", None)
    port, _, wait = os.environ.get("LOADSTACK_DEBUG", "").partition(":")
    if not port.isdecimal():
        return
    # Python's own modules are frozen, which debugpy warns of at length.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    try:
        debugpy = _debugpy(folder)
    except ImportError:
        _say("debugpy is not installed: pip install debugpy, beside the function or where LocalStack is installed")
        return
    try:
        _listen(debugpy, int(port))
    except Exception as error:
        _say(f"no debugger can attach on port {port}: {error}")
        return
    _say(f"debugpy listens on 127.0.0.1:{port}{', and the function waits for it' if wait else ''}; no time-outs")
    if wait:
        debugpy.wait_for_client()


def _debugpy(folder: str | None) -> Any:
    """The function's own debugpy, or else the one in this folder, without what lies beside it there."""
    if importlib.util.find_spec("debugpy") is not None:
        return importlib.import_module("debugpy")
    if folder is None:
        raise ImportError("debugpy")
    spec = importlib.util.spec_from_file_location(
        "debugpy", f"{folder}/__init__.py", submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        raise ImportError("debugpy")
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules["debugpy"] = module
    spec.loader.exec_module(module)
    return module


def _listen(debugpy: Any, port: int) -> None:
    deadline = time.monotonic() + _PORT_LIMIT_S
    while True:
        try:
            debugpy.listen(("127.0.0.1", port))
            return
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_ATTEMPT_EVERY_S)


def _say(text: str) -> None:
    sys.stdout.write(f"Loadstack: {text}\n")
    sys.stdout.flush()
