"""The figures of orders: what is noted of an announcement, and the line that comes of it."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from common import metrics
from common.events import OrderAnnouncement, TimelineEntry
from orders.figures import MeasuredAnnouncer, figures
from tests.unit.functions.factories import Context, FakeAnnouncer

ACCEPTED = "2026-11-21T10:15:30.100Z"
LATER = "2026-11-21T10:15:30.350Z"


def announced(stage: str, status: str = "PENDING", at: str = LATER) -> OrderAnnouncement:
    return OrderAnnouncement(
        order_id="o-1",
        customer_id="c-1",
        customer_email="demo@example.com",
        correlation_id="corr-1",
        stage=stage,
        status=status,
        reason=None,
        at=at,
        total_cents=1999,
        timeline=(TimelineEntry(stage="accepted", at=ACCEPTED), TimelineEntry(stage=stage, at=at)),
    )


@pytest.mark.parametrize(
    ("announcement", "expected"),
    [
        (announced("accepted"), {"OrdersAccepted": 1}),
        (announced("stock-reserved"), {"TimeToStockReserved": 250}),
        (announced("payment-captured"), {"TimeToPaymentCaptured": 250}),
        (announced("confirmed", "CONFIRMED"), {"OrdersConfirmed": 1, "Revenue": 1999, "TimeToConfirmed": 250}),
        (announced("rejected", "REJECTED"), {"OrdersRejected": 1, "TimeToRejected": 250}),
        (announced("cancelled", "CANCELLED"), {"OrdersCancelled": 1}),
        (announced("notified", "CONFIRMED"), {"TimeToNotified": 250}),
        (announced("notified", "CANCELLED"), {}),
        (announced("confirmed", "CANCELLED"), {"OrdersConfirmed": 1, "Revenue": 1999}),
        (announced("stock-reserved", at="2026-11-21T10:15:30.099Z"), {"TimeToStockReserved": 0}),
        (announced("something-new"), {}),
    ],
    ids=lambda given: f"{given.stage}-{given.status}" if isinstance(given, OrderAnnouncement) else "",
)
def test_figures_of_an_announcement(announcement: OrderAnnouncement, expected: dict[str, int]) -> None:
    assert {name: value for name, (_, value) in figures(announcement)} == expected


def test_nothing_is_noted_of_what_is_not_announced(announcer: FakeAnnouncer) -> None:
    noted: list[Any] = []
    measured = MeasuredAnnouncer(announcer, noted.append)
    announcer.failures = 1
    with pytest.raises(ConnectionError):
        measured.announce([announced("accepted")])
    assert noted == []
    measured.announce([announced("accepted")])
    assert noted == [{"OrdersAccepted": (MetricUnit.Count, 1)}]


@pytest.mark.parametrize("fails", [False, True])
def test_one_line_an_invocation_in_the_embedded_metric_format(fails: bool, capsys: pytest.CaptureFixture[str]) -> None:
    @metrics.writes_metrics
    def handler(event: dict[str, Any], context: object) -> str:
        for value in (1, 2):
            metrics.add({"TimeToConfirmed": (MetricUnit.Milliseconds, value)})
        if fails:
            raise ConnectionError
        return "done"

    if fails:
        with pytest.raises(ConnectionError):
            handler({}, Context())
    else:
        assert handler({}, Context()) == "done"
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    (directive,) = told["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Shop", [["service"]])
    assert directive["Metrics"] == [{"Name": "TimeToConfirmed", "Unit": "Milliseconds"}]
    assert told["TimeToConfirmed"] == [1, 2]


def test_no_line_where_nothing_was_noted(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.writes_metrics(lambda event, context: None)({}, Context())
    assert capsys.readouterr().out == ""
