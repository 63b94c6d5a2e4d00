"""The template before anybody sees it: cfn-lint, which also has SAM's own translator turn it into CloudFormation."""

from pathlib import Path

from sandbox.errors import SandboxError

_FALLBACK_REGION = "us-east-1"


class TemplateError(SandboxError):
    """The template cannot be deployed; nothing was uploaded."""


def require_current(path: Path, rendered: str) -> None:
    """Raises TemplateError where the file is not what the declaration renders."""
    if not path.is_file() or path.read_text(encoding="utf-8") != rendered:
        raise TemplateError(f"{path.name} is not that of the declaration: make template writes it.")


def lint(path: Path, region: str) -> None:
    """Hold the template against the resources' schemas as they are in `region`. Takes seconds.

    Raises:
        TemplateError: names the first fault with its line, and how many more there are.
    """
    # Both read hundreds of schemas: only this command pays for it.
    from cfnlint.api import ManualArgs, lint_file
    from cfnlint.helpers import REGIONS

    config = ManualArgs(regions=[region if region in REGIONS else _FALLBACK_REGION], ignore_checks=["W", "I"])
    faults = lint_file(path, config)
    if faults:
        first = faults[0]
        more = f" ({len(faults) - 1} more: cfn-lint {path.name})" if len(faults) > 1 else ""
        raise TemplateError(f"{path.name}:{first.linenumber}: {first.rule.id} {first.message}{more}")
