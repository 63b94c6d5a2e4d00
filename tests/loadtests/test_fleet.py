"""Several processes that generate load, as processes: here, and as if on other machines."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from loadtests.exit_codes import OK, USAGE_OR_SETUP
from tests.conftest import free_port
from tests.loadtests.conftest import ENVIRONMENT, FakeStack, Harness, Run
from tests.waiting import until

pytestmark = pytest.mark.slow

PERCENTS = {"p50_ms": 50, "p90_ms": 90, "p95_ms": 95, "p99_ms": 99, "max_ms": 100}


@contextmanager
def joining(master: str, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Workers that somebody started for this master; none is left."""
    command = [sys.executable, "-m", "loadtests.worker", f"--master={master}"]
    with ExitStack() as ends:
        workers = []
        for _ in range(count):
            worker = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
            ends.callback(worker.communicate)
            ends.callback(worker.kill)
            workers.append(worker)
        yield workers


def at_rank(samples: list[float], percent: int) -> float:
    return sorted(samples)[max(1, int(percent * len(samples) / 100 + 0.5)) - 1]


def assert_percentiles_are_of_all_samples(run: Run) -> None:
    orders = [float(row["latency_ms"]) for row in run.rows("orders.csv") if row["latency_ms"]]
    requests: dict[str, list[float]] = {}
    for row in run.rows("requests.csv"):
        requests.setdefault(f"{row['method']} {row['name']}", []).append(float(row["latency_ms"]))
    assert run.summary["async"]["order"]["count"] == len(orders)
    assert set(requests) == set(run.summary["sync"])
    for figures, samples in [
        (run.summary["async"]["order"], orders),
        *((run.summary["sync"][key], samples) for key, samples in requests.items()),
    ]:
        for name, percent in PERCENTS.items():
            assert figures[name] == pytest.approx(at_rank(samples, percent), rel=0.005), (name, len(samples))


def test_merged_percentiles_are_those_of_all_samples(stack: FakeStack, harness: Harness, tmp_path: Path) -> None:
    unjudged = tmp_path / "slo.toml"  # how long it takes is the machine's affair
    unjudged.write_text("[order]\nrules = []\n")
    options = ("--rate", "40", "--duration", "4", "--warmup", "1", "--workers", "3", "--slo", str(unjudged))
    run = harness.run("--host", stack.url, *options)
    assert run.code == OK, run.stderr
    assert run.summary["orders"]["confirmed"] == 160
    assert_percentiles_are_of_all_samples(run)
    assert [each["sent"] for each in run.summary["harness"]["processes"]] == pytest.approx([200 / 3] * 3, abs=1)
    assert stack.leftovers() == []


def test_harness_tells_what_it_cost(stack: FakeStack, harness: Harness) -> None:
    run = harness.run("--host", stack.url, "--rate", "10", "--duration", "2", "--warmup", "0", "--workers", "2")
    told = run.summary["harness"]
    assert 0 < told["probe_cpu_percent"] < told["generator_cpu_percent"]
    assert told["main_cpu_percent"] > 0
    assert told["probe_messages"] == 60
    for each in told["processes"]:
        assert abs(each["clock_offset_ms"]) <= each["clock_uncertainty_ms"] + 1
    assert told["clock_offset_ms"] in [each["clock_offset_ms"] for each in told["processes"]]


@pytest.mark.parametrize(("workers", "ahead_s"), [("1", 30.0), ("2", -30.0)])
def test_stack_with_another_clock_gets_times_of_its_own(
    stack: FakeStack, harness: Harness, workers: str, ahead_s: float
) -> None:
    stack.break_with(clock_ahead_s=ahead_s)
    options = ("--rate", "10", "--duration", "2", "--warmup", "0", "--workers", workers)
    run = harness.run("--host", stack.url, *options)
    assert run.code == OK
    assert run.summary["orders"]["confirmed"] == 20
    assert 0 <= run.summary["async"]["order"]["p50_ms"] < 5_000
    for each in run.summary["harness"]["processes"]:
        assert abs(each["clock_offset_ms"] - ahead_s * 1000) <= each["clock_uncertainty_ms"] + 1


def test_workers_join_from_elsewhere_and_those_that_are_too_many_go_home(stack: FakeStack, harness: Harness) -> None:
    master = f"127.0.0.1:{free_port()}"
    options = ("--rate", "10", "--duration", "2", "--warmup", "0", "--workers", "2", "--master", master)
    with joining(master, 3) as workers:
        for worker in workers:
            assert worker.stderr is not None
            assert worker.stderr.readline() == f"waiting for the main process at {master}\n"
        run = harness.run("--host", stack.url, *options)
        assert run.code == OK, run.stderr
        assert [worker.wait(60) for worker in workers] == [OK] * 3
    assert f"python -m loadtests.worker --master {master}" in run.stdout
    assert run.summary["orders"]["confirmed"] == 20
    assert len(run.summary["harness"]["processes"]) == 2
    assert f"MASTER={master}" in run.summary["repeat"]
    assert stack.leftovers() == []


def test_worker_elsewhere_that_dies_is_missed(stack: FakeStack, harness: Harness) -> None:
    master = f"127.0.0.1:{free_port()}"
    process = harness.start(
        *("--host", stack.url, "--rate", "10", "--duration", "100", "--workers", "2", "--master", master)
    )
    with joining(master, 2) as workers:
        until(lambda: len(stack.posts()) > 0, 60)
        workers[0].kill()
        run = harness.finish(process)
        assert run.code == USAGE_OR_SETUP
        assert "has gone before its load was over" in run.stderr
    assert stack.leftovers() == []


@pytest.mark.parametrize(
    ("master", "told"),
    [
        ("nonsense", "is no ADDRESS:PORT"),
        ("127.0.0.1:0", "is no ADDRESS:PORT"),
        ("127.0.0.1:99999", "is no ADDRESS:PORT"),
        ("192.0.2.1:5557", "cannot listen there"),
    ],
)
def test_master_that_is_no_place_to_listen_is_refused(
    stack: FakeStack, harness: Harness, master: str, told: str
) -> None:
    run = harness.run("--host", stack.url, "--workers", "2", "--master", master)
    assert run.code == USAGE_OR_SETUP
    assert f"MASTER={master}" in run.stderr
    assert told in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert stack.posts() == []


def test_master_at_a_port_in_use_is_refused_before_any_load(stack: FakeStack, harness: Harness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        master = f"127.0.0.1:{other.getsockname()[1]}"
        run = harness.run("--host", stack.url, "--workers", "2", "--master", master)
    assert run.code == USAGE_OR_SETUP
    assert f"MASTER={master}: cannot listen there: Address already in use" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert stack.posts() == []


def test_users_stop_when_memory_is_used_up(stack: FakeStack, harness: Harness, unhurried_rules: Path) -> None:
    script = (
        "import loadtests.worker, loadtests.generator as g; g.MAX_ARRIVALS = 12; from loadtests.cli import main; main()"
    )
    command = [sys.executable, "-c", script, "--reports", str(harness.reports), "--slo", str(unhurried_rules)]
    options = ["--host", stack.url, "--users", "2", "--duration", "10m", "--warmup", "0"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    run = Run(done.returncode, done.stdout, done.stderr, harness.reports)
    assert run.code == OK, run.stderr
    assert run.summary["run"]["full"] is True
    assert run.summary["orders"]["confirmed"] == pytest.approx(12, abs=1)


def test_worker_for_no_master_is_refused() -> None:
    command = [sys.executable, "-m", "loadtests.worker", "--master=nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (USAGE_OR_SETUP, 1)
    assert "is no ADDRESS:PORT" in done.stderr
