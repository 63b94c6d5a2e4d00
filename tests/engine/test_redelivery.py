"""When a delivery is tried again and when it is given up, without LocalStack."""

import pytest

from loadstack_engine.failures import HttpTargetError
from loadstack_engine.redelivery import Delivery, Redelivery, RetryPolicy


class Clock:
    """An agenda whose time passes when the test says."""

    def __init__(self):
        self.time = 0.0
        self.stopped = False
        self.planned = []
        self.delays = []

    def __call__(self):
        return self.time

    def later(self, delay_s, call, *, at_stop=False):
        assert at_stop
        self.delays.append(delay_s)
        self.planned.append((self.time + delay_s, call))

    def run(self):
        while self.planned:
            self.time, call = self.planned.pop(0)
            call()


class Target:
    def __init__(self, *errors):
        self.errors = list(errors)
        self.attempts = []
        self.dead = []

    def send(self, attempt):
        self.attempts.append(attempt)
        if self.errors:
            raise self.errors.pop(0)

    def give_up(self, failure, attributes):
        self.dead.append((failure.kind, attributes))


def _deliver(target, policy=None):
    clock = Clock()
    delivery = Delivery("it", target.send, target.give_up, policy or RetryPolicy(), accepted=0.0)
    Redelivery(clock, 1.0, clock).deliver(delivery)
    clock.run()
    return clock


def test_back_off_doubles_and_is_spread():
    clock = _deliver(Target(*[HttpTargetError(503, "")] * 12))

    full = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512, 512]
    assert all(most / 2 <= delay <= most for delay, most in zip(clock.delays, full, strict=True))
    assert clock.delays[-1] != clock.delays[-2]


def test_default_is_given_up_after_a_day_or_185_retries():
    target = Target(*[HttpTargetError(503, "")] * 1000)

    clock = _deliver(target)

    assert len(target.attempts) == 186 or clock.time == pytest.approx(86_400)
    (dead,) = target.dead
    assert dead[1]["EXHAUSTED_RETRY_CONDITION"] in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")


def test_too_old_delivery_is_given_up_when_its_age_is_reached():
    target = Target(*[HttpTargetError(503, "")] * 1000)

    clock = _deliver(target, RetryPolicy(185, 60))

    assert clock.time == pytest.approx(60)
    assert target.dead[0][1]["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert target.dead[0][1]["RETRY_ATTEMPTS"] == str(len(target.attempts) - 1)


def test_policy_without_retries_makes_one_attempt():
    target = Target(HttpTargetError(503, ""))

    _deliver(target, RetryPolicy.of({"RetryPolicy": {"MaximumRetryAttempts": 0}}))

    assert target.attempts == [1]
    assert target.dead[0][1]["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"


def test_second_attempt_that_works_is_the_last():
    target = Target(HttpTargetError(503, ""))

    _deliver(target)

    assert target.attempts == [1, 2]
    assert target.dead == []
