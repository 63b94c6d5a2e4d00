from __future__ import annotations

import os
from dataclasses import replace

import pytest

from loadtests.figures import machine
from loadtests.looks import Sample
from tests.loadtests.sample_run import T0, sample


def test_what_neither_the_sandbox_nor_the_harness_used_is_others() -> None:
    processors = os.cpu_count() or 1
    looks = [
        Sample(T0 + second, {}, {}, 80.0, {"engine": 0.2 * second, "harness": 0.1 * second}, {})
        for second in range(-2, 9)
    ]
    told = machine.told(replace(sample(100), samples=looks))
    assert told == {
        "processors": processors,
        "busy_percent": 80.0,
        "others": pytest.approx(0.8 * processors - 0.3, abs=0.006),
    }


@pytest.mark.parametrize("cpu_s", [{}, {"harness": 1.0}])
def test_machine_of_a_stack_that_is_elsewhere_is_not_told(cpu_s: dict[str, float]) -> None:
    looks = [Sample(T0 + second, {}, {}, 80.0, cpu_s, {}) for second in range(-2, 9)]
    assert machine.told(replace(sample(100), samples=looks)) is None


def test_machine_is_not_told_beside_an_engine_that_tells_of_itself_from_elsewhere() -> None:
    looks = [Sample(T0 + second, {}, {}, 80.0, {"engine": 0.2 * second}, {}) for second in range(-2, 9)]
    run = sample(100)
    there = replace(run.plan, host="http://sandbox.example:4566")
    assert machine.told(replace(run, samples=looks, plan=there)) is None
