"""DynamoDB Local from an archive of its classes."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from loadstack_engine.dynamodb_local import Archive, command
from loadstack_engine.dynamodb_local import archive as archives
from sandbox.paths import DEVELOPMENT
from tests.conftest import free_port

SERVER = SimpleNamespace(
    in_memory=True,
    share_db=True,
    delay_transient_statuses=False,
    optimize_db_before_startup=False,
    heap_size="256m",
    port=free_port(),
    _get_java_vm_options=list,
)


def test_archive_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    assert command(SERVER, tmp_path, Archive(tmp_path / "missing")) == command(SERVER, tmp_path)


@pytest.mark.timeout(240)
def test_archive_is_made_and_mapped(tmp_path: Path) -> None:
    made = archives.make(DEVELOPMENT.dynamodb_local, tmp_path)
    archive = Archive(tmp_path)

    with archives.running(command(SERVER, DEVELOPMENT.dynamodb_local, archive), SERVER.port, str(tmp_path)) as process:
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        status = archives.call(SERVER.port, "ListTables", {})

    assert made
    assert str(archive.archive) in maps
    assert status == 200


def test_archive_that_is_none_is_ignored(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archives.repack(DEVELOPMENT.dynamodb_local / "DynamoDBLocal.jar", archive.jar)
    archive.archive.write_bytes(b"nonsense" * 1000)

    with archives.running(command(SERVER, DEVELOPMENT.dynamodb_local, archive), SERVER.port, str(tmp_path)):
        assert archives.call(SERVER.port, "ListTables", {}) == 200
