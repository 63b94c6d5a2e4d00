from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from loadtests import report, slo, summary
from loadtests.plan import Plan
from loadtests.records import Request
from loadtests.report import page
from loadtests.report.dollars import bounds, dollars
from loadtests.report.highlights import highlights
from loadtests.result import Result
from tests.loadtests.sample_run import T0, extras, sample

NOTHING: dict[str, Any] = {"samples": [], "functions_after": None}


def built(result: Result) -> dict[str, Any]:
    return summary.build(result, slo.load("order"))


def rendered(result: Result) -> str:
    return page.render(result, built(result))


def plots_of(text: str) -> dict[str, Any]:
    plots: dict[str, Any] = json.loads(text.split('id="figures">')[1].split("</script>")[0])
    return plots


def test_report_is_written_whole_and_linked_as_the_latest(tmp_path: Path) -> None:
    observed = sample(20)
    figures = built(observed)
    folder = report.write(observed, figures, tmp_path)
    assert {path.name for path in folder.iterdir()} == {
        "index.html",
        "summary.json",
        "junit.xml",
        "orders.csv",
        "requests.csv",
        "functions.csv",
    }
    assert json.loads((folder / "summary.json").read_text()) == figures
    assert (tmp_path / "latest").resolve() == folder
    again = report.write(observed, figures, tmp_path)
    assert again != folder
    assert (tmp_path / "latest").resolve() == again
    assert {path.name for path in tmp_path.iterdir()} == {"latest", folder.name, again.name}


def test_page_asks_for_nothing_from_outside() -> None:
    text = rendered(sample(20))
    assert re.findall(r"\bsrc=|@import|<link|url\(", text) == []
    assert re.findall(r'href="(?!#)([^"]*)', text) == ["../index.html"]


def test_page_says_which_flow_was_measured() -> None:
    assert "localstack 4.14.0 · saga" in rendered(sample(20, flow="saga"))
    assert "<th>flow of the orders</th><td>unknown</td>" in rendered(sample(20))


def test_page_escapes_what_comes_from_outside() -> None:
    nasty = [Request(T0, T0, T0, "POST", "</script><b>", 0, 1.0, "<script>alert(1)</script>")]
    text = rendered(sample(0, requests=nasty))
    assert "<script>alert" not in text
    assert "</script><b>" not in text
    assert "</script><b>" in json.dumps(plots_of(text))


def test_page_has_a_plot_for_everything_that_has_figures() -> None:
    assert set(plots_of(rendered(sample()))) == {
        "latency", "distribution", "rates", "answers", "hops", "queues", "functions", "processors"
    }  # fmt: skip


def test_page_of_an_empty_run_has_no_plots_and_says_so() -> None:
    text = rendered(sample(0, **NOTHING))
    assert plots_of(text) == {}
    assert "Nothing came to an end." in text


def test_page_without_orders_shows_the_requests() -> None:
    plots = plots_of(rendered(sample(0, requests=sample(200).requests, **NOTHING)))
    assert set(plots) == {"latency", "distribution", "rates"}
    assert "GET /products" in {trace["name"] for trace in plots["latency"]["data"]}


def test_interrupted_run_shows_no_order_as_lost() -> None:
    assert "Lost orders" in rendered(sample(30))
    assert "Lost orders" not in rendered(sample(30, state="interrupted"))


def test_interrupted_run_shows_rules_without_a_value_as_not_judged() -> None:
    text = rendered(sample(0, state="interrupted", **NOTHING))
    table = text.split('id="objectives"')[1].split("</table>")[0]
    assert "not judged" in table
    assert "no value" not in table
    assert not [
        each.text for each in highlights(built(sample(0, state="interrupted", **NOTHING))) if "no value" in each.text
    ]


def test_slowest_orders_stay_when_dots_are_selected() -> None:
    result = sample(20_000, rate=100.0)
    slowest = max(ms for order in result.measured_orders if (ms := order.latency_ms) is not None)
    dots = [trace for trace in page.plots.all_of(result, built(result))["latency"].data if trace.mode == "markers"]
    assert max(trace.y.max() for trace in dots) == pytest.approx(slowest)
    assert sum(len(trace.y) for trace in dots) <= 6_000


def test_highlights_begin_with_the_gravest() -> None:
    weights = [each.weight for each in highlights(built(sample()))]
    assert weights == sorted(weights, key=["bad", "warn", "note"].index)
    assert weights[0] == "bad"


def test_highlights_name_what_failed() -> None:
    texts = " ".join(each.text for each in highlights(built(sample())))
    assert "3 orders accepted and never heard of again." in texts
    assert "POST /orders failed 4 times" in texts
    assert "2 messages became dead letters of payments." in texts


def test_page_shows_what_other_scenarios_tell() -> None:
    observed = sample(300)
    text = page.render(observed, built(observed) | extras())
    plots = plots_of(text)
    parts = {trace["name"] for trace in plots["hops"]["data"]}
    assert {"publishing", "queue", "function wait", "cold start", "running"} <= parts
    assert {trace["name"] for trace in plots["scaling"]["data"]} >= {"orders p99", "request p50", "completed"}
    for words in (
        "queue back after",
        "4.2 s",
        "10 MB an hour",
        "flash-1",
        "generator cpu",
        "11.5 %",
        "sent 300, clock offset unknown",
    ):
        assert words in text
    assert "make load SCENARIO=order RATE=20 DURATION=30" in text


