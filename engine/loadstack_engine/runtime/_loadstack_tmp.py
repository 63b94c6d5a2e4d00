"""A ``/tmp`` of a process's own: its folder, mounted there for itself alone.

On AWS functions write to ``/tmp`` literally. Without root, only a user namespace lets a process mount anything; many
systems forbid them (Docker's default seccomp profile does, Ubuntu 24.04 too), so LocalStack tries once, by running this
file as a script: exit code 0 says that it works here. Linux only. 0.3 to 0.8 ms a process.
"""

import ctypes
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

TMP = Path("/tmp")
# linux/mount.h
_BIND, _RECURSIVE, _PRIVATE = 1 << 12, 1 << 14, 1 << 18


def use(folder: str, needed: Iterable[str]) -> None:
    """Mount ``folder`` on ``/tmp``, for this process and its children. Only while it has a single thread.

    What is ``needed`` and lies below ``/tmp`` itself stays visible: an interpreter, code, layers that are there.

    Raises:
        OSError: it is not allowed; the process may be in a user namespace of its own nevertheless.
    """
    working, user, group = Path.cwd(), os.geteuid(), os.getegid()
    os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNS)
    for name, content in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(content)
    _mount(None, "/", _RECURSIVE | _PRIVATE)
    kept = {path: os.open(path, os.O_PATH) for path in _below_tmp([*needed, str(working)])}
    _mount(folder, TMP, _BIND)
    for path, descriptor in kept.items():
        path.mkdir(parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{descriptor}", path, _BIND | _RECURSIVE)
        os.close(descriptor)
    os.chdir(working)  # what it was lies below the mount now


def _below_tmp(paths: Iterable[str]) -> list[Path]:
    """The folders below ``/tmp``, without those below others of them."""
    folders = sorted({path for each in paths if TMP in (path := Path(each).absolute()).parents and path.is_dir()})
    return [each for each in folders if not any(other in each.parents for other in folders)]


def _mount(source: str | None, target: str | Path, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode() if source else None, str(target).encode(), None, flags, None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(target))


def _try() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                use(folder, [])
                (TMP / "written").touch()
                status = 0
            finally:
                os._exit(status)
        works = os.waitpid(child, 0)[1] == 0 and Path(folder, "written").exists()
    sys.exit(not works)


if __name__ == "__main__":
    _try()
