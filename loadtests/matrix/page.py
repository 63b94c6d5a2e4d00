"""Renders the matrix's `index.html`, which opens offline and looks as a run's report does."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from markupsafe import Markup

from loadtests.matrix import figures, plots
from loadtests.matrix.cells import Matrix
from loadtests.report import templates
from loadtests.report.plots import library, to_script

_TITLES: Final = {"flow": "flow", "memory_mb": "memory, MB", "batch_size": "batch size"}


def render(matrix: Matrix) -> str:
    """Return the page. Everything from outside is escaped."""
    environment = templates.environment(Path(__file__).parent)
    environment.filters.update(percent=percent)
    drawn = plots.all_of(matrix)
    return environment.get_template("page.html.j2").render(
        told=matrix.told,
        cells=matrix.cells,
        settings=_settings(matrix),
        compared=matrix.figures,
        stages=matrix.stages,
        services=matrix.services,
        titles={figure.key: figure.words for figure in figures.FIGURES},
        runs=sum(len(cell.runs) for cell in matrix.cells),
        one_in=figures.chance_of_apart(matrix.rounds),
        requests=sorted({run.request for cell in matrix.cells for run in cell.whole if run.request}),
        plots=drawn.keys(),
        figures=Markup(to_script(drawn)),
        library=library(),
    )


def _settings(matrix: Matrix) -> dict[str, str]:
    """What differs between the cells, by its title."""
    varied = [key for key in _TITLES if len({cell.settings[key] for cell in matrix.cells}) > 1]
    return {key: _TITLES[key] for key in varied}


def percent(ratio: float | None) -> str:
    """`+12 %`, `-3.4 %`, or a dash for what cannot be told."""
    if ratio is None:
        return "-"
    change = (ratio - 1) * 100
    shown = f"{abs(change):.0f}" if abs(change) >= 10 else f"{abs(change):.1f}"
    return "0 %" if float(shown) == 0 else f"{'+' if change > 0 else '-'}{shown} %"
