from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from loadtests.errors import SetupError, UsageError
from loadtests.matrix import cells, page, terminal
from loadtests.matrix.__main__ import command
from tests.loadtests.matrix_folder import matrix_folder, sample_summary

EN_DASH = "\N{EN DASH}"
LATENCIES = [(0, 100.0), (1, 150.0), (1, 160.0), (0, 104.0)] * 2


def of(folder: Path, **changes: Any) -> cells.Matrix:
    runs = [(cell, sample_summary(ms, cost_usd_per_million_orders=ms / 4)) for cell, ms in LATENCIES]
    return cells.read(matrix_folder(folder, runs, **changes))


def words(text: str) -> str:
    """What the page says, without its marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", text.split("<script")[0]).split())


def test_page_compares_the_cells_and_leads_to_their_reports(tmp_path: Path) -> None:
    text = page.render(of(tmp_path))
    assert "155 +52 %" in words(text)
    assert f"150 {EN_DASH} 160" in words(text)
    assert "once in 35 figures" in words(text)
    assert re.findall(r'href="([^"]+)"', text) == [
        f"runs/{number}-order/index.html" for number in (0, 3, 4, 7, 1, 2, 5, 6)
    ]
    assert all((tmp_path / link).parent.is_dir() for link in re.findall(r'href="([^"]+)"', text))
    assert re.findall(r"\bsrc=|@import|<link|url\(", text) == []


def test_page_tells_the_cost_by_service_where_it_was_counted(tmp_path: Path) -> None:
    def run(**usd: float) -> dict[str, Any]:
        services = {name: {"usd_per_million": each, "usd_per_month": 1.0} for name, each in usd.items()}
        return sample_summary(cost={"unit": "orders", "services": services})

    runs = [(0, run(SQS=2.0, Lambda=30.0)), (1, run(Lambda=31.0, States=25.0)), (0, run(SQS=3.0, Lambda=30.5))]
    matrix = cells.read(matrix_folder(tmp_path / "counted", runs))
    assert matrix.services == ["Lambda", "SQS", "States"]
    said = words(page.render(matrix))
    assert "Lambda 30.25 31.00 SQS 2.50 0.00 States 0.00 25.00" in said
    uncounted = [(cell, sample_summary(cost=None)) for cell in (0, 1)]
    assert "by service" not in page.render(cells.read(matrix_folder(tmp_path / "uncounted", uncounted)))


def test_page_has_a_plot_for_each_kind_of_figure(tmp_path: Path) -> None:
    text = page.render(of(tmp_path))
    plots = json.loads(text.split('id="figures">')[1].split("</script>")[0])
    assert set(plots) >= {"latency", "done_per_s", "cost_usd_per_million_orders"}
    latency = plots["latency"]["data"][0]
    assert (latency["x"], latency["y"]) == ([102.0, 155.0], ["choreography", "saga"])
    assert latency["error_x"]["array"] == [2.0, 5.0]
    assert set(re.findall(r'id="plot-(\w+)"', text)) == set(plots)


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"memory_mb": 512}, "is a limit and a price here"), ({"batch_size": 1}, "is that of every queue")],
    ids=["memory", "batch"],
)
def test_page_says_what_a_setting_can_change_here(settings: dict[str, int], said: str, tmp_path: Path) -> None:
    axis = [{key: value * factor for key, value in settings.items()} for factor in (1, 2)]
    assert said in words(page.render(of(tmp_path / "varied", settings=axis)))
    assert said not in words(page.render(of(tmp_path / "flows")))


def test_page_of_an_ended_matrix_says_so(tmp_path: Path) -> None:
    folder = matrix_folder(tmp_path, [(0, sample_summary())] * 3, state="interrupted")
    matrix = cells.read(folder)
    text = words(page.render(matrix))
    assert "the figures are of what was measured until then" in text
    assert "The last rounds were not run, so what the machine did" in text
    assert "With fewer than four rounds there is no telling what is chance" in text
    console = Console(width=80)
    with console.capture() as shown:
        terminal.show(console, matrix, folder)
    assert "ROUNDS=4" not in text.replace(matrix.told["repeat"], "") + shown.get()


@pytest.mark.parametrize(
    ("rounds", "said"), [(2, "Rounds go there and back"), (3, "The rounds were not an even number")]
)
def test_page_says_whether_rounds_make_up_for_the_machine(rounds: int, said: str, tmp_path: Path) -> None:
    runs = [(cell, sample_summary(ms)) for cell, ms in ((0, 100.0), (1, 150.0))]
    folder = matrix_folder(tmp_path, runs * rounds)
    matrix = cells.read(folder)
    text = page.render(matrix)
    assert said in words(text)
    assert '<span class="apart">' not in text
    console = Console(width=80)
    with console.capture() as shown:
        terminal.show(console, matrix, folder)
    assert "too few rounds to tell a difference from chance" in shown.get()


def test_page_escapes_what_comes_from_outside(tmp_path: Path) -> None:
    nasty = [{"flow": "<script>alert(1)</script>"}, {"flow": "saga"}]
    assert "<script>alert" not in page.render(of(tmp_path, settings=nasty))


@pytest.mark.parametrize(
    ("ratio", "told"), [(1.0, "0 %"), (1.0004, "0 %"), (1.52, "+52 %"), (0.966, "-3.4 %"), (2.5, "+150 %"), (None, "-")]
)
def test_change_is_told_in_percent(ratio: float | None, told: str) -> None:
    assert page.percent(ratio) == told


def test_terminal_has_a_row_for_each_cell(tmp_path: Path) -> None:
    console = Console(width=40)
    with console.capture() as said:
        terminal.show(console, of(tmp_path), tmp_path)
    lines = said.get().splitlines()
    assert re.match(r"choreography +102 +204", lines[1])
    assert re.match(r"saga +155 \+52 % +310 \+52 %", lines[2])
    assert lines[2].endswith("4 passed")
    assert lines[-1] == "repeat  make load-matrix FLOW=choreography,saga ROUNDS=2"


def test_command_writes_the_page_and_its_figures(tmp_path: Path) -> None:
    folder = matrix_folder(tmp_path / "20261121T101530Z-matrix", [(0, sample_summary()), (1, sample_summary())])
    done = CliRunner().invoke(command, [str(folder)], standalone_mode=False)
    assert (done.exception, done.return_value) == (None, 0)
    assert {path.name for path in folder.iterdir()} == {"cells.json", "runs", "matrix.json", "index.html"}
    assert json.loads((folder / "matrix.json").read_text())["cells"][1]["flow"] == "saga"
    assert 'href="20261121T101530Z-matrix/index.html"' in (tmp_path / "index.html").read_text()


def test_command_lists_a_matrix_only_where_reports_lie(tmp_path: Path) -> None:
    folder = matrix_folder(tmp_path / "renamed", [(0, sample_summary()), (1, sample_summary())])
    done = CliRunner().invoke(command, [str(folder)], standalone_mode=False)
    assert (done.exception, done.return_value) == (None, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["renamed"]


def test_page_that_cannot_be_written_leaves_no_part_of_it(tmp_path: Path) -> None:
    folder = matrix_folder(tmp_path / "matrix", [(0, sample_summary()), (1, sample_summary())])
    (folder / "matrix.json").mkdir()
    with pytest.raises(SetupError, match=r"^the page could not be written to"):
        CliRunner().invoke(command, [str(folder)], standalone_mode=False, catch_exceptions=False)
    assert {path.name for path in folder.iterdir()} == {"cells.json", "runs", "matrix.json"}


def test_verdicts_do_not_break_within_a_word(tmp_path: Path) -> None:
    text = page.render(of(tmp_path))
    assert '<td class="left verdicts"><a ' in text
    assert ".verdicts a { white-space: nowrap; }" in text


def test_command_refuses_another_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder of make load-matrix"):
        CliRunner().invoke(command, [str(tmp_path)], standalone_mode=False, catch_exceptions=False)
