"""Where the archives lie that the template names: in the checkout, under names that stay.

`aws cloudformation package`, `sam deploy` and our own commands upload them from there, and write the addresses in S3,
which hold a hash of the content, in their place.
"""

from pathlib import Path

from bootstrap.package import Archive, Artifacts

FOLDER = ".loadstack/template"


def function_path(name: str) -> str:
    """The archive of a function, as seen from the template."""
    return f"{FOLDER}/functions/{name}.zip"


def layer_path(name: str) -> str:
    """The archive of a layer, as seen from the template."""
    return f"{FOLDER}/layers/{name}.zip"


def write(artifacts: Artifacts, root: Path) -> None:
    """Put the archives where the template in `root` expects them; each is there whole or as it was.

    Raises:
        OSError: the folder cannot be written.
    """
    for name, archive in artifacts.functions.items():
        _write(archive, root / function_path(name))
    for name, archive in artifacts.layers.items():
        _write(archive, root / layer_path(name))


def _write(archive: Archive, path: Path) -> None:
    data = archive.read()
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
