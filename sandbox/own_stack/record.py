"""What this checkout's sandbox runs instead of the shop: told until its engine is stopped, or another one started.

Standard library only: the shop's commands ask too.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sandbox.errors import UsageError
from sandbox.preflight import OWN_STACK


@dataclass(frozen=True, slots=True)
class OwnStack:
    """``template`` is the path as it was given; ``digest`` is that of the template that passed all checks last."""

    template: str
    stack: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    digest: str | None = None


def read(run: Path) -> OwnStack | None:
    """The stack of the engine that was started last from this run folder, None where that runs the shop."""
    try:
        content = json.loads((run / OWN_STACK).read_text())
        return OwnStack(content["template"], content["stack"], dict(content["parameters"]), content.get("digest"))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(run: Path, stack: OwnStack) -> None:
    run.mkdir(parents=True, exist_ok=True)
    part = run / f"{OWN_STACK}.part"
    part.write_text(json.dumps(asdict(stack)))
    part.replace(run / OWN_STACK)


def require_shop(run: Path, environment: Mapping[str, str]) -> None:
    """Raises UsageError where a command of the shop's is to work on a sandbox that runs another stack."""
    if not environment.get("ENDPOINT") and (own := read(run)):
        raise UsageError(
            f"This sandbox runs the stack of {own.template}, not the shop: make down, then make up brings the shop up."
        )
