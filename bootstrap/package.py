"""Archives of functions and layers, the same bytes for the same content on any day.

The layer of dependencies is built by uv, which may download: its zip is kept in the build folder under a name
that holds the hash of the lock file, and appears there whole or not at all.
"""

import base64
import hashlib
import io
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bootstrap.errors import PackageError
from bootstrap.resources import Folder, Function, Layer, Requirements, Stack

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can hold


class _Excluded(NamedTuple):
    folders: frozenset[str]
    suffixes: tuple[str, ...]


_NOT_SOURCE = _Excluded(frozenset({"__pycache__", "tests"}), (".pyc", ".pyo", ".lock"))
# Scripts start with a path of the machine that installed them. Bytecode stays: without it, each cold start compiles.
_NOT_DEPENDENCY = _Excluded(frozenset({"bin"}), (".lock",))
_STALE_AFTER_S = 3600


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip. `digest` changes exactly when the content does; `source` holds the bytes or is the file that
    does.
    """

    digest: str
    source: bytes | Path

    def read(self) -> bytes:
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()

    def code_sha256(self) -> str:
        """What Lambda calls CodeSha256: the zip's SHA-256, base64."""
        return base64.b64encode(hashlib.sha256(self.read()).digest()).decode()


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Archives by the name of their function or layer."""

    functions: Mapping[str, Archive]
    layers: Mapping[str, Archive]


@dataclass(frozen=True, slots=True)
class Builder:
    """How to package. `root` is the repository, `folder` the build folder, `python` the interpreter that
    layers are for, `platform` (as uv names it) the machine, where it is another one than this.
    """

    root: Path
    folder: Path
    uv: Path
    python: Path
    progress: Callable[[str, str], None] = lambda resource, what: None
    platform: str | None = None

    def build(self, stack: Stack, only: str | None = None) -> Artifacts:
        """Package all of the stack, or the function `only` alone.

        Raises:
            PackageError: with all the syntax errors, or with what went wrong while a layer was built.
        """
        functions = [each for each in stack.of(Function) if only in (None, each.name)]
        layers = [] if only else list(stack.of(Layer))
        folders = [each.code for each in functions]
        folders += [each.content for each in layers if isinstance(each.content, Folder)]
        check_syntax(self.root, folders)
        return Artifacts(
            functions={each.name: folder_archive(self.root, each.code) for each in functions},
            layers={each.name: self._layer(each) for each in layers},
        )

    def install_dependencies(self, stack: Stack) -> None:
        """Build the layers that come from a lock file alone; the code of the stack need not be there.

        Raises:
            PackageError: what went wrong.
        """
        for layer in stack.of(Layer):
            if isinstance(layer.content, Requirements):
                self._dependencies(layer, layer.content)

    def _layer(self, layer: Layer) -> Archive:
        match layer.content:
            case Folder():
                return folder_archive(self.root, layer.content)
            case Requirements():
                return self._dependencies(layer, layer.content)

    def _dependencies(self, layer: Layer, requirements: Requirements) -> Archive:
        lock = self.root / requirements.path
        if not lock.is_file():
            raise PackageError([f"{requirements.path}: the lock file of {layer.ref} is missing."])
        # Not where the interpreter lies: two checkouts of one lock have the same layer.
        made_for = f"{sys.implementation.cache_tag} {self.platform or sys.platform} compiled".encode()
        digest = hashlib.sha256(lock.read_bytes() + made_for).hexdigest()
        archive = self.folder / f"{layer.name}-{digest[:16]}.zip"
        if not archive.exists():
            self.progress(str(layer.ref), "installing the dependencies")
            self._install(lock, requirements.prefix, archive)
            _remove_older(self.folder, f"{layer.name}-*.zip", archive)
        return Archive(digest, archive)

    def _install(self, lock: Path, prefix: str, archive: Path) -> None:
        """Install into a temporary folder beside `archive`, zip, rename: a half layer never has the final
        name.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="layer-", dir=self.folder) as folder:
            content = Path(folder, "content")
            self._run_uv(lock, content / prefix)
            finished = Path(folder, "layer.zip")
            finished.write_bytes(zip_bytes(_files(content, "", _NOT_DEPENDENCY), zipfile.ZIP_DEFLATED))
            finished.replace(archive)

    def _run_uv(self, lock: Path, target: Path) -> None:
        command = [str(self.uv), "pip", "install", "--quiet", "--target", str(target), "--require-hashes"]
        command += ["-r", str(lock), "--python", str(self.python), "--compile-bytecode"]
        if self.platform:  # nothing can be compiled for it here
            command += ["--python-platform", self.platform, "--only-binary", ":all:"]
        # Bytecode that is not compared with its source's time: a zip keeps none that could match.
        environment = {**os.environ, "PYC_INVALIDATION_MODE": "UNCHECKED_HASH"}
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        except FileNotFoundError as error:
            raise PackageError([f"layer: {self.uv} is not there: run make up, which installs uv."]) from error
        except subprocess.CalledProcessError as error:
            said = [line.strip() for line in error.stderr.splitlines() if line.strip()]
            raise PackageError([f"{lock.name}: uv could not install it: {' '.join(said[:3]) or error}"]) from error


