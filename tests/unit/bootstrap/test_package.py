"""Archives: the same bytes for the same content, layers whole or not at all, syntax errors before any upload."""

import io
import os
import stat
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrap.errors import PackageError
from bootstrap.package import Builder, check_syntax, folder_archive, remove_stale, zip_bytes
from bootstrap.references import Kind, Ref
from bootstrap.resources import Folder, Function, Layer, Requirements, Stack

ORDERS = Folder("functions/orders", "orders")
FUNCTION = Function(
    "orders", "orders.handler.handler", ORDERS, Ref(Kind.ROLE, "orders"), Ref(Kind.LOG_GROUP, "/aws/lambda/orders")
)
DEPENDENCIES = Layer("dependencies", Requirements("requirements/layer.txt"))
COMMON = Layer("common", Folder("functions/common", "python/common"))
STACK = Stack("test", (FUNCTION, DEPENDENCIES, COMMON))

UV_THAT_INSTALLS = """
import pathlib, sys
target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1])
for name in ("pydantic/__init__.py", "pydantic/__pycache__/__init__.pyc", "bin/tool", ".lock"):
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    (target / name).write_text("installed")
with (pathlib.Path(__file__).parent / "calls").open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
"""
UV_THAT_FAILS = """
import pathlib, sys
target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1])
target.mkdir(parents=True)
(target / "half.py").touch()
sys.exit("error: hash mismatch for pydantic")
"""


def _write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def _uv(root: Path, source: str) -> Path:
    uv = root / "uv"
    uv.write_text(f"#!{sys.executable} -S\n{source}")
    uv.chmod(0o755)
    return uv


@pytest.fixture
def root(tmp_path: Path) -> Path:
    _write(
        tmp_path,
        {
            "functions/orders/handler.py": "def handler(event, context): ...\n",
            "functions/orders/domain.py": "PENDING = 'PENDING'\n",
            "functions/orders/__pycache__/domain.cpython-313.pyc": "compiled",
            "functions/orders/tests/test_domain.py": "not packaged",
            "functions/common/__init__.py": "",
            "requirements/layer.txt": "pydantic==2.14.3 --hash=sha256:00\n",
        },
    )
    return tmp_path


def _builder(root: Path, uv: str = UV_THAT_INSTALLS) -> Builder:
    return Builder(root, root / "build", _uv(root, uv), Path(sys.executable))


def _names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()


def test_function_archive_has_its_files_under_its_name(root: Path) -> None:
    assert _names(folder_archive(root, ORDERS).read()) == ["orders/domain.py", "orders/handler.py"]


def test_archive_does_not_depend_on_times_or_permissions(root: Path) -> None:
    before = folder_archive(root, ORDERS)
    for path in (root / ORDERS.path).glob("*.py"):
        os.utime(path, (0, 0))
        path.chmod(stat.S_IRUSR)
    assert folder_archive(root, ORDERS) == before


def test_archive_of_changed_content_has_another_digest(root: Path) -> None:
    before = folder_archive(root, ORDERS)
    _write(root, {"functions/orders/domain.py": "PENDING = 'pending'\n"})
    after = folder_archive(root, ORDERS)
    assert (after.digest, after.code_sha256()) != (before.digest, before.code_sha256())


@pytest.mark.parametrize("path", ["functions/nowhere", "functions/orders/__pycache__"])
def test_archive_of_missing_or_empty_folder_raises(root: Path, path: str) -> None:
    with pytest.raises(PackageError, match=f"^{path}: there is nothing to package"):
        folder_archive(root, Folder(path, "x"))


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}\.py", fullmatch=True), st.binary(max_size=64), min_size=1))
def test_zip_does_not_depend_on_order(tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]) -> None:
    folder = tmp_path_factory.mktemp("files")
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = {name: folder / name for name in contents}
    backwards = dict(reversed(files.items()))
    data = zip_bytes(files, zipfile.ZIP_STORED)
    assert zip_bytes(backwards, zipfile.ZIP_STORED) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == contents


def test_syntax_errors_are_told_all_at_once_with_file_and_line(root: Path) -> None:
    _write(
        root,
        {
            "functions/orders/api.py": "import os\n\ndef broken(:\n    pass\n",
            "functions/common/log.py": "x = 1\n  y = 2\n",
        },
    )
    with pytest.raises(PackageError) as caught:
        _builder(root).build(STACK)
    first, second = caught.value.problems
    assert first == "functions/common/log.py:2: unexpected indent"
    assert second.startswith("functions/orders/api.py:3: ")
    assert not (root / "build").exists()


