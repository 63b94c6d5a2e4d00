from __future__ import annotations

import signal

import pytest

from loadtests.held_signals import held_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_waits_and_the_second_does_not(number: signal.Signals) -> None:
    said: list[str] = []
    before = signal.getsignal(number)
    with held_signals(said.append) as came:
        signal.raise_signal(number)
        assert came == [number]
        assert len(said) == 1
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before
