"""Fetches DynamoDB Local: from npm, or from AWS where npm cannot deliver it. Standard library only.

npm's package ``amplify-dynamodb-simulator`` (by AWS) carries DynamoDB Local 1.25.1, for Java 11 and newer. The archive
must have the integrity hash below. AWS's own download has no fixed version: it must match the checksum that AWS
publishes beside it, and wants Java 17.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.DownloadingAndRunning.html
"""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from sandbox.errors import SetupError

_PACKAGE = "amplify-dynamodb-simulator@2.9.30"
_INTEGRITY = "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
_PACKAGE_FOLDER = "package/emulator/"
_AWS_URL = "https://d1ni2b6xgvw0s0.cloudfront.net/v2.x/dynamodb_local_latest.tar.gz"
_NPM_TIMEOUT_S = 600
_DOWNLOAD_TIMEOUT_S = 60
_JAVA_FOR_NPM = 11
_JAVA_FOR_AWS = 17


class _SourceError(Exception):
    """One source did not deliver; the other may."""


def fetch(target: Path, cache: Path, aws_url: str = _AWS_URL) -> None:
    """Put DynamoDB Local into ``target``, whole or not at all.

    Raises:
        SetupError: neither source delivered an intact archive; says why for each.
    """
    reasons = []
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        scratch = Path(folder)
        for source, java in ((_from_npm, _JAVA_FOR_NPM), (lambda path: _from_aws(path, aws_url), _JAVA_FOR_AWS)):
            try:
                emulator = source(scratch)
            except _SourceError as error:
                reasons.append(str(error))
                continue
            (emulator / "java-version").write_text(str(java))
            shutil.rmtree(target, ignore_errors=True)
            emulator.replace(target)
            return
    raise SetupError(
        f"DynamoDB Local could not be downloaded ({'; '.join(reasons)}). Check the network or the proxy, then run "
        "the command again."
    )


def java_version(target: Path) -> int:
    """The oldest Java that what was fetched runs on."""
    return int((target / "java-version").read_text())


def _from_npm(scratch: Path) -> Path:
    command = ["npm", "pack", _PACKAGE, "--pack-destination", str(scratch), "--loglevel=error"]
    environment = {**os.environ, "npm_config_cache": str(scratch / "npm-cache"), "npm_config_fetch_retries": "1"}
    try:
        result = subprocess.run(
            command, cwd=scratch, env=environment, capture_output=True, text=True, timeout=_NPM_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _SourceError(f"npm: {error}") from error
    archives = list(scratch.glob("*.tgz"))
    if result.returncode != 0 or len(archives) != 1:
        raise _SourceError(f"npm: {_last_line(result.stderr) or f'exit code {result.returncode}'}")
    digest = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if f"sha512-{digest}" != _INTEGRITY:
        raise _SourceError(f"npm: {_PACKAGE} does not have the expected integrity hash")
    return _unpack(archives[0], scratch / "npm", _PACKAGE_FOLDER)


def _from_aws(scratch: Path, url: str) -> Path:
    archive = scratch / "aws.tar.gz"
    try:
        expected = _download(f"{url}.sha256").decode().split()[0]
        archive.write_bytes(_download(url))
    except (OSError, ValueError, IndexError) as error:
        raise _SourceError(f"AWS: {error}") from error
    if hashlib.sha256(archive.read_bytes()).hexdigest() != expected:
        raise _SourceError("AWS: the archive does not have the checksum that AWS publishes")
    return _unpack(archive, scratch / "aws", "")


def _download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_DOWNLOAD_TIMEOUT_S) as answer:
        content: bytes = answer.read()
    return content


def _unpack(archive: Path, target: Path, folder: str) -> Path:
    try:
        with tarfile.open(archive) as content:
            content.extractall(target, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise _SourceError(f"{archive.name}: {error}") from error
    emulator = target / folder
    if not (emulator / "DynamoDBLocal.jar").is_file():
        raise _SourceError(f"{archive.name}: has no DynamoDBLocal.jar")
    return emulator


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
