"""Reports compared: what comes out worse, better, the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from loadtests import slo, summary
from loadtests.report import functions, tables
from tests.loadtests.comparing import compare, verdicts
from tests.loadtests.made_reports import Made, shorten
from tests.loadtests.sample_run import USED, sample


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many runs of the same code, and others."""
    folder = tmp_path_factory.mktemp("reports")
    for seed in range(3):
        Made(seed).write(folder / f"same-{seed}")
        Made(seed + 10, slower={"payments": 1.2}).write(folder / f"slow-{seed}")
    Made(7, machine=1.25).write(folder / "busy")
    Made(8, orders=25).write(folder / "short")
    Made(9, fail_every=20, lose=3).write(folder / "broken")
    Made(9, usd=5.0).write(folder / "dear")
    return folder


def test_runs_of_the_same_code_are_the_same(reports: Path) -> None:
    told = compare(reports, "same-0", "same-1")
    assert told["verdict"]["word"] == "the same"
    assert "One run each" in told["verdict"]["sentence"]
    assert {each["verdict"] for each in told["figures"] if each["decides"]} == {"the same"}


def test_service_that_is_a_fifth_slower_is_worse_and_named(reports: Path) -> None:
    told = compare(reports, "same-0 same-1 same-2", "slow-0 slow-1 slow-2")
    assert told["verdict"]["word"] == "worse"
    found = verdicts(told)
    assert found["payments running p50"] == "worse"
    assert (found["orders running p50"], found["inventory running p50"]) == ("the same", "the same")
    assert "payments running p50 +" in told["verdict"]["sentence"]
    assert "One run each" not in told["verdict"]["sentence"]
    figure = next(each for each in told["figures"] if each["name"] == "payments running p50")
    assert figure["interval"][0] <= 0.2 <= figure["interval"][1]


def test_what_got_faster_is_better(reports: Path) -> None:
    told = compare(reports, "slow-0 slow-1 slow-2", "same-0 same-1 same-2")
    assert told["verdict"]["word"] == "better"


def test_tolerance_decides_what_counts(reports: Path) -> None:
    told = compare(reports, "same-0 same-1 same-2", "slow-0 slow-1 slow-2", 0.3)
    assert (told["verdict"]["word"], told["tolerance"]) == ("the same", 0.3)


def test_machine_that_was_slower_is_not_taken_for_the_code(reports: Path) -> None:
    told = compare(reports, "same-0", "busy")
    assert told["verdict"]["word"] == "not enough data"
    assert told["machine_change"] == pytest.approx(0.25)
    assert next(each for each in told["figures"] if each["name"] == "order p50")["by_machine"]
    assert "the machine changed, or was shared, as much" in told["verdict"]["sentence"]


def test_on_a_slower_machine_work_waits_longer_than_the_machine_is_slower(reports: Path, tmp_path: Path) -> None:
    step = Made().summary()["scaling"][0]
    seen = {"scaling": [step | {"cpu_ms_per_order": step["cpu_ms_per_order"] | {"harness": 8.0 * 1.12}}]}
    Made(7, machine=1.25, changes=seen).write(tmp_path / "waited")
    told = compare(reports, "same-0", str(tmp_path / "waited"))
    assert told["machine_change"] == pytest.approx(0.12)
    assert told["verdict"]["word"] == "not enough data"


def test_machine_that_others_used_is_not_taken_for_the_code_in_a_single_run(tmp_path: Path) -> None:
    run = Made().summary()["run"]
    shared = {"run": run | {"machine": {"processors": 2, "busy_percent": 90.0, "others": 1.6}}}
    for seed in range(3):
        Made(seed).write(tmp_path / f"a{seed}")
        Made(seed + 10, slower={"payments": 1.4}, changes=shared).write(tmp_path / f"b{seed}")
    told = compare(tmp_path, "a0", "b0")
    assert told["verdict"]["word"] != "worse"
    assert verdicts(told)["payments running p50"] == "not enough data"
    assert "B: others used 1.6 of the machine's 2 processors in b0" in told["differences"]
    late = {"saturation": {"limit": "generator"}}
    Made(20, slower={"payments": 1.4}, changes=late).write(tmp_path / "late")
    assert verdicts(compare(tmp_path, "a0", "late"))["payments running p50"] == "not enough data"
    assert verdicts(compare(tmp_path, "a0 a1 a2", "b0 b1 b2"))["payments running p50"] == "worse"


