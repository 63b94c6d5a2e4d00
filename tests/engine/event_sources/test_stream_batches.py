"""Retries, bisection and discarding of a batch, without LocalStack."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstack_engine.event_sources.streams.batches import (
    AGE_EXCEEDED,
    RETRIES_EXHAUSTED,
    Answer,
    NotInvokedError,
    Policy,
    process,
)
from loadstack_engine.event_sources.streams.records import StreamRecord

FAILED = Answer(0, whole=True, report={"requestId": "r"})


def _records(count, born=1000.0):
    return [StreamRecord(f"{n:021}", "key", born + n, born + n, {}, b"{}") for n in range(count)]


@dataclass
class Around:
    """A function that fails as it is told, in a time that passes only while a batch waits."""

    answers: list = field(default_factory=list)
    poison: set = field(default_factory=set)
    partial: bool = False
    stop_after: int = 1_000_000
    time: float = 1000.0
    invoked: list = field(default_factory=list)
    succeeded: list = field(default_factory=list)
    discarded: list = field(default_factory=list)
    checkpoint: int = -1

    def invoke(self, records):
        numbers = [int(record.sequence_number) for record in records]
        self.invoked.append(numbers)
        answer = self.answers.pop(0) if self.answers else self._judge(numbers)
        if isinstance(answer, Exception):
            self.invoked.pop()
            raise answer
        self.succeeded += numbers[: answer.first_failed]
        return answer

    def _judge(self, numbers):
        bad = [index for index, number in enumerate(numbers) if number in self.poison]
        if not bad:
            return Answer()
        return Answer(bad[0]) if self.partial else FAILED

    def done(self, last):
        number = int(last.sequence_number)
        assert number > self.checkpoint
        self.checkpoint = number

    def discard(self, condition, records, invocations, report):
        self.discarded.append((condition, [int(record.sequence_number) for record in records], invocations))

    def wait(self, seconds):
        self.time += seconds
        return len(self.invoked) < self.stop_after

    def now(self):
        return self.time


def test_batch_that_fails_is_tried_again_until_it_succeeds():
    around = Around(answers=[FAILED, FAILED])
    process(_records(2), Policy(), around)
    assert around.invoked == [[0, 1]] * 3
    assert around.checkpoint == 1
    assert around.time > 1000


def test_batch_is_discarded_after_its_retries():
    around = Around(poison={0})
    process(_records(2), Policy(most_retries=2), around)
    assert around.invoked == [[0, 1]] * 3
    assert around.discarded == [(RETRIES_EXHAUSTED, [0, 1], 3)]
    assert around.checkpoint == 1


def test_throttles_are_no_attempts():
    around = Around(answers=[NotInvokedError()] * 5)
    process(_records(1), Policy(most_retries=0), around)
    assert around.invoked == [[0]]
    assert around.discarded == []


def test_bisection_finds_the_record_at_fault_in_order():
    around = Around(poison={2})
    process(_records(4), Policy(bisect=True, most_retries=0), around)
    assert around.invoked == [[0, 1, 2, 3], [0, 1], [2, 3], [2], [3]]
    assert around.discarded == [(RETRIES_EXHAUSTED, [2], 3)]
    assert around.succeeded == [0, 1, 3]


def test_partial_failure_goes_on_from_the_record_that_failed():
    around = Around(answers=[Answer(2, report={})])
    process(_records(4), Policy(bisect=True), around)
    assert around.invoked == [[0, 1, 2, 3], [2, 3]]
    assert around.succeeded == [0, 1, 2, 3]


def test_records_that_are_too_old_are_discarded_and_the_others_delivered():
    around = Around(time=1062.0)
    process(_records(4), Policy(most_age_s=60), around)
    assert around.discarded == [(AGE_EXCEEDED, [0, 1], 0)]
    assert around.invoked == [[2, 3]]


def test_records_grow_too_old_while_they_are_tried():
    around = Around(poison={0, 1})
    process(_records(2), Policy(most_age_s=60), around)
    assert {condition for condition, _, _ in around.discarded} == {AGE_EXCEEDED}
    assert sorted(number for _, numbers, _ in around.discarded for number in numbers) == [0, 1]
    assert around.time >= 1060


def test_stopped_mapping_leaves_the_rest_for_later():
    around = Around(poison={0}, stop_after=2)
    process(_records(2), Policy(), around)
    assert around.checkpoint == -1
    assert around.discarded == []


@given(
    count=st.integers(1, 30),
    poison=st.sets(st.integers(0, 29)),
    bisect=st.booleans(),
    partial=st.booleans(),
    most_retries=st.integers(0, 3),
)
def test_each_record_succeeds_or_is_discarded_in_order_and_none_is_lost(count, poison, bisect, partial, most_retries):
    around = Around(poison=poison, partial=partial)
    process(_records(count), Policy(bisect=bisect, most_retries=most_retries), around)
    discarded = [number for _, numbers, _ in around.discarded for number in numbers]
    assert sorted(around.succeeded + discarded) == list(range(count))
    assert around.succeeded == sorted(around.succeeded)
    assert discarded == sorted(discarded)
    assert around.checkpoint == count - 1
    if bisect and not partial:
        assert set(discarded) == poison & set(range(count))


@pytest.mark.parametrize("most_retries", [0, 1, 5])
def test_single_record_is_invoked_with_once_and_for_each_retry(most_retries):
    around = Around(poison={0})
    process(_records(1), Policy(most_retries=most_retries), around)
    assert len(around.invoked) == most_retries + 1
