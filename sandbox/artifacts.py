"""Builds the functions and the layers of the shop from the checkout."""

from rich.console import Console

from bootstrap.package import Artifacts, Builder
from bootstrap.resources import Stack
from bootstrap.shop import SHOP
from bootstrap.validate import validate
from sandbox.paths import ROOT, SANDBOX, Installation


def build(
    console: Console,
    stack: Stack = SHOP,
    only: str | None = None,
    installation: Installation = SANDBOX,
    platform: str | None = None,
) -> Artifacts:
    """Check the declaration, then package all of it, or the service ``only`` alone; ``platform`` is uv's name of the
    machine that layers are for, where it is not this one.

    Raises:
        DeclarationError: the declaration contradicts itself.
        PackageError: code that does not compile, or a layer that could not be built.
    """
    validate(stack, ROOT)
    return _builder(console, installation, platform).build(stack, only)


def install_dependencies(console: Console, installation: Installation = SANDBOX) -> None:
    """Build the layers that are installed from a lock, and look at nothing else: raises PackageError."""
    _builder(console, installation).install_dependencies(SHOP)


def _builder(console: Console, installation: Installation, platform: str | None = None) -> Builder:
    return Builder(
        root=ROOT,
        folder=installation.build,
        uv=installation.uv,
        python=installation.runtime_python,
        progress=lambda resource, what: console.print(f"  {resource}: {what} …"),
        platform=platform,
    )