def test_short_runs_are_not_enough(reports: Path) -> None:
    told = compare(reports, "same-0", "short")
    assert told["verdict"]["word"] == verdicts(told)["order p50"] == "not enough data"
    assert "duration: A 60 s; B 5 s" in told["differences"]


def test_failures_and_lost_orders_are_worse_whatever_the_latency(reports: Path) -> None:
    told = compare(reports, "same-0", "broken")
    found = verdicts(told)
    assert (found["requests failed"], found["orders lost"]) == ("worse", "worse")


def test_cost_is_counted_and_has_no_interval(reports: Path) -> None:
    told = compare(reports, "same-0", "dear")
    cost = next(each for each in told["figures"] if each["group"] == "cost")
    assert (cost["verdict"], cost["interval"], cost["change"]) == ("worse", None, pytest.approx(5 / 4.2 - 1, abs=1e-5))


def test_report_as_the_harness_writes_it_has_all_figures_that_decide(tmp_path: Path) -> None:
    """What these tests make up might not be what is written."""
    observed = sample(60, usage_before={"since": USED["since"]}, usage_after=USED)
    figures = summary.build(observed, slo.load("order"))
    (folder := tmp_path / "a").mkdir()
    tables.write_orders(folder / "orders.csv", observed)
    tables.write_requests(folder / "requests.csv", observed.measured_requests)
    functions.write(folder / "functions.csv", observed)
    (folder / "summary.json").write_text(json.dumps(figures))
    shutil.copytree(folder, tmp_path / "b")
    told = {each["name"]: each["a"] for each in compare(tmp_path, "a", "b")["figures"]}
    assert told["done a second"] == pytest.approx(sum(row["throughput_per_s"] for row in figures["scaling"]))
    sums = ("without Lambda's time", "Lambda's time", "all")
    counted, timed, whole = (told[f"USD per million orders, {words}"] for words in sums)
    assert (whole, min(counted, timed) > 0) == (pytest.approx(counted + timed, abs=0.001), True)
    assert whole == figures["cost_usd_per_million_orders"]
    assert {"order p50", "POST /orders p50", "requests failed", "orders not confirmed", "orders lost"} <= set(told)


def test_what_lambda_bills_by_time_is_not_counted(reports: Path) -> None:
    """On a slower machine the same code is billed for more."""
    figures = {each["name"]: each for each in compare(reports, "same-0", "busy")["figures"]}
    assert figures["USD per million orders, without Lambda's time"]["verdict"] == "the same"
    timed = figures["USD per million orders, Lambda's time"]
    assert (timed["verdict"], timed["decides"], timed["a"]) == ("not enough data", False, 6.0)
    assert timed["change"] == pytest.approx(0.25)


def test_orders_that_are_rejected_are_worse_however_fast(tmp_path: Path) -> None:
    Made(1).write(tmp_path / "a")
    Made(2, machine=0.6, reject=300).write(tmp_path / "b")
    told = compare(tmp_path, "a", "b")
    assert told["verdict"]["word"] == "worse"
    assert verdicts(told)["orders not confirmed"] == "worse"


def test_one_lost_order_in_several_runs_is_worse(tmp_path: Path) -> None:
    for seed in range(4):
        Made(seed, rate=100).write(tmp_path / f"a{seed}")
        Made(seed + 10, rate=100, lose=seed == 3).write(tmp_path / f"b{seed}")
    told = compare(tmp_path, "a0 a1 a2 a3", "b0 b1 b2 b3")
    assert told["verdict"]["word"] == "worse"
    assert verdicts(told)["orders lost"] == "worse"
    assert "orders lost +0.083 points" in told["verdict"]["sentence"]
    assert verdicts(compare(tmp_path, "b3", "a0"))["orders lost"] == "better"


