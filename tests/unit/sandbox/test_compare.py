from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from sandbox import compare
from sandbox.paths import REPORTS


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ({"A": "x", "B": "y z", "TOLERANCE": "5%", "RATE": "9"}, ["--a=x", "--b=y z", "--tolerance=5%"]),
        ({"A": "x", "B": ""}, ["--a=x"]),
    ],
)
def test_words_become_options(monkeypatch: pytest.MonkeyPatch, words: dict[str, str], options: list[str]) -> None:
    started: list[list[str]] = []

    def run_in_foreground(command: Sequence[str]) -> int:
        started.append(list(command))
        return 1

    monkeypatch.setattr(compare, "run_in_foreground", run_in_foreground)
    assert compare.run(words) == 1
    assert started == [[sys.executable, "-m", "loadtests.compare", *options, f"--reports={REPORTS}"]]
