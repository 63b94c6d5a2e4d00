"""The archives that the template names."""

from pathlib import Path

from bootstrap.package import Archive, Artifacts
from bootstrap.template import files


def test_archives_lie_where_the_template_names_them(tmp_path: Path) -> None:
    source = tmp_path / "layer.zip"
    source.write_bytes(b"a layer")
    built = Artifacts({"orders": Archive("1", b"code")}, {"shop-common": Archive("2", source)})
    files.write(built, tmp_path)
    assert (tmp_path / files.function_path("orders")).read_bytes() == b"code"
    assert (tmp_path / files.layer_path("shop-common")).read_bytes() == b"a layer"


def test_archive_that_is_there_is_left(tmp_path: Path) -> None:
    path = tmp_path / files.function_path("orders")
    files.write(Artifacts({"orders": Archive("1", b"code")}, {}), tmp_path)
    before = path.stat().st_ino
    files.write(Artifacts({"orders": Archive("1", b"code")}, {}), tmp_path)
    assert path.stat().st_ino == before
    files.write(Artifacts({"orders": Archive("2", b"other")}, {}), tmp_path)
    assert path.read_bytes() == b"other"
    assert [each.name for each in path.parent.iterdir()] == ["orders.zip"]
