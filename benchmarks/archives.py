"""The zips of the functions and of the Powertools layer."""

import io
import zipfile
from importlib import metadata
from pathlib import Path

from benchmarks.errors import ContenderError

_FUNCTIONS = Path(__file__).parent / "functions"
_LAYER = ("aws-lambda-powertools", "typing_extensions", "jmespath")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def function(name: str) -> bytes:
    """``functions/NAME.py`` as ``NAME.py``: the handler is ``NAME.handler``."""
    return _zip({f"{name}.py": (_FUNCTIONS / f"{name}.py").read_bytes()})


def powertools_layer(*site_packages: Path) -> bytes:
    """Powertools and what it needs beside the SDK, with the bytecode, from the first folder that has them installed.

    Raises:
        ContenderError: none has.
    """
    files: dict[str, bytes] = {}
    for name in _LAYER:
        found = list(metadata.distributions(name=name, path=[str(each) for each in site_packages]))
        if not found:
            raise ContenderError(f"{name} is not installed: run make bench, which installs it.")
        for entry in found[0].files or []:
            path = Path(str(entry.locate()))
            if ".." not in entry.parts and path.is_file():
                files[f"python/{entry}"] = path.read_bytes()
    return _zip(files)


def _zip(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in sorted(files.items()):
            target.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    return content.getvalue()
