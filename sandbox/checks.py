"""The project's own tests and linters, as CI runs them."""

import subprocess
import sys
from collections.abc import Sequence

from rich.console import Console

from sandbox.errors import EXIT_FAILED, EXIT_OK
from sandbox.paths import ROOT

_PACKAGES = ("sandbox", "bootstrap", "engine/loadstack_engine", "loadtests", "functions")
_LINTERS = (
    ("ruff check", ["-m", "ruff", "check", "."]),
    ("ruff format", ["-m", "ruff", "format", "--check", "."]),
    ("import-linter", ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]),
    ("mypy", ["-m", "mypy", *_PACKAGES]),
)


def test(arguments: Sequence[str]) -> int:
    """Run pytest from the checkout's root; its exit code."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


def lint(console: Console) -> int:
    """Run every linter, also after one that complains."""
    exit_code = EXIT_OK
    for name, arguments in _LINTERS:
        result = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        passed = result.returncode == 0
        console.print(f"{name}: {'ok' if passed else 'failed'}")
        if not passed:
            console.print(result.stdout + result.stderr, markup=False, soft_wrap=True)
            exit_code = EXIT_FAILED
    return exit_code