@pytest.mark.parametrize("source", [b"\xff\xfe", b"x = 1\x00"])
def test_file_that_is_no_text_is_a_syntax_error(root: Path, source: bytes) -> None:
    (root / "functions/orders/api.py").write_bytes(source)
    with pytest.raises(PackageError, match=r"^functions/orders/api\.py:1: "):
        check_syntax(root, [ORDERS])


def test_syntax_check_writes_nothing_and_ignores_warnings(root: Path) -> None:
    _write(root, {"functions/common/log.py": "PATTERN = '\\d'\n"})
    check_syntax(root, [Folder("functions/common", "x")])
    assert not (root / "functions/common/__pycache__").exists()


def test_layer_has_what_uv_installed_with_its_bytecode_and_without_scripts(root: Path) -> None:
    archive = _builder(root).build(STACK).layers["dependencies"]
    assert _names(archive.read()) == ["python/pydantic/__init__.py", "python/pydantic/__pycache__/__init__.pyc"]
    [call] = (root / "calls").read_text().splitlines()
    assert "--require-hashes" in call
    assert f"-r {root}/requirements/layer.txt --python {sys.executable}" in call


def test_layer_is_built_again_only_when_its_lock_changed(root: Path) -> None:
    first = _builder(root).build(STACK).layers["dependencies"]
    assert _builder(root).build(STACK).layers["dependencies"] == first
    assert len((root / "calls").read_text().splitlines()) == 1
    _write(root, {"requirements/layer.txt": "pydantic==2.15.0 --hash=sha256:11\n"})
    second = _builder(root).build(STACK).layers["dependencies"]
    assert second.digest != first.digest
    assert [path.name for path in (root / "build").iterdir()] == [f"dependencies-{second.digest[:16]}.zip"]


def test_layer_for_another_machine_is_another_one_and_compiles_nothing(root: Path) -> None:
    here = _builder(root).build(STACK).layers["dependencies"]
    there = replace(_builder(root), platform="aarch64-manylinux_2_28").build(STACK).layers["dependencies"]
    assert there.digest != here.digest
    call = (root / "calls").read_text().splitlines()[-1]
    assert call.endswith("--python-platform aarch64-manylinux_2_28 --only-binary :all:")


def test_layer_that_uv_cannot_install_leaves_nothing_and_is_tried_again(root: Path) -> None:
    with pytest.raises(PackageError, match=r"layer\.txt: uv could not install it: error: hash mismatch for pydantic"):
        _builder(root, UV_THAT_FAILS).build(STACK)
    assert list((root / "build").iterdir()) == []
    assert "python/pydantic/__init__.py" in _names(_builder(root).build(STACK).layers["dependencies"].read())


def test_layer_build_interrupted_while_zipping_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            _builder(root).build(STACK)
    assert list((root / "build").iterdir()) == []


def test_layer_without_uv_says_how_to_get_it(root: Path) -> None:
    builder = Builder(root, root / "build", root / "no-uv", Path(sys.executable))
    with pytest.raises(PackageError, match="no-uv is not there: run make up"):
        builder.build(STACK)


def test_layer_without_lock_file_is_told(root: Path) -> None:
    (root / "requirements/layer.txt").unlink()
    with pytest.raises(PackageError, match=r"requirements/layer\.txt: the lock file of layer dependencies is missing"):
        _builder(root).build(STACK)


def test_folders_of_a_killed_build_go_when_they_are_old(tmp_path: Path) -> None:
    for name, age_s in (("layer-old", 10_000), ("layer-running", 10)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (100_000 - age_s, 100_000 - age_s))
    remove_stale(tmp_path, now=100_000)
    assert [path.name for path in tmp_path.iterdir()] == ["layer-running"]


def test_folders_that_only_people_and_tests_read_are_left_out(tmp_path: Path) -> None:
    for file in ("common/events/order.py", "common/events/schemas/Order.v1.json", "common/schemas.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    data = folder_archive(tmp_path, Folder("common", "python/common", without=("events/schemas",))).read()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["python/common/events/order.py", "python/common/schemas.py"]


def test_build_of_one_service_packages_no_layer(root: Path) -> None:
    artifacts = _builder(root).build(STACK, only="orders")
    assert list(artifacts.functions) == ["orders"]
    assert artifacts.layers == {}
    assert not (root / "build").exists()
