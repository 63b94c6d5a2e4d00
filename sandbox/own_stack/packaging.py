"""The template's local code on its way into the stack.

Folders of Python functions and of layers are served from where they are, where the engine sees them (hot reload: bucket
``hot-reload``, the folder as the key): an edit is live at the next invocation. All else goes to S3 as it is now.
"""

import copy
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.package import zip_bytes
from bootstrap.template import artifacts
from bootstrap.template.artifacts import Artifact, Location
from sandbox.own_stack import handlers
from sandbox.own_stack.dependencies import Dependencies
from sandbox.own_stack.errors import TemplateError
from sandbox.own_stack.reading import Template

_HOT = "hot-reload"
_LAYERS = ("AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion")
_FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
_CDK_VERSION = "BootstrapVersion"
_CDK_RULE = "CheckBootstrapVersion"
_MOST_LAYERS = 5


@dataclass(frozen=True, slots=True)
class Packaged:
    """``template`` names no local file any more; ``uploads`` are left to send. ``hot`` are the folders served."""

    template: Template
    uploads: tuple[Artifact, ...]
    hot: tuple[Path, ...]
    pack: Callable[[Artifact], bytes]


def without_bootstrap(template: Template) -> Template:
    """A template of ``cdk synth`` without the question whether ``cdk bootstrap`` was run: nothing of that is needed."""
    parameters, rules = dict(template.get("Parameters") or {}), dict(template.get("Rules") or {})
    if _CDK_VERSION not in parameters or _CDK_RULE not in rules:
        return template
    del parameters[_CDK_VERSION], rules[_CDK_RULE]
    kept = {key: value for key, value in template.items() if key not in ("Parameters", "Rules")}
    return {**kept, **({"Parameters": parameters} if parameters else {}), **({"Rules": rules} if rules else {})}


def prepare(template: Template, found: Sequence[Artifact], dependencies: Dependencies, *, served: bool) -> Packaged:
    """``served``: the engine sees this machine's folders.

    Raises:
        PackageError: what a requirements.txt asks for cannot be installed.
        TemplateError: a function has no place for a layer with it, or no file for its handler.
    """
    prepared = copy.deepcopy(template)
    uploads, hot = [], []
    installed: dict[tuple[str, ...], Path] = {}
    imported: dict[tuple[str, ...], tuple[Path, ...]] = {}
    for artifact in found:
        libraries = None
        if is_python(template, artifact):
            libraries = dependencies.of(artifact.path)
            imported[artifact.where] = (artifact.path.resolve(), *([libraries / "python"] if libraries else []))
        if not (served and _can_be_served(template, artifact)):
            uploads.append(artifact)
            if libraries:
                installed[artifact.where] = libraries
            continue
        hot.append(artifact.path.resolve())
        _place(prepared, artifact, artifact.path.resolve())
        if libraries:
            _add_layer(prepared, artifact, libraries)
    if lines := list(handlers.missing(template, imported)):
        raise TemplateError(*lines)

    def pack(artifact: Artifact) -> bytes:
        """With its libraries beside the code, as ``sam build`` has them."""
        libraries = installed.get(artifact.where)
        if libraries is None:
            return artifacts.pack(artifact)
        files = {**artifacts.files_of(libraries / "python"), **artifacts.files_of(artifact.path)}
        return zip_bytes(files, zipfile.ZIP_DEFLATED, keeps_executables=True)

    return Packaged(prepared, tuple(uploads), tuple(hot), pack)


def is_python(template: Template, artifact: Artifact) -> bool:
    """A folder of a Python function's: where one resource says nothing of its runtime, Globals may."""
    resource = _resource(template, artifact)
    if not artifact.path.is_dir() or resource.get("Type") not in (*_FUNCTIONS, None):
        return False
    usual = ((template.get("Globals") or {}).get("Function") or {}).get("Runtime")
    runtime = (resource.get("Properties") or {}).get("Runtime", usual)
    return not isinstance(runtime, str) or runtime.startswith("python")


def _can_be_served(template: Template, artifact: Artifact) -> bool:
    kind = _resource(template, artifact).get("Type")
    return artifact.path.is_dir() and (kind in _LAYERS or is_python(template, artifact))


def _resource(template: Template, artifact: Artifact) -> Mapping[str, Any]:
    section, name = artifact.where[:2]
    resource: Mapping[str, Any] = template[section][name] if section == "Resources" else {}
    return resource


def _place(template: Template, artifact: Artifact, folder: Path) -> None:
    """Where SAM takes a URI it takes a mapping as well, which keeps the slash that a path begins with."""
    location = Location.S3_BUCKET if artifact.location is Location.S3_BUCKET else Location.BUCKET
    *parents, last = artifact.where
    inner = template
    for each in parents:
        inner = inner[each]
    inner[last] = location.write(_HOT, str(folder))


def _add_layer(template: Template, artifact: Artifact, libraries: Path) -> None:
    name = f"LoadstackLibraries{libraries.name}"
    template["Resources"].setdefault(
        name,
        {
            "Type": "AWS::Lambda::LayerVersion",
            "Properties": {
                "LayerName": f"loadstack-libraries-{libraries.name}",
                "Content": Location.S3_BUCKET.write(_HOT, str(libraries)),
            },
        },
    )
    *parents, _ = artifact.where
    function = template
    for each in parents:
        function = function[each]
    layers, reference = function.get("Layers", []), {"Ref": name}
    if isinstance(layers, list) and reference in layers:  # of properties that functions share, by an anchor of YAML's
        return
    if not isinstance(layers, list) or len(layers) >= _MOST_LAYERS:
        raise TemplateError(
            f"{artifact.label}: its requirements.txt becomes a layer, and there is no room for one in Layers: "
            f"make it a list of at most {_MOST_LAYERS - 1}, or put the libraries into the folder."
        )
    function["Layers"] = [*layers, reference]
