"""All that is held against a template before anything starts."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap.errors import PackageError
from bootstrap.package import check_files
from bootstrap.template import artifacts
from bootstrap.template.artifacts import Artifact
from sandbox.own_stack import linting, parameters, reading, sources, support
from sandbox.own_stack.errors import TemplateError
from sandbox.own_stack.packaging import is_python, without_bootstrap
from sandbox.own_stack.reading import Template

SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Checked:
    """A template that nothing is wrong with. ``digest`` is its file's; ``left_out`` a line for each resource that is
    not supported, where that was allowed.
    """

    path: Path
    shown: str
    template: Template
    parameters: Mapping[str, str]
    artifacts: tuple[Artifact, ...]
    digest: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says: TEMPLATE, PARAMETERS, UNSUPPORTED."""

    template: str
    parameters: Mapping[str, str]
    skips: bool = False


def wanted(environment: Mapping[str, str]) -> Wanted:
    """Raises TemplateError for a word that is wrong."""
    skips = environment.get("UNSUPPORTED") or ""
    if skips not in ("", SKIP):
        raise TemplateError(f"UNSUPPORTED={skips} is unknown: use UNSUPPORTED=skip, which leaves such resources out.")
    given = parameters.parse(environment.get("PARAMETERS") or "")
    return Wanted(environment["TEMPLATE"], given, skips == SKIP)


def check(asked: Wanted, kept: Mapping[str, str], passed: str | None, supported: frozenset[str] | None) -> Checked:
    """``kept`` are the parameters of the last time, ``passed`` the digest of the file that passed then (the long checks
    are left out), ``supported`` the types that the endpoint makes; None: nobody knows.

    Raises:
        TemplateError: a line for each thing that is wrong.
    """
    path = reading.locate(asked.template)
    shown = asked.template if not Path(asked.template).expanduser().is_dir() else str(path)
    template = parameters.with_texts(without_bootstrap(reading.read(path, shown)))
    values = parameters.chosen(template, asked.parameters, kept)
    try:
        found = artifacts.find(template, path.parent)
        _check_syntax([each.path.resolve() for each in found if is_python(template, each)], path.parent)
    except PackageError as error:
        raise TemplateError(*(f"{shown}: {problem}" for problem in error.problems)) from error
    if lines := support.nested(template):
        raise TemplateError(*(f"{shown}: {line}." for line in lines))
    digest = hashlib.sha256(path.read_bytes() + str(asked.skips).encode()).hexdigest()
    checked = Checked(path, shown, template, values, found, digest)
    if digest == passed:
        return checked
    if problems := linting.problems(path, shown):
        raise TemplateError(*problems)
    if supported is None:
        return checked
    lines = support.unsupported(linting.translated(path, template), supported)
    if lines and not asked.skips:
        raise TemplateError(*_with_hint(shown, lines))
    return Checked(path, shown, template, values, found, digest, tuple(lines))


def _check_syntax(folders: Sequence[Path], base: Path) -> None:
    """Of the functions' own code: a library may hold what no Python 3.13 compiles. Raises PackageError."""
    root = Path(os.path.commonpath([base.resolve(), *folders]))
    check_files(root, (file for folder in folders for file in sources.own(folder)))


def _with_hint(shown: str, lines: Sequence[str]) -> list[str]:
    *others, last = lines
    return [*(f"{shown}: {line}." for line in others), f"{shown}: {last}. UNSUPPORTED=skip brings up all the rest."]
