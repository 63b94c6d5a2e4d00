"""The command as its users run it: a process, against a stack that answers over HTTP."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from loadtests import times
from loadtests.arrivals.schedule import constant
from loadtests.exit_codes import OK, SLO_FAILED, USAGE_OR_SETUP
from loadtests.plan import Plan
from tests.conftest import Aws
from tests.loadtests.conftest import FakeStack, Harness, Run, serving

SHORT = ("--duration", "2", "--warmup", "500ms")


def gaps_ms(run: Run) -> list[float]:
    """Between the intended sends of the orders, one after the other."""
    moments = [times.parse(row["intended_send"]) for row in run.rows("orders.csv")]
    return [(later - earlier) * 1000 for earlier, later in pairwise(moments)]


def moments_by_user(run: Run) -> list[list[float]]:
    """The intended sends of each user's orders."""
    by_user: dict[str, list[float]] = {}
    for row in run.rows("orders.csv"):
        by_user.setdefault(row["correlation_id"].rsplit("-", 1)[0], []).append(times.parse(row["intended_send"]))
    return list(by_user.values())


def latencies_ms(run: Run, name: str) -> list[float]:
    """Of all measured requests of this name."""
    return [float(row["latency_ms"]) for row in run.rows("requests.csv") if row["name"] == name]


def test_stack_passes_and_everything_is_counted(stack: FakeStack, harness: Harness) -> None:
    run = harness.run("--host", stack.url, "--rate", "10", *SHORT)
    assert (run.code, run.stderr) == (OK, "")
    summary = run.summary
    assert summary["orders"] == {
        "accepted": 20, "confirmed": 20, "rejected": 0, "cancelled": 0, "lost": 0, "duplicated": 0,
        "late": 0, "out_of_order": 0,
    }  # fmt: skip
    assert {name: figures["count"] for name, figures in summary["sync"].items()} == {
        "GET /products": 20,
        "GET /products/{productId}": 20,
        "POST /orders": 20,
    }
    assert summary["async"]["order"]["count"] == 20
    assert summary["async"]["stages"]["accepted→stock-reserved"]["p50_ms"] == pytest.approx(5, abs=1.1)
    assert set(summary["queues"]) == {"inventory", "payments", "orders", "notifications"}
    assert summary["functions"]["orders"]["invocations"] >= 40
    limits = summary["saturation"]["figures"]
    assert limits["generator"]["busiest_process_percent"] > 0
    assert 0 < limits["sandbox"]["answer"]["then"]["function_ms"] <= limits["sandbox"]["answer"]["then"]["mean_ms"]
    assert summary["run"]["warmup"]["accepted"] == 5
    assert len(stack.posts()) == 25
    assert stack.leftovers() == []
    assert "PASSED" in run.stdout
    assert f"report  reports/{run.folder.resolve().name}/index.html" in run.stdout
    assert "runs    reports/index.html  1 in all, 1 of this load\n" in run.stdout
    assert f'href="{run.folder.resolve().name}/index.html"' in (harness.reports / "index.html").read_text()
    assert summary["verdict"] == {"word": "passed", "sentence": "All 10 SLOs hold."}
    assert [line for line in run.stdout.splitlines() if line != line.rstrip()] == []


def test_arrivals_are_measured_at_the_rate_asked_for(stack: FakeStack, harness: Harness) -> None:
    run = harness.run("--host", stack.url, "--rate", "20", "--duration", "10", "--warmup", "500ms")
    assert run.code == OK
    assert run.summary["arrival"]["measured_rate_per_s"] == pytest.approx(20, rel=0.01)
    assert [run.summary["arrival"][name] for name in ("asked", "sent", "dropped")] == [200, 200, 0]


def test_files_of_a_run_agree_with_its_summary(stack: FakeStack, harness: Harness) -> None:
    run = harness.run("--host", stack.url, "--rate", "10", *SHORT)
    orders, requests = run.rows("orders.csv"), run.rows("requests.csv")
    assert len(orders) == 20
    assert len(requests) == 60
    assert {row["status"] for row in orders} == {"CONFIRMED"}
    for row in orders:
        latency = times.parse(row["confirmed"]) - times.parse(row["intended_send"])
        assert float(row["latency_ms"]) == pytest.approx(latency * 1000, abs=1.1)
    assert gaps_ms(run) == pytest.approx([100.0] * 19, abs=1.1)
    assert re.fullmatch(r"\d{8}T\d{6}Z-order", run.folder.resolve().name)
    page = (run.folder / "index.html").read_text()
    assert 'id="plot-latency"' in page
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)


