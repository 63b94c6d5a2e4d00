"""What Docker and compose say: copied while it comes, followed, and its point found."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from typing import IO

from sandbox.docker import Docker
from sandbox.engines import Tell

_END_LIMIT_S = 5
_SHOWN = 100
_LINES = "20"
_ERRORS = ("error", "failed", "returned a non-zero code", "did not complete successfully")
_SAYS_NOTHING = "failed to build : Build failed"  # docker-compose 1.29's last line


def copy(process: subprocess.Popen[str], kept: IO[str], show: Tell) -> list[str]:
    """Every line that the process says, until it ends; interrupted, it is told so, and killed where it goes on."""
    lines = []
    assert process.stdout is not None
    try:
        with process.stdout:
            for line in process.stdout:
                kept.write(line)
                if text := line.strip():
                    lines.append(text)
                    show(text[:_SHOWN])
        process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(_END_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise
    return lines


def reason(lines: Sequence[str]) -> str:
    """The last line that speaks of an error, else the last one. What only says that there was one comes after it."""
    errors = [line for line in lines if any(word in line.lower() for word in _ERRORS)]
    telling = [line for line in errors if not line.endswith(_SAYS_NOTHING)]
    return (telling or errors or lines or ["it said nothing"])[-1].rstrip(".")


def last(docker: Docker, container: str) -> list[str]:
    """The last lines of a container's log."""
    return docker.run(["logs", "--tail", _LINES, container], errors_too=True).splitlines()


def follow(docker: Docker, container: str) -> Iterator[list[str]]:
    """At each step the lines of a container's log that have come since, the last 20 first; does not wait for any."""
    command = shutil.which("docker", path=docker.environment.get("PATH", ""))
    process = subprocess.Popen(
        [str(command), "logs", "--follow", "--tail", _LINES, container],
        env=docker.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    )
    assert process.stdout is not None
    try:
        os.set_blocking(process.stdout.fileno(), False)
        rest = b""
        while True:
            *lines, rest = (rest + (process.stdout.read() or b"")).split(b"\n")
            yield [line.decode(errors="replace") for line in lines]
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