def check_syntax(root: Path, folders: Iterable[Folder]) -> None:
    """Compile every Python file of `folders`: see `check_files`."""
    check_files(root, (path for folder in folders for path in _walk(root / folder.path, _NOT_SOURCE)))


def check_files(root: Path, files: Iterable[Path]) -> None:
    """Compile every one of `files` that is Python, writing nothing.

    Raises:
        PackageError: one line a file that does not compile: `functions/orders/api.py:12: invalid syntax`.
    """
    problems = []
    for path in sorted(set(files)):
        if path.suffix == ".py" and (problem := _syntax_problem(path)):
            problems.append(f"{path.relative_to(root).as_posix()}:{problem}")
    if problems:
        raise PackageError(problems)


def folder_archive(root: Path, folder: Folder) -> Archive:
    """A folder's files under its prefix.

    Raises:
        PackageError: the folder is missing, or has no file.
    """
    files = _files(root / folder.path, folder.prefix, _NOT_SOURCE)
    left_out = tuple(f"{Path(folder.prefix, each).as_posix()}/" for each in folder.without)
    files = {name: path for name, path in files.items() if not name.startswith(left_out)}
    if not files:
        raise PackageError([f"{folder.path}: there is nothing to package: the folder is missing or empty."])
    # Stored, not deflated: small, quick, and no two versions of zlib can differ.
    data = zip_bytes(files, zipfile.ZIP_STORED)
    return Archive(hashlib.sha256(data).hexdigest(), data)


def zip_bytes(files: Mapping[str, Path], compression: int, *, keeps_executables: bool = False) -> bytes:
    """A zip of `files` (by their names in it) that depends on names and contents alone, not on times, order
    or umask; and, with `keeps_executables`, on who may be executed by its owner.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, whatever this machine is: the permissions below count only then
            is_executable = keeps_executables and files[name].stat().st_mode & stat.S_IXUSR
            entry.external_attr = (0o755 if is_executable else 0o644) << 16
            entry.compress_type = compression
            archive.writestr(entry, files[name].read_bytes())
    return buffer.getvalue()


def _files(folder: Path, prefix: str, excluded: _Excluded) -> dict[str, Path]:
    return {Path(prefix, path.relative_to(folder)).as_posix(): path for path in _walk(folder, excluded)}


def _walk(folder: Path, excluded: _Excluded) -> list[Path]:
    found = []
    for parent, folders, names in folder.walk():
        folders[:] = [name for name in folders if name not in excluded.folders]
        found += [parent / name for name in names if not name.endswith(excluded.suffixes)]
    return found


def _syntax_problem(path: Path) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a SyntaxWarning is the linter's business
            compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"{error.lineno or 1}: {error.msg}"
    return None


def _remove_older(folder: Path, pattern: str, keep: Path) -> None:
    for path in folder.glob(pattern):
        if path != keep:
            path.unlink(missing_ok=True)
    remove_stale(folder, time.time())


def remove_stale(folder: Path, now: float) -> None:
    """Delete the temporary folders that a killed build left; those of a build that may still run stay."""
    for path in folder.glob("layer-*"):
        if path.is_dir() and path.stat().st_mtime < now - _STALE_AFTER_S:
            shutil.rmtree(path, ignore_errors=True)
