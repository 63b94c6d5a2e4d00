"""Functions and layers that LocalStack deploys from a folder (bucket ``hot-reload``): what is in it, to notice changes.

The folder is looked at before each invocation of such a function: names, sizes, times and inodes of its files, without
``__pycache__``. That takes 3 to 8 µs a file, so 1 ms for two hundred; a folder that was mounted over a network or into
a virtual machine, where no notification comes, is right too.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from localstack.services.lambda_.invocation.lambda_models import ArchiveCode, FunctionVersion


class State(NamedTuple):
    """What a function's code, and its layers, were made of at a time; equal when nothing changed."""

    code: int
    layers: int


class Sources:
    """The folders of one function version that may change under it."""

    def __init__(self, version: FunctionVersion) -> None:
        self._code = _folders([version.config.code])
        self._layers = _folders([layer.code for layer in version.config.layers if layer.code is not None])

    def state(self) -> State:
        """Both zero, at no cost, where nothing is deployed from a folder."""
        return State(_fingerprint(self._code), _fingerprint(self._layers))


def is_used(version: FunctionVersion) -> bool:
    """Whether the function's code, or a layer of its, is a folder of the user's."""
    codes = [version.config.code, *(layer.code for layer in version.config.layers if layer.code is not None)]
    return bool(_folders(codes))


def _folders(codes: list[ArchiveCode]) -> list[Path]:
    return [code.get_unzipped_code_location() for code in codes if code.is_hot_reloading()]


def _fingerprint(folders: list[Path]) -> int:
    return hash(tuple(sorted(each for folder in folders for each in _files(folder)))) if folders else 0


def _files(folder: str | Path) -> Iterator[tuple[str, int, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # it is being replaced
        return
    for entry in entries:
        if entry.name == "__pycache__":
            continue
        try:
            status, is_folder = entry.stat(), entry.is_dir()
        except OSError:  # it has just gone, or is a link in a circle
            continue
        if is_folder:
            yield from _files(entry.path)
        else:
            yield entry.path, status.st_mtime_ns, status.st_size, status.st_ino
