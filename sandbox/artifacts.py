"""Builds the functions and the layers of the shop from the checkout."""

from rich.console import Console

from bootstrap.package import Artifacts, Builder
from bootstrap.shop import SHOP
from bootstrap.validate import validate
from sandbox.paths import ROOT, SANDBOX, Installation


def build(console: Console, only: str | None = None, installation: Installation = SANDBOX) -> Artifacts:
    """Check the declaration, then package all of it, or the service ``only`` alone.

    Raises:
        DeclarationError: the declaration contradicts itself.
        PackageError: code that does not compile, or a layer that could not be built.
    """
    validate(SHOP, ROOT)
    builder = Builder(
        root=ROOT,
        folder=installation.build,
        uv=installation.uv,
        python=installation.runtime_python,
        progress=lambda resource, what: console.print(f"  {resource}: {what} …"),
    )
    return builder.build(SHOP, only)
