from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, repeat
from typing import Any

from gevent.event import Event

from loadtests.usage_looks import UsageLooks


def told(invocations: int) -> dict[str, Any]:
    return {"since": "x", "lambda": {"orders": {"requests": invocations}}, "sqs": {}}


def ended(answers: Iterator[Any], happened: Event | None = None, **limits: float) -> UsageLooks:
    looks = UsageLooks(lambda: next(answers), **{"quiet_s": 0.01, "at_most_s": 20.0, "look_s": 0.001, **limits})
    looks.begin()
    looks.end(happened or Event())
    return looks


def test_second_look_waits_until_no_function_is_invoked() -> None:
    looks = ended(chain(map(told, (1, 5, 6, 8)), repeat(told(9))))
    assert (looks.before, looks.after) == (told(1), told(9))


def test_second_look_is_taken_at_the_limit_where_functions_are_invoked_for_ever() -> None:
    looks = ended(map(told, count()), at_most_s=0.02)
    assert looks.after is not None
    assert looks.after != looks.before


def test_engine_without_usage_is_asked_once() -> None:
    asked: list[None] = []
    looks = UsageLooks(lambda: asked.append(None))
    looks.begin()
    looks.end(Event())
    assert len(asked) == 1
    assert looks.after is None
    assert looks.missing() is None


def test_run_that_is_ended_meanwhile_has_no_second_look() -> None:
    happened = Event()
    happened.set()
    looks = ended(repeat(told(1)), happened)
    assert looks.before is not None
    assert looks.after is None
    assert looks.missing()


def test_look_without_an_answer_is_tried_again() -> None:
    looks = ended(chain([told(1), None, told(2), None], repeat(told(3))))
    assert looks.after == told(3)
    assert looks.missing() is None


def test_engine_that_answers_no_more_has_no_second_look_and_says_so() -> None:
    looks = ended(chain([told(1)], repeat(None)), at_most_s=0.02)
    assert looks.after is None
    assert "did not answer" in (looks.missing() or "")


def test_counters_that_began_anew_are_told() -> None:
    looks = ended(chain([told(1)], repeat(told(2) | {"since": "after a reset"})))
    assert "anew" in (looks.missing() or "")
