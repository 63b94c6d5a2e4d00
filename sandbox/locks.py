"""``make lock``: the hashed locks, compiled anew.

LocalStack 4.14.0 does not start with later dependencies than those of 2026-03-10 (cbor2 6 lost a module that it
imports, moto-ext moved on), so its lock is compiled as of that day, and the others keep to it.
"""

import subprocess

from rich.console import Console

from sandbox.errors import EXIT_OK, SetupError
from sandbox.paths import DEVELOPMENT, ROOT

_LOCALSTACK_CUTOFF = "2026-03-10"
# In order: each may be constrained by those before it.
_LOCKS = ("uv", "java", "engine", "sandbox", "runtime", "layer", "layer-images", "bench", "tools", "cdk", "dev")


def compile_all(console: Console) -> int:
    """Write ``requirements/<name>.txt`` from ``<name>.in``, with hashes and without any index's address."""
    for name in _LOCKS:
        cutoff = ["--exclude-newer", _LOCALSTACK_CUTOFF] if name == "engine" else []
        command = [
            str(DEVELOPMENT.uv),
            *("pip", "compile", "--quiet", "--upgrade", "--generate-hashes", "--python-version", "3.13"),
            *("--no-header", "--no-emit-index-url", *cutoff, f"{name}.in", "--output-file", f"{name}.txt"),
        ]
        result = subprocess.run(command, cwd=ROOT / "requirements", capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise SetupError(f"requirements/{name}.in cannot be locked: {result.stderr}")
        console.print(f"requirements/{name}.txt")
    return EXIT_OK
