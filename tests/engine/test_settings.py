"""Which parts are on, by the variables."""

from dataclasses import fields

import pytest

from loadstack_engine.settings import Settings


def _parts(settings: Settings) -> dict[str, bool]:
    return {each.name: getattr(settings, each.name) for each in fields(settings) if each.type is bool}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOADSTACK_STOCK", "LOADSTACK_LAMBDA_METRICS"):
        monkeypatch.delenv(name, raising=False)


def test_a_part_is_on_without_a_variable() -> None:
    assert _parts(Settings())["lambda_metrics"]


def test_every_part_is_off_in_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADSTACK_STOCK", "1")
    assert [name for name, on in _parts(Settings()).items() if on] == []


def test_a_part_can_be_brought_back_to_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADSTACK_STOCK", "1")
    monkeypatch.setenv("LOADSTACK_LAMBDA_METRICS", "1")
    assert [name for name, on in _parts(Settings()).items() if on] == ["lambda_metrics"]


def test_a_part_is_turned_off_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADSTACK_LAMBDA_METRICS", "0")
    assert not _parts(Settings())["lambda_metrics"]