def test_page_says_what_limited_the_load_and_shows_all_signs() -> None:
    observed = sample(
        functions_after={"orders": {"invocations": 100, "throttles": 25, "throttles_by": {"account": 25}}}
    )
    section = rendered(observed).split('id="limit"')[1].split("</section>")[0]
    assert "The stack</b>: the account&#39;s concurrency turned orders away 25 times, 20 % of its" in section
    assert "What to do next: orders: raise the account&#39;s concurrency" in section
    assert section.count("it counts") == 1
    assert "unknown" in section  # what no process told of itself
    assert "#limit" in rendered(observed).split("<h2>What to look at</h2>")[1].split("</section>")[0]


def test_waterfall_bars_follow_each_other_without_a_gap() -> None:
    bars = [
        (begin, begin + length)
        for trace in page.plots.hops.waterfall(extras()).data
        for begin, length in zip(trace.base, trace.x, strict=True)
    ]
    bars.sort()
    assert bars[0][0] == 0
    assert [end for _, end in bars[:-1]] == pytest.approx([begin for begin, _ in bars[1:]])


def test_steps_of_the_rate_are_marked_on_the_time_axes() -> None:
    steps = [{"from_s": 5.0 * n, "to_s": 5.0 * n + 5, "rate_per_s": 4.0 * (n + 1)} for n in range(5)]
    observed = sample(300)
    figures = built(observed)
    plots = plots_of(page.render(observed, figures | {"arrival": figures["arrival"] | {"steps": steps}}))
    assert [(shape["x0"], shape["x1"]) for shape in plots["rates"]["layout"]["shapes"]] == [(5, 10), (15, 20)]


def test_highlights_of_failed_rules_are_those_that_the_verdict_does_not_name() -> None:
    figures = built(sample(0, **NOTHING))
    rules = [{"rule": f"run.x{number} == 0", "value": 1.0, "ok": False} for number in range(5)]
    verdict = {"word": "failed", "sentence": "5 of 5 SLOs do not hold: run.x0 == 0 (it is 1), run.x1 == 0, …"}
    texts = [each.text for each in highlights(figures | {"slo": rules, "verdict": verdict})]
    assert texts == [f"run.x{number} == 0 does not hold: it is 1." for number in (2, 3, 4)]


def test_orders_are_not_accepted_and_nothing_else_is_said_of_them() -> None:
    text = rendered(sample(30))
    assert "Orders not accepted" in text
    assert "efused" not in text.split("<script")[0]


def test_page_of_reads_has_no_tiles_of_orders() -> None:
    reads = Plan("catalog", "http://127.0.0.1:4566", 20.0, None, 5.0, 2.0, 30.0, 1)
    observed = sample(0, plan=reads, requests=sample(100).requests, **NOTHING)
    tiles = rendered(observed).split('class="tiles"')[1].split("</div>\n\n")[0]
    assert "never sent" in tiles
    assert "accepted" not in tiles
    assert "duplicated" in rendered(sample(20)).split('class="tiles"')[1].split("</section>")[0]


def test_page_shows_what_the_run_would_cost_on_aws() -> None:
    function = {"requests": 40, "billed_ms": 4000, "cpu_ms": 800.0, "memory_mb": 256, "max_memory_used_mb": 90}
    counted = {"since": "x", "lambda": {"orders": function}, "cloudwatch": {"alarms": 3}, "ses": {"mails": 20}}
    text = rendered(sample(20, usage_before={"since": "x"}, usage_after=counted))
    section = text.split('id="cost"')[1].split("</section>")[0]
    for words in ("<b>$105.26</b>", "an order", "a million orders", "3 alarms", "cheapest 128: ", "now 256: 218 ms"):
        assert words in section
    assert "Not known: this stack does not count what AWS would bill." in rendered(sample(20))


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "$0.00"), (0.0123, "$0.0123"), (0.5, "$0.50"), (1234.567, "$1,234.57"), (-0.01, "$-0.0100"), (None, "-")],
)
def test_dollars_are_told_to_the_cent_and_small_ones_further(value: float | None, told: str) -> None:
    assert dollars(value) == told


def test_bounds_that_read_alike_are_one_figure() -> None:
    assert bounds([1.001, 1.002], dollars) == "$1.00"
    assert bounds([1, 2], dollars) == "$1.00 to $2.00"
    assert bounds(None, dollars) == "-"


def test_highlights_say_what_limited_the_load_however_many_functions_failed() -> None:
    figures = built(sample())
    failing = {f"f{number}": figures["functions"]["orders"] | {"errors": 3} for number in range(9)}
    limit = figures["saturation"] | {"limit": "sandbox", "reason": "the processors were 99 % taken"}
    texts = [each.text for each in highlights(figures | {"functions": failing, "saturation": limit})]
    assert "The sandbox limited the load: the processors were 99 % taken." in texts