def test_one_lost_order_in_runs_of_about_the_same_length_is_the_same(tmp_path: Path) -> None:
    Made(1, rate=100, lose=1).write(tmp_path / "a")
    Made(2, rate=100, orders=295, lose=1).write(tmp_path / "b")
    assert verdicts(compare(tmp_path, "a", "b"))["orders lost"] == "the same"


def test_everything_failing_is_worse_in_the_shortest_run(tmp_path: Path) -> None:
    Made(1, orders=40).write(tmp_path / "a")
    Made(2, orders=40, fail_every=1).write(tmp_path / "b")
    told = compare(tmp_path, "a", "b")
    assert told["verdict"]["word"] == "worse"
    assert verdicts(told)["requests failed"] == "worse"


def test_nothing_done_is_worse_and_what_vanished_is_named(tmp_path: Path) -> None:
    Made(1).write(tmp_path / "a")
    step = Made(2).summary()["scaling"][0]
    Made(2, lose=300, changes={"scaling": [step | {"throughput_per_s": 0.0}]}).write(tmp_path / "b")
    told = compare(tmp_path, "a", "b")
    done = next(each for each in told["figures"] if each["name"] == "done a second")
    assert (done["verdict"], done["change"], done["interval"]) == ("worse", -1.0, None)
    (lacking,) = [each for each in told["differences"] if each.startswith("B: it has no orders order")]
    assert "stages payment-captured→confirmed" in lacking
    assert verdicts(compare(tmp_path, "b", "a"))["done a second"] == "better"
    assert "done a second from none" in compare(tmp_path, "b", "a")["verdict"]["sentence"]


def test_what_was_done_while_the_run_drained_is_not_its_throughput(tmp_path: Path) -> None:
    """All orders are decided in both runs; in B two of three only after the window."""
    Made(1).write(tmp_path / "a")
    step = Made(2).summary()["scaling"][0]
    Made(2, changes={"scaling": [step | {"throughput_per_s": 1.7}]}).write(tmp_path / "b")
    done = next(each for each in compare(tmp_path, "a", "b")["figures"] if each["name"] == "done a second")
    assert (done["a"], done["b"], done["verdict"]) == (pytest.approx(5.0), pytest.approx(1.7), "worse")


def test_function_that_orders_do_not_wait_for_decides_by_its_mean(tmp_path: Path) -> None:
    for seed in range(3):
        Made(seed, rate=100, between=0.01).write(tmp_path / f"a{seed}")
        Made(seed + 10, rate=100, between=0.01, slower={"products": 1.2}).write(tmp_path / f"b{seed}")
    told = compare(tmp_path, "a0 a1 a2", "b0 b1 b2")
    assert told["verdict"]["word"] == verdicts(told)["products mean, ms"] == "worse"
    assert "users mean, ms" not in verdicts(told)
    alone = next(each for each in compare(tmp_path, "a0", "b0")["figures"] if each["name"] == "products mean, ms")
    assert (alone["decides"], alone["verdict"]) == (False, "not enough data")


@pytest.mark.parametrize("changed", ["flow", "workers"])
def test_machine_is_not_judged_by_other_work_of_the_harness(tmp_path: Path, changed: str) -> None:
    """More processes cost the harness more: that must not explain a slower service away."""
    summary = Made().summary()
    changes = {"flow": {"flow": "saga"}, "workers": {"run": summary["run"] | {"workers": 2}}}[changed]
    for seed in range(3):
        Made(seed, rate=100).write(tmp_path / f"a{seed}")
        Made(seed + 10, rate=100, machine=1.25, changes=changes).write(tmp_path / f"b{seed}")
    told = compare(tmp_path, "a0 a1 a2", "b0 b1 b2")
    assert (told["verdict"]["word"], told["machine_change"]) == ("worse", None)
    assert [each for each in told["differences"] if "whether the machine was slower is not known" in each]


