"""Which lines of a function's go to the log, without LocalStack."""

from loadstack_engine.invocation_log import JsonFormat


def test_line_of_boundless_depth_has_the_usual_level():
    line = '{"level":' * 200_000

    assert JsonFormat("INFO", "INFO").keeps(line)
    assert not JsonFormat("INFO", "ERROR").keeps(line)
