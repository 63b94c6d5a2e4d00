"""Figures, targets and the page."""

from pathlib import Path

import pytest

from benchmarks import report, targets
from benchmarks.contenders import CONTENDERS
from benchmarks.figures import Figures
from benchmarks.plan import Plan
from benchmarks.run import Result, Sample
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.base import Measured, Values


def _verdicts(*samples: tuple[int, str, str, Values]) -> dict[tuple[str, str | None], targets.Verdict]:
    judged = targets.judge(Figures.of(3, samples))
    return {(each.target.cell + "." + each.target.metric, each.target.against): each for each in judged}


def test_target_that_was_not_measured_has_no_verdict() -> None:
    assert {each.ok for each in _verdicts().values()} == {None}


@pytest.mark.parametrize(("values", "ok"), [((2.0, 9.0, 3.0), True), ((2.0, 3.1, 9.0), False)])
def test_absolute_target_is_judged_by_the_median(values: tuple[float, ...], ok: bool) -> None:
    verdict = _verdicts(*((i, "loadstack", "ping@1", {"p50_ms": value}) for i, value in enumerate(values, 1)))
    assert verdict["ping@1.p50_ms", None].ok is ok


def test_ratio_target_is_judged_against_its_contender() -> None:
    samples = [(1, "loadstack", "ping@16", {"per_s": 600.0}), (1, "stock", "ping@16", {"per_s": 100.0})]
    verdicts = _verdicts(*samples, (1, "ministack", "ping@16", {"per_s": 301.0}))
    assert verdicts["ping@16.per_s", "stock"].ok
    assert verdicts["ping@16.per_s", "ministack"].ok is False


def test_ratio_to_a_contender_that_did_nothing_holds() -> None:
    samples = [(1, "loadstack", "ping@16", {"per_s": 600.0}), (1, "stock", "ping@16", {"per_s": 0.0})]
    verdict = _verdicts(*samples)["ping@16.per_s", "stock"]
    assert verdict.ok
    assert verdict.value is None
    assert _verdicts(samples[1])["ping@16.per_s", "stock"].ok is None


def test_every_target_names_a_cell_and_contenders_that_there_are() -> None:
    cells = {cell.name for scenario in SCENARIOS.values() for cell in scenario.cells}
    for target in targets.TARGETS:
        assert target.cell in cells
        assert target.against is None or target.against in CONTENDERS


RATES = {"loadstack": 5.0, "stock": 0.0}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    plan = Plan((SCENARIOS["ping"], SCENARIOS["drain"]), (CONTENDERS["loadstack"], CONTENDERS["stock"]), rounds=2)
    ours: Values = {"per_s": 900.0, "p50_ms": 1.5, "cpu_emulator_ms": 0.5, "cpu_generator_ms": 0.1}
    samples = [
        Sample(1, "ping@16", "loadstack", Measured(ours)),
        Sample(2, "ping@16", "loadstack", Measured(ours | {"per_s": 700.0})),
        Sample(1, "ping@16", "stock", Measured({"per_s": 80.0, "p50_ms": None}, ["3 times <status> 500"])),
        Sample(1, "drain", "stock", Measured({"drained_s": None, "messages_per_s": 9.0}, ["cut"], once=True)),
    ]
    samples += [Sample(1, "orders@16", name, Measured({"finished_per_s": rate})) for name, rate in RATES.items()]
    report.write(report.summary(plan, Result(0.0, 61.0, samples, {"stock": "it <ended>"})), tmp_path / "bench")
    return tmp_path / "bench"


def test_page_is_whole_and_escaped_and_loads_nothing(written: Path) -> None:
    page = (written / "index.html").read_text()
    assert "800" in page
    assert "10 times stock" in page
    assert "stock, round 1: 3 times &lt;status&gt; 500" in page
    assert "it &lt;ended&gt;" in page
    assert "stock gave 0" in page
    assert "--page:" in page
    assert not any(word in page for word in ("<script", "http://", "https://", "@import", "url("))


def test_json_has_medians_ratios_and_every_sample(written: Path) -> None:
    import json

    content = json.loads((written / "bench.json").read_text())
    assert content["medians"]["ping@16"]["per_s"]["loadstack"] == {"median": 800, "low": 700, "high": 900, "rounds": 2}
    assert content["ratios"]["ping@16"]["per_s"]["stock"]["median"] == 10
    assert len(content["samples"]) == 6
    assert content["failed"] == {"stock": "it <ended>"}
