"""``make template``: the stack as an AWS SAM template, and the archives that it names."""

import platform
import sys
from pathlib import Path

from rich.console import Console

from bootstrap.flows import Flow
from bootstrap.shop import stack
from bootstrap.template import files, shop
from sandbox import artifacts
from sandbox.errors import EXIT_OK
from sandbox.paths import ROOT

# What functions on AWS run on; on such a machine the layers are those of `make up`, built already.
_LAMBDA = "x86_64-manylinux_2_28"


def run(console: Console) -> int:
    """Write the template and its archives into the checkout; each is there whole or as it was.

    Raises:
        BootstrapError: the declaration contradicts itself, or its code cannot be packaged; nothing was written.
    """
    text = shop.render()
    built = artifacts.build(console, stack(Flow.SAGA), platform=platform_of_lambda())
    files.write(built, ROOT)
    console.print(f"  {len(built.functions)} functions and {len(built.layers)} layers are below {files.FOLDER}")
    changed = write(text, ROOT / shop.FILE)
    console.print(f"[green]{shop.FILE}[/] {'written' if changed else 'is as it was'}.")
    return EXIT_OK


def write(text: str, path: Path) -> bool:
    """Put the text there as a whole; whether it was another before."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return True


def platform_of_lambda() -> str | None:
    """What uv shall install the layers for, so that they run on AWS; None where this machine is such a one."""
    is_like_lambda = sys.platform == "linux" and platform.machine() == "x86_64"
    return None if is_like_lambda else _LAMBDA
