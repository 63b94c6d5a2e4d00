"""Functions that a debugger can attach to: a port on 127.0.0.1 each, and no time-out meanwhile.

``LOADSTACK_DEBUG=orders:5678,payments:5679`` in LocalStack's environment, or ``LOADSTACK_DEBUG=5678`` among the
variables of a function; ``:wait`` after the port makes its init wait until the debugger is there. The function's
process listens with debugpy, https://github.com/microsoft/debugpy, from its own libraries or else from LocalStack's
interpreter.
"""

import importlib.util
import logging
from collections.abc import Mapping
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

from loadstack_engine.settings import SETTINGS

LOG = logging.getLogger(__name__)

VARIABLE = "LOADSTACK_DEBUG"
# A debugger may stand at a breakpoint all day.
HELD_OFF_S = 86_400.0


def setting_of(version: FunctionVersion) -> str | None:
    """``port`` or ``port:wait`` where the function is to be debugged; None otherwise."""
    own = (version.config.environment or {}).get(VARIABLE)
    setting = own or SETTINGS.debug.get(version.id.function_name)
    if setting and not setting.removesuffix(":wait").isdecimal():
        LOG.warning("%s=%s of %s is no port: not debugged", VARIABLE, setting, version.id.function_name)
        return None
    return setting or None


def variables(version: FunctionVersion) -> Mapping[str, str]:
    """What the process needs to know."""
    if (setting := setting_of(version)) is None:
        return {}
    found = importlib.util.find_spec("debugpy")
    ours = {"LOADSTACK_DEBUGPY": str(Path(found.origin).parent)} if found and found.origin else {}
    return {VARIABLE: setting} | ours
