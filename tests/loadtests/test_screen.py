from __future__ import annotations

import io
import os

from rich.console import Console

from loadtests.screen import EVERY_S, Log, Output, screen


def test_log_shows_how_it_stands_now_and_then_and_says_the_rest_at_once() -> None:
    out, at = io.StringIO(), [0.0]
    log = Log(Console(file=out), lambda: at[0])
    for second in range(int(2 * EVERY_S) + 1):
        at[0] = float(second)
        log.show(f"after {second} s")
    log.say("waiting")
    assert out.getvalue() == "after 10 s\nafter 20 s\nwaiting\n"


def test_output_that_is_no_terminal_gets_plain_lines() -> None:
    out = io.StringIO()
    with screen(Console(file=out)) as words:
        words.say("[begin]")
        words.show("too early")
    assert out.getvalue() == "[begin]\n"


def test_terminal_rewrites_its_line_and_leaves_none() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=60)
    with screen(console) as words:
        words.show("5.0/s")
        words.say("waiting")
        words.show("6.0/s")
    erase = "\x1b[2K"
    shown, _, after = out.getvalue().rpartition("6.0/s")
    assert shown.index("5.0/s") < shown.index("waiting")
    assert erase in after
    assert "\n5.0/s\n" not in out.getvalue()


def test_reader_that_has_gone_does_not_end_the_run() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as file, screen(Output(file=file)) as words:
        words.say("nobody hears this")
        words.say("nor this")
        file.write("nor what is left when the file is closed")