def test_disturbed_single_run_beside_several_makes_none_worse(tmp_path: Path) -> None:
    late = {"saturation": {"limit": "generator"}}
    for seed in range(3):
        Made(seed, rate=100).write(tmp_path / f"a{seed}")
    Made(20, rate=100, slower={"payments": 2.0}, changes=late).write(tmp_path / "late")
    told = compare(tmp_path, "a0 a1 a2", "late")
    payments = next(each for each in told["figures"] if each["name"] == "payments running p50")
    assert (payments["verdict"], payments["by_machine"]) == ("not enough data", True)


def test_functions_that_are_not_known_of_all_orders_are_told(tmp_path: Path) -> None:
    for seed, name in enumerate("ab"):
        Made(seed, rate=100).write(tmp_path / name)
    shorten(tmp_path / "b", "functions.csv")
    assert "B: functions.csv of b tells of 17 of 300 orders" in compare(tmp_path, "a", "b")["differences"]
    (tmp_path / "b" / "functions.csv").unlink()
    told = compare(tmp_path, "a", "b")["differences"]
    assert "B: b has no functions.csv" in told
    assert [each for each in told if each.startswith("B: it has no functions orders running")]


def test_single_figures_of_one_run_each_are_not_enough(reports: Path) -> None:
    told = compare(reports, "same-0", "busy")
    single = [each for each in told["figures"] if each["group"] in ("processor", "invocations")]
    assert {each["verdict"] for each in single} == {"not enough data"}
    assert {each["interval"] for each in single} == {None}


def test_flow_and_commit_may_differ_and_are_told(tmp_path: Path) -> None:
    run = Made().summary()["run"]
    Made(1, changes={"run": run | {"commit": {"id": "1a2b3c4", "dirty": False, "at": ""}}}).write(tmp_path / "a")
    Made(2, changes={"flow": "saga", "host": "http://localhost:4600"}).write(tmp_path / "b")
    told = compare(tmp_path, "a", "b")
    assert told["differences"] == [
        "flow: A choreography; B saga",
        "commit: A 1a2b3c4; B none",
        "flow or workers, and so the harness's own work: whether the machine was slower is not known",
    ]


def test_report_without_functions_is_compared_without_them(tmp_path: Path) -> None:
    for seed, name in enumerate("ab"):
        (Made(seed).write(tmp_path / name) / "functions.csv").unlink()
    told = compare(tmp_path, "a", "b")
    assert not [each for each in told["figures"] if each["group"] == "functions"]


@pytest.mark.slow
@pytest.mark.parametrize(("runs", "orders", "between"), [(1, 900, 0.03), (3, 300, 0.01)])
def test_same_code_is_the_same_nine_times_of_ten_and_a_fifth_slower_is_worse(
    tmp_path: Path, runs: int, orders: int, between: float
) -> None:
    """Though runs differ by `between`, of which the harness's processor time tells all but 3 %."""
    same = worse = 0
    for pair in range(10):
        names = {side: " ".join(f"{side}{pair}-{number}" for number in range(runs)) for side in "abs"}
        for number in range(runs):
            for place, side in enumerate("abs"):
                slower = {"payments": 1.2} if side == "s" else {}
                seed = 1000 * place + 10 * pair + number
                run = Made(seed, orders=orders, slower=slower, between=between, unseen=0.03)
                run.write(tmp_path / f"{side}{pair}-{number}")
        same += compare(tmp_path, names["a"], names["b"])["verdict"]["word"] == "the same"
        told = compare(tmp_path, names["a"], names["s"])
        worse += told["verdict"]["word"] == verdicts(told)["payments running p50"] == "worse"
    assert same >= 9
    assert worse >= 9
