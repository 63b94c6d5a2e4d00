"""What a function's ``requirements.txt`` asks for, installed once for each content of that file.

As ``sam build`` does it, but into a folder of its own, which becomes a layer: the function's own folder is served as it
is, so that an edit is live.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bootstrap.errors import PackageError

_FILE = "requirements.txt"


class Dependencies:
    """Below ``folder``; ``uv`` installs for the interpreter ``python``, or for another ``platform`` (uv's name)."""

    def __init__(self, folder: Path, uv: Path, python: Path, platform: str | None, tell: Callable[[str], None]) -> None:
        self._folder, self._uv, self._python, self._platform, self._tell = folder, uv, python, platform, tell

    def of(self, code: Path) -> Path | None:
        """A folder with ``python/`` in it, for the code in this folder; None where it asks for nothing.

        Raises:
            PackageError: uv could not install it; says what uv said.
        """
        wanted = code / _FILE
        if not wanted.is_file() or not _asks_for_anything(wanted):
            return None
        made_for = f"{sys.implementation.cache_tag} {self._platform or sys.platform}".encode()
        place = self._folder / hashlib.sha256(wanted.read_bytes() + made_for).hexdigest()[:16]
        if not place.is_dir():
            self._tell(f"Installing what {wanted} asks for")
            self._install(wanted, place)
        return place

    def _install(self, wanted: Path, place: Path) -> None:
        """Beside its place first: half an installation never has the final name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="part-", dir=self._folder) as folder:
            target = Path(folder, "content", "python")
            command = [str(self._uv), "pip", "install", "--quiet", "--target", str(target), "-r", str(wanted)]
            command += ["--python", str(self._python), "--compile-bytecode"]
            if self._platform:
                command += ["--python-platform", self._platform, "--only-binary", ":all:"]
            environment = {**os.environ, "PYC_INVALIDATION_MODE": "UNCHECKED_HASH"}
            done = subprocess.run(command, cwd=wanted.parent, capture_output=True, text=True, env=environment)
            if done.returncode:
                said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
                raise PackageError([f"{wanted}: uv could not install it: {' '.join(said[:3])}"])
            shutil.rmtree(target / "bin", ignore_errors=True)  # scripts of this machine
            try:
                target.parent.replace(place)
            except OSError:  # another command was quicker
                if not place.is_dir():
                    raise


def _asks_for_anything(requirements: Path) -> bool:
    lines = requirements.read_text(encoding="utf-8", errors="replace").splitlines()
    return any(line.split("#")[0].strip() for line in lines)
