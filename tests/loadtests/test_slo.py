from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests import scenarios, slo
from loadtests.errors import UsageError

SUMMARY = {
    "orders": {"accepted": 10, "lost": 0, "duplicated": None},
    "sync": {
        "POST /orders": {"count": 200, "failures": 3, "p95_ms": 81.5},
        "GET /products": {"count": 0, "failures": 0},
    },
    "async": {"order": {"p95_ms": 640.0}, "stages": {"accepted→stock-reserved": {"p50_ms": 40.0}}},
    "functions": None,
    "run": {"dropped": 2, "warmup": {"lost": 1}},
}


@pytest.mark.parametrize(
    ("rule", "value", "ok"),
    [
        ("async.order.p95_ms < 1000", 640.0, True),
        ("async.order.p95_ms < 640", 640.0, False),
        ("async.order.p95_ms <= 640", 640.0, True),
        ("async.stages.accepted→stock-reserved.p50_ms>50", 40.0, False),
        ("orders.lost == 0", 0, True),
        ("orders.accepted != 10", 10, False),
        ("sync.POST /orders.failure_rate < 0.01", 0.015, False),
        ("sync.POST /orders.failure_rate >= 0.015", 0.015, True),
        ("run.dropped == 0", 2, False),
        ("run.warmup.lost == 0", 1, False),
    ],
)
def test_rule_is_judged_by_the_summary(rule: str, value: float, ok: bool) -> None:
    assert slo.parse(rule).judge(SUMMARY) == {"rule": rule, "value": value, "ok": ok}


@pytest.mark.parametrize(
    "rule",
    [
        "orders.duplicated == 0",
        "orders.late == 0",
        "run.warmup.out_of_order == 0",
        "sync.GET /nothing.p95_ms < 5",
        "sync.GET /products.failure_rate < 1",
        "functions.orders.errors == 0",
        "queues.payments.dead_letters == 0",
    ],
)
def test_rule_without_a_value_fails(rule: str) -> None:
    assert slo.parse(rule).judge(SUMMARY) == {"rule": rule, "value": None, "ok": False}


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "orders.lost",
        "orders.lost = 0",
        "orders.lost == none",
        "orders.lots == 0",
        "async.order.p96_ms < 1",
        "sync.p95_ms < 1",
        "sync.POTS /orders.p95_ms < 1",
        "async.stages.accepted→stock-reservd.p95_ms < 1",
        "latency < 1",
        "orders.lost == 0 and more",
        "sync..p95_ms < 1",
    ],
)
def test_bad_rule_is_refused_by_name(rule: str) -> None:
    with pytest.raises(UsageError) as caught:
        slo.parse(rule)
    assert repr(rule) in str(caught.value)


@given(st.text(alphabet="orders.lt=<>0 1-p95_ms", max_size=30))
def test_any_text_is_a_rule_of_known_figures_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert slo.parse(text).path[0] in ("orders", "sync", "async", "functions", "queues", "run")


@pytest.mark.parametrize("scenario", sorted(scenarios.MODULES))
def test_defaults_have_rules_for_every_scenario(scenario: str) -> None:
    assert slo.load(scenario)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[order", "is no TOML"),
        ("[order]\nrules = 'x'", "[order] needs rules"),
        ("order = 3", "[order] needs rules"),
        ("[order]\nrules = [1]", "[order] needs rules"),
        ("[order]\nrule = ['orders.lost == 0']", "[order] needs rules"),
        ("[order]\nrules = []\nrates = []", "[order] has rates"),
        ("[order]\nrules = []\n[ordr]\nrules = []", "[ordr] is no scenario"),
        ("[order]\nrules = ['nonsense']", "SLO 'nonsense'"),
        ("", "has no rules for the scenario order"),
    ],
)
def test_file_is_checked_whole_and_named(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "slo.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        slo.load("order", file)
    assert str(caught.value).startswith(f"SLO={file}")
    assert told in str(caught.value)


def test_file_that_wants_no_rules_has_none(tmp_path: Path) -> None:
    file = tmp_path / "slo.toml"
    file.write_text("[order]\nrules = []")
    assert slo.load("order", file) == []


@pytest.mark.parametrize("sign", ["=", "=<", "=>", "===", "<>", "~"])
def test_bad_comparison_is_told_as_one(sign: str) -> None:
    with pytest.raises(UsageError, match=rf"'{sign}' is no comparison; there are <= >= == != < >$"):
        slo.parse(f"orders.lost {sign} 0")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("orders.lots", "did you mean orders.lost"),
        ("async.order.p96_ms", "did you mean async.order.p9"),
        ("sync.POTS /orders.p95_ms", "did you mean sync.POST /orders.p95_ms"),
        ("sync.GET /users.p95", "did you mean sync.GET /users.p95_ms"),
        ("async.stages.accepted→stock-reservd.p95_ms", "did you mean async.stages.accepted→stock-reserved.p95_ms"),
        ("queues.payments.max_dept", "did you mean queues.payments.max_depth"),
        ("xyz", "figures begin with orders, sync, async, functions, queues, recovery, drift, stock, replay, run"),
    ],
)
def test_unknown_figure_is_told_with_those_that_are_written_alike(path: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        slo.parse(f"{path} < 1")
    assert f"no such figure {path!r}; {told}" in str(caught.value)
    assert len(str(caught.value)) < 260


def test_slow_is_what_took_longer_than_a_rule_allows() -> None:
    def judged(rule: str, value: float | None, ok: bool = False) -> slo.Result:
        return slo.Result(rule=rule, value=value, ok=ok)

    assert slo.is_slow([judged("orders.lost == 0", 1), judged("async.order.p95_ms < 2000", 2100)])
    assert not slo.is_slow([judged("async.order.p95_ms < 2000", 100, ok=True), judged("orders.lost == 0", 1)])
    assert not slo.is_slow([judged("async.order.p95_ms < 2000", None)])
