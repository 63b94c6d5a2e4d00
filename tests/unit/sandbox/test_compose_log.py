"""The point of what Docker and compose say."""

from sandbox import compose_log

CLASSIC = [
    "Step 2/2 : RUN exit 7",
    "Removing intermediate container 051726e87bc2",
    "The command '/bin/sh -c exit 7' returned a non-zero code: 7",
    "Service 'localstack' failed to build : Build failed",
]


def test_reason_of_a_failed_build_is_the_command_that_failed() -> None:
    assert compose_log.reason(CLASSIC) == "The command '/bin/sh -c exit 7' returned a non-zero code: 7"


def test_reason_is_the_last_error() -> None:
    assert compose_log.reason(["ERROR: port is taken.", "Removing network"]) == "ERROR: port is taken"


def test_reason_without_an_error_is_the_last_line() -> None:
    assert compose_log.reason(["Building", "Gone"]) == "Gone"
    assert compose_log.reason([CLASSIC[-1]]) == CLASSIC[-1]
    assert compose_log.reason([]) == "it said nothing"
