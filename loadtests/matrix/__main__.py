"""`python -m loadtests.matrix FOLDER`: draws the page of a matrix's folder, and prints the comparison."""

from __future__ import annotations

from loadtests.early_signals import ends_at_once

with ends_at_once():
    import json
    from pathlib import Path

    import click

    from loadtests import entry, exit_codes, history
    from loadtests.errors import SetupError
    from loadtests.history import reading
    from loadtests.matrix import cells, page, terminal
    from loadtests.matrix.cells import Matrix
    from loadtests.screen import Output


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Draw the page of what `make load-matrix` measured, from its folder."""
    matrix = cells.read(folder)
    try:
        write(matrix, folder)
    except OSError as error:
        raise SetupError(f"the page could not be written to {folder}: {error}") from error
    console = Output()
    terminal.show(console, matrix, folder)
    if reading.is_matrix(folder.absolute()):
        history.rewrite(folder.absolute().parent, lambda line: console.print(line, soft_wrap=True, highlight=False))
    return exit_codes.OK


def write(matrix: Matrix, folder: Path) -> None:
    """Write `matrix.json` and `index.html`, each whole or not at all."""
    text = json.dumps(matrix.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    for name, content in (("matrix.json", text + "\n"), ("index.html", page.render(matrix))):
        part = folder / f".{name}.part"
        try:
            part.write_text(content, encoding="utf-8")
            part.replace(folder / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


if __name__ == "__main__":
    entry.run(command, "Interrupted: no page was drawn.")
