"""`make template`: what it writes, and when."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from bootstrap.errors import PackageError
from bootstrap.package import Archive, Artifacts
from bootstrap.template import files, shop
from sandbox import template

BUILT = Artifacts({"orders": Archive("1", b"code")}, {"shop-common": Archive("2", b"layer")})


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(template, "ROOT", tmp_path)
    monkeypatch.setattr(template.artifacts, "build", lambda *_, **__: BUILT)
    return tmp_path


def _run() -> str:
    said = io.StringIO()
    assert template.run(Console(file=said, width=120)) == 0
    return said.getvalue()


def test_template_and_its_archives_are_written(checkout: Path) -> None:
    assert "template.yaml written." in _run()
    assert (checkout / "template.yaml").read_text() == shop.render()
    assert (checkout / files.function_path("orders")).read_bytes() == b"code"
    assert "template.yaml is as it was." in _run()


def test_nothing_is_written_when_the_code_cannot_be_packaged(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> Artifacts:
        raise PackageError(["functions/orders/api.py:12: invalid syntax"])

    monkeypatch.setattr(template.artifacts, "build", fails)
    with pytest.raises(PackageError):
        template.run(Console(file=io.StringIO()))
    assert not [*checkout.iterdir()]


def test_interrupted_writing_leaves_the_template_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "template.yaml"
    path.write_text("before")

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        template.write("after", path)
    assert path.read_text() == "before"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("system", "machine", "platform"),
    [
        ("linux", "x86_64", None),
        ("linux", "aarch64", "x86_64-manylinux_2_28"),
        ("darwin", "x86_64", "x86_64-manylinux_2_28"),
    ],
)
def test_layers_are_for_the_machines_of_lambda(
    system: str, machine: str, platform: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: Callable[[], str] = lambda: machine  # noqa: E731
    monkeypatch.setattr(template.sys, "platform", system)
    monkeypatch.setattr(template.platform, "machine", answers)
    assert template.platform_of_lambda() == platform
