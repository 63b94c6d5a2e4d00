"""What would be deployed: the shop's template with its code, built and checked, all on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from bootstrap.flows import Flow
from bootstrap.shop import stack
from bootstrap.template import artifacts, files, shop
from bootstrap.template.artifacts import Artifact, Template
from sandbox import artifacts as code
from sandbox.aws_plan import checks
from sandbox.exclusive import only_one
from sandbox.paths import CHANGING, ROOT
from sandbox.template import platform_of_lambda


@dataclass(frozen=True, slots=True)
class Prepared:
    """The template, and what lies in the archives that it names, by their labels."""

    template: Template
    artifacts: tuple[Artifact, ...]
    contents: Mapping[str, bytes]

    def pack(self, artifact: Artifact) -> bytes:
        """As `bootstrap.template.artifacts.upload` wants it: what was built, whatever is built meanwhile."""
        return self.contents[artifact.label]

    @property
    def megabytes(self) -> float:
        return sum(map(len, self.contents.values())) / 1e6


def prepare(template: Mapping[str, Any], region: str, console: Console) -> Prepared:
    """Build the code and check the template as it would be in `region`; nothing leaves this machine.

    Raises:
        BootstrapError: the code cannot be packaged.
        TemplateError: `template.yaml` is not that of the declaration, or cannot be deployed.
    """
    checks.require_current(ROOT / shop.FILE, shop.render())
    with console.status("Checking the template (cfn-lint)"):
        checks.lint(ROOT / shop.FILE, region)
    with only_one(CHANGING, "Another command changes the stack; waiting for it …"):
        files.write(code.build(console, stack(Flow.SAGA), platform=platform_of_lambda()), ROOT)
        found = artifacts.find(template, ROOT)
        contents = {each.label: artifacts.pack(each) for each in found}
    return Prepared(dict(template), found, contents)
