"""The journey of an order out of log lines, without AWS."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sandbox import cli
from sandbox.errors import EXIT_USAGE, UsageError
from sandbox.target import Target
from sandbox.trace import command, screen
from sandbox.trace.journey import Hop, Journey, journey
from sandbox.trace.lines import Invocation, Line, invocation

T = 1_795_320_767_000
NOWHERE = Target("http://127.0.0.1:1", None)


def line(function: str, request_id: str, at: int, message: str = "record done", **content: Any) -> Line:
    """A line that a function wrote about order o-1, `at` milliseconds after T."""
    told = {"function_request_id": request_id, "correlation_id": "c-1", "order_id": "o-1", "message": message}
    return Line(function, T + at, {**told, **content})


def leg(published: int, queued: int, received: int, started: int, taken: int, **more: Any) -> dict[str, Any]:
    names = ("publishedAt", "queuedAt", "receivedAt", "startedAt", "takenAt")
    times = (published, queued, received, started, taken)
    return dict(zip(names, (T + at for at in times), strict=True)) | {"attempt": 1} | more


def only_hop(*lines: Line, **invocations: Invocation) -> Hop:
    known = {(each.function, each.request_id): invocations.get("invocation", Invocation()) for each in lines}
    ((_, hop),) = journey("o-1", lines, known).hops
    return hop


def text_of(found: Journey, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width)
    for each in (screen.heading(found), screen.table(found, console), screen.ending(found)):
        console.print(each)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_delivery_is_split_into_its_parts() -> None:
    hop = only_hop(
        line("inventory", "r-2", 180, "order placed", state="RESERVED", event_type="OrderPlaced", message_id="m-1"),
        line("inventory", "r-2", 190, leg=leg(100, 103, 110, 150, 160, cause="r-1"), message_id="m-1"),
        invocation=Invocation(T + 151, T + 200, init_ms=30),
    )
    assert hop.parts == {"publish": 3, "queue": 7, "wait": 10, "cold": 30, "batch": 10, "run": 30}
    assert (hop.event, hop.says, hop.cause) == ("OrderPlaced", ("order placed: RESERVED",), "r-1")
    assert (hop.begins_at, hop.ends_at, hop.failure) == (T + 100, T + 190, None)


def test_request_ends_with_its_invocation() -> None:
    request = {"receivedAt": T, "startedAt": T + 9, "takenAt": T + 9}
    hop = only_hop(
        line("orders", "r-1", 60, "order accepted", leg=request), invocation=Invocation(T + 9, T + 99, init_ms=0)
    )
    assert (hop.event, hop.parts, hop.ends_at) == ("request", {"wait": 9, "run": 90}, T + 99)


def test_invocation_without_a_leg_is_told_by_lambda() -> None:
    hop = only_hop(line("payments", "r-1", 60, "payment", state="CHARGED"), invocation=Invocation(T + 9, T + 99, 5))
    assert (hop.parts, hop.begins_at, hop.says) == ({"cold": 5, "run": 90}, T + 4, ("payment: CHARGED",))


def test_delivery_that_failed_is_told_with_its_reason_and_its_successor_as_redelivery() -> None:
    failed = line(
        "payments",
        "r-2",
        60,
        "the record failed and will come again",
        leg=leg(0, 1, 2, 3, 3, cause="r-1"),
        message_id="m-1",
        exception="Traceback\nConnectionError: the provider is away",
        exception_name="ConnectionError",
    )
    again = line("payments", "r-3", 30_100, leg=leg(0, 1, 2, 30_050, 30_050, cause="r-1", attempt=2), message_id="m-1")
    found = journey("o-1", [failed, again], {})
    (_, first), (_, second) = found.hops
    assert first.failure == "ConnectionError: the provider is away"
    assert second.parts == {"publish": 1, "queue": 1, "redelivery": 30_048, "run": 50}
    text = text_of(found)
    assert "the provider is away" in text
    assert "delivery 2" in text


def test_hops_stand_below_what_caused_them() -> None:
    lines = [
        line("orders", "r-1", 60, "order accepted", leg={"receivedAt": T, "startedAt": T + 9, "takenAt": T + 9}),
        line("payments", "r-3", 150, leg=leg(100, 101, 102, 103, 104, cause="r-2"), message_id="m-2"),
        line("inventory", "r-2", 90, leg=leg(70, 71, 72, 73, 74, cause="r-1"), message_id="m-1"),
        line("notifications", "r-4", 200, "mail is out", leg=leg(160, 161, 162, 163, 164, cause="gone")),
    ]
    found = journey("o-1", lines, {})
    assert [(depth, hop.function) for depth, hop in found.hops] == [
        (0, "orders"),
        (1, "inventory"),
        (2, "payments"),
        (0, "notifications"),
    ]
    assert (found.begins_at, found.mailed_at, found.correlation_ids) == (T, (T + 200,), ("c-1",))
    assert "200 ms in all, 4 hops; the mail was out after 200 ms" in text_of(found)


def test_narrow_terminal_breaks_no_word() -> None:
    found = journey(
        "o-1",
        [
            line("notifications", "r-2", 180, "order placed", event_type="OrderPlaced", message_id="m-1"),
            line("notifications", "r-2", 190, leg=leg(100, 103, 110, 150, 160, cause="r-1"), message_id="m-1"),
        ],
        {("notifications", "r-2"): Invocation(T + 151, T + 200, init_ms=30)},
    )
    wide, narrow = text_of(found), text_of(found, width=60)
    assert "publish  queue  wait  cold  batch  run  log" in wide
    assert "event, what its time went to, log" in narrow
    for told in ("notifications", "OrderPlaced", "publish 3, queue 7, wait 10,", "order placed"):
        assert told in narrow


def test_replayed_event_is_told_as_one() -> None:
    hop = only_hop(line("payments", "r-1", 60, event_type="StockReserved", message_id="m-1", replay="replay-1"))
    assert hop.event == "StockReserved (replayed)"


def test_what_came_again_or_was_replayed_stands_where_it_came() -> None:
    first = line("payments", "r-2", 300, leg=leg(188, 189, 190, 200, 200), message_id="m-1")
    replayed = leg(188, 40_188, 40_190, 40_200, 40_200)
    again = leg(188, 189, 190, 60_673, 60_673, attempt=2)
    lines = [
        line("orders", "r-1", 60, "order accepted", leg={"receivedAt": T, "startedAt": T + 9, "takenAt": T + 9}),
        first,
        line("payments", "r-4", 60_700, leg=again, message_id="m-1"),
        line("payments", "r-3", 40_300, leg=replayed, message_id="m-2", replay="replay-1"),
    ]
    hops = [hop for _, hop in journey("o-1", lines, {}).hops]
    assert [(hop.request_id, hop.came_at - T) for hop in hops] == [
        ("r-1", 0),
        ("r-2", 188),
        ("r-3", 40_188),
        ("r-4", 60_673),
    ]
    assert hops[2].parts["replay"] == 40_000
    assert "40,188" in text_of(journey("o-1", lines, {}))


def test_each_mail_is_told() -> None:
    lines = [line("notifications", f"r-{at}", at, "mail is out") for at in (0, 193, 41_000)]
    assert "3 mails were out after 0 ms and 193 ms and 41,000 ms" in text_of(journey("o-1", lines, {}))


def test_journey_without_a_mail_says_so() -> None:
    assert "no mail is told of" in text_of(journey("o-1", [line("orders", "r-1", 0, "order accepted")], {}))


def test_text_of_the_log_is_no_markup() -> None:
    assert "[bold]no[/]" in text_of(journey("o-1", [line("orders", "r-1", 0, "[bold]no[/]")], {}))


_STAMP = st.integers(0, 10_000)


@given(
    legs=st.lists(
        st.tuples(_STAMP, _STAMP, _STAMP, _STAMP, _STAMP, st.integers(0, 6), st.integers(1, 3), _STAMP),
        min_size=1,
        max_size=6,
    ),
    init_ms=st.integers(0, 900),
)
def test_parts_add_up_and_every_delivery_is_there_once(legs: list[tuple[int, ...]], init_ms: int) -> None:
    """Whatever the clocks say, and whatever is named as the cause."""
    lines = [
        line("f", f"r-{index}", at, leg=leg(*stamps, cause=f"r-{cause}", attempt=attempt), message_id=f"m-{index}")
        for index, (*stamps, cause, attempt, at) in enumerate(legs)
    ]
    known = {("f", each.request_id): Invocation(None, None, init_ms) for each in lines}
    found = journey("o-1", lines, known)
    assert sorted(hop.request_id for _, hop in found.hops) == sorted(each.request_id for each in lines)
    for _, hop in found.hops:
        assert all(took > 0 for took in hop.parts.values())
        assert sum(hop.parts.values()) == hop.ends_at - hop.begins_at


def test_invocation_is_read_from_lambda_s_own_lines() -> None:
    told = [
        (T + 1, "START RequestId: r-1 Version: $LATEST\n"),
        (T + 2, '{"message": "REPORT RequestId: r-1", "order_id": "o-1"}'),
        (T + 3, "START RequestId: r-2 Version: $LATEST"),
        (T + 8, "END RequestId: r-1"),
        (T + 9, "REPORT RequestId: r-1\tDuration: 8.00 ms\tBilled Duration: 380 ms\tInit Duration: 370.94 ms\t"),
    ]
    events = [{"timestamp": at, "message": text} for at, text in told]
    assert invocation("r-1", events) == Invocation(T + 1, T + 9, 370.94)


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("2026-11-22T04:12:49.224Z r-1 Task timed out after 5.01 seconds\n", "Task timed out after 5.01 seconds"),
        (
            "RequestId: r-1 Error: Runtime exited with error: signal: killed",
            "Error: Runtime exited with error: signal: ",
        ),
    ],
)
def test_end_by_lambda_is_the_invocation_s_failure(text: str, failure: str) -> None:
    found = invocation("r-1", [{"timestamp": T, "message": text}])
    assert (found.failure or "").startswith(failure)


def test_order_must_be_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["sandbox", "trace"])
    monkeypatch.delenv("ORDER", raising=False)
    assert cli.main() == EXIT_USAGE
    assert capsys.readouterr().err == "error: ORDER is missing: make trace ORDER=<id>, as make order prints it\n"


@pytest.mark.parametrize("order_id", ["", "a b", "o/1", "x" * 65, '"', "ü"])
def test_what_is_no_order_id_is_refused_before_anything_is_asked(order_id: str) -> None:
    with pytest.raises(UsageError, match="no order's id"):
        command.run(NOWHERE, order_id, Console(quiet=True))