def test_lost_duplicated_rejected_and_refused_orders_are_told_apart(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(lose_every=5, duplicate_every=7, reject_every=3, refuse_every=11)
    run = harness.run("--host", stack.url, "--rate", "10", "--duration", "2.2", "--warmup", "0", "--drain", "10")
    assert run.code == SLO_FAILED
    orders = run.summary["orders"]
    # Of orders 1 to 22, 11 and 22 are refused; 5, 10, 15, 20 lost; 7, 14, 21 duplicated;
    # 3, 6, 9, 12, 18, 21 rejected.
    assert orders == {
        "accepted": 20, "confirmed": 10, "rejected": 6, "cancelled": 0, "lost": 4, "duplicated": 3,
        "late": 0, "out_of_order": 0,
    }  # fmt: skip
    assert run.summary["sync"]["POST /orders"]["failures"] == 2
    assert run.summary["run"]["not_accepted"] == 2
    failed = {entry["rule"] for entry in run.summary["slo"] if not entry["ok"]}
    assert failed == {"orders.lost == 0", "orders.duplicated == 0", "sync.POST /orders.failure_rate < 0.01"}
    assert "FAILED" in run.stdout


def test_contradicting_and_repeated_messages_are_told_apart(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(contradict_every=4, repeat_messages=True)
    run = harness.run("--host", stack.url, "--rate", "4", "--duration", "2", "--warmup", "0")
    assert run.code == SLO_FAILED
    assert (run.summary["orders"]["confirmed"], run.summary["orders"]["duplicated"]) == (8, 2)


def test_orders_that_overtake_themselves_are_told_apart(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(overtake_every=4)
    run = harness.run("--host", stack.url, "--rate", "4", "--duration", "2", "--warmup", "0")
    assert (run.summary["orders"]["confirmed"], run.summary["orders"]["out_of_order"]) == (8, 2)


@pytest.mark.slow
def test_late_orders_are_not_lost(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(late_every=4, late_s=12, lose_every=5)
    run = harness.run("--host", stack.url, "--rate", "4", "--duration", "2", "--warmup", "0", "--drain", "10")
    orders = run.summary["orders"]
    assert {name: orders[name] for name in ("accepted", "confirmed", "late", "lost")} == {
        "accepted": 8, "confirmed": 7, "late": 2, "lost": 1
    }  # fmt: skip


def test_waterfall_says_where_the_milliseconds_are(stack: FakeStack, harness: Harness) -> None:
    # By the stamps an order is received 3 ms before it is accepted: only a slower answer lets the way there take time.
    stack.break_with(cold_every=2, stage_delay_s=0.02, answer_delay_s=0.02)
    run = harness.run("--host", stack.url, "--rate", "4", "--duration", "2", "--warmup", "0")
    rows = {row["hop"]: row for row in run.summary["waterfall"]}
    assert list(rows) == list(run.summary["async"]["stages"])
    assert {(row["count"], row["unsplit"]) for row in rows.values()} == {(8, 0)}
    parts = rows["accepted→stock-reserved"]["parts"]
    assert {name: round(part["mean_ms"], 1) for name, part in parts.items()} == {
        "publish": 1,
        "queue": 1,
        "function_wait": 1.2,
        "cold_start": 0.8,
        "running": 16,
    }
    assert (parts["cold_start"]["count"], run.summary["run"]["cold_starts_read"]) == (4, 4)
    assert set(rows["sent→accepted"]["parts"]) >= {"generator", "api", "running"}


def test_mail_that_nobody_tells_of_is_not_a_loss(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(silent_mails=True)
    run = harness.run("--host", stack.url, "--rate", "4", "--duration", "1", "--warmup", "0", "--drain", "1")
    assert run.code == OK
    assert (run.summary["orders"]["lost"], run.summary["run"]["unnotified"]) == (0, 4)


def test_slow_answers_do_not_slow_the_arrivals_and_show_in_the_latency(
    stack: FakeStack, harness_of_users: Harness
) -> None:
    stack.break_with(answer_delay_s=1.5)
    run = harness_of_users.run("--host", stack.url, "--rate", "10", *SHORT)
    assert run.code == SLO_FAILED
    assert gaps_ms(run) == pytest.approx([100.0] * 19, abs=1.1)
    arrived = sorted(post["at"] for post in stack.posts())
    # Far apart from 1.5 s each, which is what waiting for the answers would make of them.
    assert median(later - earlier for earlier, later in pairwise(arrived)) < 0.5
    assert run.summary["sync"]["POST /orders"]["p50_ms"] >= 1500
    assert run.summary["async"]["order"]["p50_ms"] >= 1500


def test_slow_catalogue_does_not_hold_up_the_orders(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(browse_delay_s=1.0)
    run = harness.run("--host", stack.url, "--rate", "10", "--duration", "8", "--warmup", "500ms")
    assert run.code == OK
    assert run.summary["sync"]["GET /products"]["p50_ms"] >= 1000
    # Held up, all would take more; a pause of the machine is shorter than the load.
    assert len([took_ms for took_ms in latencies_ms(run, "/orders") if took_ms < 1000]) >= 10
    assert gaps_ms(run) == pytest.approx([100.0] * 79, abs=1.1)


def test_workers_share_the_arrivals(stack: FakeStack, harness: Harness) -> None:
    run = harness.run("--host", stack.url, "--rate", "10", "--workers", "2", *SHORT)
    assert (run.code, run.stderr) == (OK, "")
    assert run.summary["orders"]["confirmed"] == 20
    assert gaps_ms(run) == pytest.approx([100.0] * 19, abs=1.1)
    workers = {row["correlation_id"].split("-")[2] for row in run.rows("orders.csv")}
    assert len(workers) == 2
    assert stack.leftovers() == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_users_loop_without_waiting(stack: FakeStack, harness: Harness, workers: str) -> None:
    stack.break_with(answer_delay_s=0.2)
    load = ("--users", "3", "--duration", "6", "--warmup", "500ms")
    run = harness.run("--host", stack.url, *load, "--workers", workers)
    assert run.code == OK
    arrival = run.summary["arrival"]
    assert (arrival["model"], arrival["rate_per_s"], arrival["users"], arrival["think_s"]) == ("closed", None, 3, 0)
    assert run.summary["orders"]["confirmed"] <= 90
    by_user = moments_by_user(run)
    assert len(by_user) == 3
    for moments in by_user:
        assert median(later - earlier for earlier, later in pairwise(moments)) < 1


def test_users_think_between_their_orders(stack: FakeStack, harness: Harness) -> None:
    load = ("--users", "2", "--think", "800ms", "--duration", "8", "--warmup", "500ms")
    run = harness.run("--host", stack.url, *load)
    assert run.code == OK
    assert run.summary["arrival"]["think_s"] == 0.8
    by_user = moments_by_user(run)
    assert len(by_user) == 2
    assert min(later - earlier for moments in by_user for earlier, later in pairwise(moments)) >= 0.399


@pytest.mark.parametrize("workers", ["1", "2"])
def test_poisson_arrivals_are_those_of_the_seed(stack: FakeStack, harness: Harness, workers: str) -> None:
    options = ("--rate", "10", "--arrivals", "poisson", "--seed", "7", "--workers", workers)
    run = harness.run("--host", stack.url, *options, *SHORT)
    assert (run.code, run.stderr) == (OK, "")
    asked = list(constant(10, 2).offsets("poisson", seed=7))
    moments = [
        times.parse(row["intended_send"]) - times.parse(run.summary["started_at"]) for row in run.rows("orders.csv")
    ]
    assert moments == pytest.approx(asked, abs=0.0021)
    assert run.summary["arrival"]["pattern"] == "poisson"


def test_engine_without_figures_and_a_topic_without_tags_give_none(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(functions=False)
    run = harness.run("--host", stack.url, "--rate", "4", "--duration", "500ms", "--warmup", "0")
    assert (run.code, run.summary["functions"], run.summary["flow"]) == (OK, None, None)


def test_flow_is_what_the_topic_is_tagged_with(stack: FakeStack, harness: Harness) -> None:
    topics = Aws(stack.url)("sns")
    arn = topics.create_topic(Name="order-events")["TopicArn"]
    topics.tag_resource(ResourceArn=arn, Tags=[{"Key": "flow", "Value": "saga"}])
    try:
        run = harness.run("--host", stack.url, "--rate", "4", "--duration", "500ms", "--warmup", "0")
    finally:
        topics.untag_resource(ResourceArn=arn, TagKeys=["flow"])
    assert (run.code, run.summary["flow"]) == (OK, "saga")
    assert "flow    saga\n" in run.stdout


def test_rules_of_ones_own_decide(stack: FakeStack, harness: Harness, tmp_path: Path) -> None:
    rules = tmp_path / "slo.toml"
    rules.write_text('[order]\nrules = ["async.order.p95_ms < 1"]')
    options = ("--rate", "4", "--duration", "500ms", "--warmup", "0", "--slo", str(rules))
    run = harness.run("--host", stack.url, *options)
    assert run.code == SLO_FAILED
    assert [entry["rule"] for entry in run.summary["slo"]] == ["async.order.p95_ms < 1"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--scenario", "nonsense"), "SCENARIO=nonsense is not known; there are: "),
        (("--scenario", "breakpoint", "--check", "--page"), "SCENARIO=breakpoint is a search"),
        (("--rate", "0"), "RATE=0 is out of bounds"),
        (("--rate", "-5"), "RATE=-5 is out of bounds"),
        (("--rate", "nan"), "RATE=nan is out of bounds"),
        (("--rate", "many"), "RATE=many is no number"),
        (("--rate", "5", "--users", "5"), "exclude each other"),
        (("--users", "0"), "USERS=0 is out of bounds"),
        (("--users", "2.5"), "USERS=2.5 is no whole number"),
        (("--duration", "-5"), "DURATION=-5 is no duration"),
        (("--duration", "999h"), "DURATION=999h is out of bounds"),
        (("--rate", "2e3", "--duration", "1h30m"), "RATE=2e3 DURATION=1h30m WARMUP=2 makes 10804000 arrivals"),
        (("--seed", "1"), "SEED=… is for ARRIVALS=poisson"),
        (("--duration", "soon"), "DURATION=soon is no duration"),
        (("--workers", "0"), "WORKERS=0 is out of bounds"),
        (("--host", "nonsense"), "HOST=nonsense is no address"),
        (("--endpoint", "nonsense"), "ENDPOINT=nonsense is no address"),
        (("--host", "http://192.0.2.1:4566"), "ALLOW_REMOTE=yes"),
        (("--allow-remote", "maybe"), "ALLOW_REMOTE=maybe is no answer"),
        (("--host", "http://127.0.0.1:9"), "no AWS endpoint answers at http://127.0.0.1:9"),
        (("--slo", "/nowhere/slo.toml"), "SLO=/nowhere/slo.toml cannot be read"),
        (("--reports", "/dev/null/reports"), "REPORTS=/dev/null/reports cannot be written"),
        (("--nonsense",), "--nonsense"),
    ],
)
def test_bad_usage_is_told_in_a_line(harness: Harness, options: tuple[str, ...], told: str) -> None:
    run = harness.run(*options)
    assert run.code == USAGE_OR_SETUP
    assert run.stderr.startswith("error: ")
    assert told in run.stderr
    assert run.stderr.count("\n") == 1
    assert not run.folder.exists()


def test_shop_that_lets_nobody_in_is_told_in_a_line(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(no_login=True)
    run = harness.run("--host", stack.url)
    assert run.code == USAGE_OR_SETUP
    assert "cannot log in" in run.stderr
    assert "Traceback" not in run.stderr
    assert stack.leftovers() == []


def test_stack_without_the_topic_is_told_in_a_line(harness: Harness) -> None:
    with serving(no_topic=True) as bare:
        run = harness.run("--host", bare.url)
    assert run.code == USAGE_OR_SETUP
    assert "no SNS topic order-events" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), OK),
        (("--rate", "-5"), USAGE_OR_SETUP),
        (("--reports", "/dev/null/reports"), USAGE_OR_SETUP),
        (("--host", "http://192.0.2.1:4566"), USAGE_OR_SETUP),
        (("--host", "http://192.0.2.1:4566", "--allow-remote", "yes"), OK),
    ],
)
def test_check_starts_nothing(harness: Harness, options: tuple[str, ...], code: int) -> None:
    run = harness.run("--check", "--host", "http://127.0.0.1:9", *options)
    assert run.code == code, run.stderr
    assert not harness.reports.exists()


def test_plan_is_shown_with_what_the_scenario_brings_and_starts_nothing(harness: Harness) -> None:
    options = ("--host", "http://127.0.0.1:9", "--scenario", "ramp", "--duration", "1m")
    run = harness.run("--show-plan", *options)
    assert (run.code, run.stderr, run.reports.exists()) == (OK, "", False)
    shown = json.loads(run.stdout)
    assert shown.pop("takes_s") == [62.0, 122.0]
    plan = Plan(**shown)
    assert (plan.rate, plan.duration_s, plan.warmup_s) == (20.0, 60.0, 2.0)
    search = json.loads(harness.run("--show-plan", "--scenario", "breakpoint").stdout)
    assert search["takes_s"] == [350.0, 840.0]
    assert harness.run("--show-plan", *options, "--rate", "0").code == USAGE_OR_SETUP


def test_latest_that_is_no_link_is_not_touched(harness: Harness) -> None:
    (harness.reports / "latest").mkdir(parents=True)
    run = harness.run()
    assert run.code == USAGE_OR_SETUP
    assert "in the way" in run.stderr
