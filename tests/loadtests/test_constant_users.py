from loadtests.arrivals.constant_users import ConstantUsers


class Clock:
    now = 0.0

    def time(self) -> float:
        return self.now


def run(iteration_s: float, prepare_s: float, end: float, stop_at: float = 1e9) -> list[float]:
    clock, started = Clock(), []

    def iterate(at: float) -> None:
        started.append(at)
        clock.now += iteration_s

    def prepare(_: float) -> None:
        clock.now += prepare_s

    ConstantUsers(end, iterate, clock.time, lambda: clock.now >= stop_at, prepare).run()
    return started


def test_user_loops_without_a_pause_until_the_end() -> None:
    assert run(iteration_s=1, prepare_s=0, end=4) == [0, 1, 2, 3]


def test_user_counts_from_when_it_is_ready() -> None:
    assert run(iteration_s=1, prepare_s=1, end=6) == [1, 3, 5]


def test_user_starts_nothing_once_preparing_took_it_past_the_end() -> None:
    assert run(iteration_s=1, prepare_s=3, end=3) == []


def test_user_stops_between_iterations() -> None:
    assert run(iteration_s=1, prepare_s=0, end=100, stop_at=2) == [0, 1]
