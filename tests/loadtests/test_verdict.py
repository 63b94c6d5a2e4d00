from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loadtests.exit_codes import INTERRUPTED, OK, SLO_FAILED, USAGE_OR_SETUP, of
from loadtests.figures import verdict
from tests.loadtests.test_summary import T0, book_of, result

HOLDS = {"rule": "orders.lost == 0", "value": 0.0, "ok": True}
FAILS = {"rule": "async.order.p95_ms < 1", "value": 640.5, "ok": False}
MISSING = {"rule": "queues.x.max_depth < 1", "value": None, "ok": False}

DECIDED = list(book_of(10))[:-1]


@pytest.mark.parametrize(
    ("changes", "judged", "word", "told", "code"),
    [
        ({}, [HOLDS], "passed", "All 1 SLOs hold", OK),
        ({}, [], "passed", "no SLO was asked for", OK),
        ({}, [HOLDS, FAILS], "failed", "1 of 2 SLOs does not hold: async.order.p95_ms < 1 (it is 640.5).", SLO_FAILED),
        ({}, [FAILS, MISSING, FAILS, FAILS], "failed", "max_depth < 1 (no value), ", SLO_FAILED),
        ({}, [FAILS, MISSING, FAILS, FAILS], "failed", "and 1 more", SLO_FAILED),
        ({"state": "interrupted", "ended_at": T0}, [HOLDS], "interrupted", "nothing was measured", INTERRUPTED),
        ({"state": "interrupted", "ended_at": T0 + 2}, [HOLDS], "interrupted", "2 s into the 5 s", INTERRUPTED),
        ({"state": "interrupted"}, [HOLDS], "interrupted", "after the load, while the last orders", INTERRUPTED),
        (
            {"state": "interrupted", "orders": DECIDED},
            [HOLDS],
            "interrupted",
            "after the load: every accepted order was decided.",
            INTERRUPTED,
        ),
        ({"state": "interrupted", "orders": []}, [HOLDS], "interrupted", "after the load: the figures", INTERRUPTED),
        (
            {"state": "died", "ended_at": T0 + 2},
            [HOLDS],
            "died",
            "localstack 4.14.0 at http://127.0.0.1:4566 stopped answering 2 s into",
            USAGE_OR_SETUP,
        ),
    ],
)
def test_verdict_is_a_word_a_sentence_and_an_exit_code(
    changes: dict[str, Any], judged: list[Any], word: str, told: str, code: int
) -> None:
    found = verdict.told(replace(result(), **changes), judged)
    assert (found["word"], of(found["word"])) == (word, code)
    assert told in found["sentence"]
