from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests import summary
from loadtests.cost import prices
from loadtests.cost.bill import Bill, bill, total
from loadtests.cost.usage import growth, quantities
from loadtests.figures import cost
from loadtests.plan import Plan
from loadtests.result import Result
from tests.loadtests.sample_run import USED, sample
from tests.loadtests.test_summary import book_of
from tests.loadtests.test_summary import result as measured

PRICES = prices.load()
SINCE = "2026-11-22T08:00:00.000Z"
NOTHING: dict[str, Any] = {"since": SINCE}


def billed(usage: dict[str, Any], count: int = 10) -> Bill:
    return bill(usage, PRICES, count)


def run(usage: dict[str, Any], orders: int = 30, **changes: Any) -> Result:
    return sample(orders, **{"usage_before": NOTHING, "usage_after": NOTHING | usage, **changes})


def test_prices_are_whole_and_say_where_they_stand() -> None:
    assert PRICES.region == "us-east-1"
    assert set(quantities({})) <= set(PRICES.prices)
    assert all(price.usd > 0 for price in PRICES.prices.values())
    for source in PRICES.sources.values():
        assert source.page.startswith("https://aws.amazon.com/")
        assert date.fromisoformat(source.taken)
        assert source.copy.startswith("https://")


def test_growth_subtracts_what_is_counted_and_keeps_what_is() -> None:
    before = NOTHING | {"lambda": {"orders": {"requests": 3, "billed_ms": 30, "memory_mb": 256}}}
    after = NOTHING | {
        "lambda": {"orders": {"requests": 5, "billed_ms": 51, "memory_mb": 512}, "cart": {"requests": 1}},
        "dynamodb": {"orders": {"read_units": 2.5}},
        "cloudwatch": {"alarms": 9},
    }
    assert growth(before, after) == NOTHING | {
        "lambda": {"orders": {"requests": 2, "billed_ms": 21, "memory_mb": 512}, "cart": {"requests": 1}},
        "dynamodb": {"orders": {"read_units": 2.5}},
        "cloudwatch": {"alarms": 9},
    }


def test_function_that_is_called_as_a_figure_is_still_counted() -> None:
    before = NOTHING | {"lambda": {"alarms": {"requests": 3}}}
    grown = growth(before, NOTHING | {"lambda": {"alarms": {"requests": 5}}})
    assert grown == NOTHING | {"lambda": {"alarms": {"requests": 2}}}


def test_growth_over_a_reset_is_unknown() -> None:
    assert growth(NOTHING, {"since": "later", "ses": {"mails": 3}}) is None


def test_queues_of_the_harness_and_calls_of_others_are_in_no_bill() -> None:
    calls = {"functions": {"SendMessage": 5}, "others": {"SendMessage": 7}}
    queues = {"payments": calls, "loadtests-me-1-0a": calls}
    assert quantities({"sqs": queues})["sqs.requests"] == 5


def test_empty_receives_are_a_standing_cost_and_no_orders() -> None:
    """657,000 long polls a month, five at a time of 20 s each: 0.2628 dollars."""
    found = billed({"sqs": {"payments": {"poller": {"ReceiveMessage": 3, "EmptyReceives": 12.5}}}})
    assert [line.quantity for line in found.lines] == [3]
    assert total(found.standing) == Decimal("0.2628")


def test_queue_that_was_polled_before_the_run_alone_costs_nothing() -> None:
    """The engine keeps what a mapping that was deleted, or switched off, had polled."""
    before = NOTHING | {"sqs": {"old": {"poller": {"EmptyReceives": 7.5}}, "payments": {"poller": {}}}}
    after = NOTHING | {
        "sqs": {"old": {"poller": {"EmptyReceives": 7.5}}, "payments": {"poller": {"EmptyReceives": 2.5}}}
    }
    grown = growth(before, after)
    assert grown is not None
    assert [line.quantity for line in billed(grown).standing] == [657_000]


def test_requests_of_queues_are_those_in_the_accounts_name() -> None:
    queue = {
        "functions": {"SendMessage": 1},
        "poller": {"ReceiveMessage": 2, "DeleteMessageBatch": 4},
        "integration": {"apigateway": 8, "scheduler": 16, "sns": 32, "events": 64},
    }
    found = quantities({"sqs": {"payments": queue, "late.fifo": {"functions": {"SendMessage": 3}}}})
    assert found["sqs.requests"] == 31
    assert found["sqs.deliveries"] == 96
    assert found["sqs.fifo_requests"] == 3


def test_topics_are_billed_for_what_is_published_and_delivered_out_of_aws() -> None:
    topic = {
        "publishes": 3,
        "integration": {"scheduler": 1},
        "deliveries": {"sqs": 9, "lambda": 9, "https": 2, "email": 5},
    }
    found = quantities({"sns": {"order-events": topic}})
    assert [found[f"sns.{item}"] for item in ("publishes", "http_deliveries", "email_deliveries")] == [4, 2, 5]


def test_fifo_topics_have_a_price_of_their_own() -> None:
    found = quantities({"sns": {"late.fifo": {"publishes": 3, "integration": {"events": 1}}}})
    assert (found["sns.publishes"], found["sns.fifo_publishes"]) == (0, 4)


def test_invocations_are_billed_at_the_memory_that_they_had() -> None:
    """A second at 1,024 MB, then one at 512."""
    function = {"requests": 2, "billed_ms": 2000, "memory_mb": 512, "gb_seconds": 1.5}
    assert quantities({"lambda": {"orders": function}})["lambda.gb_seconds"] == Decimal("1.5")


def test_standing_costs_are_apart() -> None:
    there = {"cloudwatch": {"alarms": 20, "dashboards": 1, "custom_metrics": 10}, "secretsmanager": {"secrets": 2}}
    told = cost.told(run({**there, "ses": {"mails": 29}}))
    assert told is not None
    assert told["standing_usd_per_month"] == 20 * 0.10 + 3.00 + 10 * 0.30 + 2 * 0.40
    assert told["usd_per_million"] == 100.0  # 29 mails for 29 accepted orders


BY_HAND = {
    # Of ten orders, so a hundred thousand times what they cost; a month has 730 hours of two a second.
    "REST API requests": (30, 10.5, 55.188),  # 20 to browse, 10 to order: 30 * 3.50 / 10
    "requests (Lambda)": (107, 2.14, 11.2478),  # 3 + 1 + 20 + 10 + 40 + 10 + 20 + 3; * 0.20 / 10
    "GB-seconds (x86)": (12.0912, 20.1521, 105.9196),  # 48,365 ms at 256 MB; * 0.0000166667 * 100,000
    "read request units": (170, 2.125, 11.169),  # 11 + 34 + 15 + 110; * 0.125 / 10
    # 20 + 40 + 39 + 20 + 20 + 88 + 30 + 20 + 20 + 52 + 38; * 0.625 / 10
    "write request units": (387, 24.1875, 127.1295),
    "custom events": (40, 4.0, 21.024),  # 40 * 1.00 / 10
    "MB archived": (0.0485764, 0.4744, 2.4933),  # 50,936 bytes / 2**30 * 0.10 * 100,000
    "MB ingested": (0.146091, 7.1333, 37.4928),  # 153,187 bytes / 2**30 * 0.50 * 100,000
    "mails": (10, 100.0, 525.6),  # 10 * 0.10 * 100
    "API calls": (5, 2.5, 13.14),  # 5 * 0.05 * 10
    "requests (SQS)": (140, 5.6, 29.4336),  # 2 * (20 + 10 + 30 + 10); * 0.40 / 10
    # 20 + 10 + 30 + 10; * 0.40 / 10
    "messages that SNS and EventBridge put into queues, at most": (70, 2.8, 14.7168),
    "publishes": (40, 2.0, 10.512),  # 40 * 0.50 / 10
}


def told_of_ten_orders() -> dict[str, Any]:
    ten = list(book_of(10, warmup=0))
    told = cost.told(measured(orders=ten, usage_before={"since": USED["since"]}, usage_after=USED))
    assert told is not None
    return told


def test_bill_of_ten_orders_is_the_one_by_hand() -> None:
    told = told_of_ten_orders()
    lines = {
        f"{line['what']} ({line['service']})" if line["what"] == "requests" else line["what"]: (
            line["quantity"],
            line["usd_per_million"],
            line["usd_per_month"],
        )
        for line in told["lines"]
    }
    assert lines == BY_HAND
    assert {name: service["usd_per_million"] for name, service in told["services"].items()} == {
        "SES": 100.0,
        "DynamoDB": 26.3125,  # 2.125 + 24.1875
        "Lambda": 22.2921,  # 2.14 + 20.1521
        "API Gateway": 10.5,
        "SQS": 8.4,  # 5.6 + 2.8
        "CloudWatch Logs": 7.1333,
        "EventBridge": 4.4744,  # 4.0 + 0.4744
        "Secrets Manager": 2.5,
        "SNS": 2.0,
    }
    assert (told["count"], told["rate_per_s"]) == (10, 2.0)
    # The sums are of the exact figures: 183.61233..., * 5.256 a month; 31 alarms, 1 dashboard, 7 metrics, 1 secret, and
    # 6 queues that are polled 657,000 times.
    assert told["usd_per_million"] == 183.6123
    assert told["usd_per_month"] == 965.0664
    assert told["standing_usd_per_month"] == 10.1768


def test_advice_for_ten_orders_is_the_one_by_hand() -> None:
    """`orders`: 19,262 ms of 40 invocations, of which 545.338 computing but for inits, at 256 MB, 52 MB used."""
    found = told_of_ten_orders()["functions"]["orders"]
    assert (found["mean_ms"], found["computing_ms"]) == (481.55, 13.6334)
    # 19.262 s at a quarter of a GB, and 40 requests: (4.8155 * 0.0000166667 + 0.000008) * 100,000
    assert found["usd_per_million"] == 8.8258
    small = found["sizes"][0]
    # 467.91655 ms of waiting and 13.63345 * 1769 / 128 of computing: 656.3351; 4 an order, an eighth of a GB
    assert (small["memory_mb"], small["mean_ms"], small["usd_per_million"]) == (128, [656.3, 656.3], [6.2695, 6.2695])
    assert found["cheapest_mb"] == 128


@pytest.mark.parametrize(
    "changes",
    [
        {"usage_before": None},
        {"usage_after": None},
        {"state": "interrupted"},
        {"state": "died"},
        {"usage_after": {"since": "after a reset"}},
    ],
)
def test_cost_is_unknown(changes: dict[str, Any]) -> None:
    result = run({"ses": {"mails": 29}}, **changes)
    assert cost.told(result) is None
    assert summary.build(result, [])["cost_usd_per_million_orders"] is None


def test_cost_of_a_run_without_orders_is_unknown() -> None:
    assert cost.told(run({"ses": {"mails": 29}}, orders=0)) is None


def test_month_goes_on_at_the_rate_of_the_window() -> None:
    """20 accepted in 5 s: 4 a second, 10,512,000 in 730 hours; each a mail and ten thousandths of a dollar."""
    result = run({"ses": {"mails": 20}}, orders=20, rate=4.0)
    accepted = len([order for order in result.orders if order.accepted])
    told = cost.told(result)
    assert told is not None
    assert told["count"] == accepted == 19
    assert told["rate_per_s"] == 3.8
    assert told["usd_per_month"] == pytest.approx(20 * 0.0001 / 19 * 3.8 * 730 * 3600, abs=1e-4)


def test_scenario_without_orders_is_billed_for_requests() -> None:
    reads = Plan("catalog", "http://127.0.0.1:4566", 20.0, None, 5.0, 2.0, 30.0, 1)
    result = run({"api_gateway": {"shop/dev": {"requests": 60}}}, orders=0, plan=reads, requests=sample(20).requests)
    built = summary.build(result, [])
    assert built["cost_usd_per_million_orders"] is None
    assert (built["cost"]["unit"], built["cost"]["count"], built["cost"]["usd_per_million"]) == ("reads", 60, 3.5)


def test_summary_has_the_figure_of_the_contract() -> None:
    built = summary.build(run({"ses": {"mails": 58}}), [])
    assert built["cost_usd_per_million_orders"] == built["cost"]["usd_per_million"] == 200.0


@given(
    st.dictionaries(st.sampled_from(sorted(quantities({}))), st.integers(1, 10**9), min_size=1),
    st.integers(1, 10**6),
    st.integers(2, 1000),
)
def test_bill_of_many_times_as_much_is_the_same_for_a_million(amounts: dict[str, int], count: int, times: int) -> None:
    one, many = billed(usage_of(amounts), count), billed(usage_of(amounts, times), count * times)
    assert round(one.usd_per_million(one.usd) - many.usd_per_million(many.usd), 12) == 0
    assert round(sum(one.by_service().values()) - one.usd, 15) == 0
    assert list(one.by_service().values()) == sorted(one.by_service().values(), reverse=True)


def usage_of(amounts: dict[str, int], times: int = 1) -> dict[str, Any]:
    """An answer of the engine with these amounts in it."""
    usage: dict[str, Any] = copy.deepcopy(NOTHING)
    for key, amount in amounts.items():
        service, item = key.split(".")
        place = usage
        *way, leaf = _PLACES.get(key, (service, "a", item))
        for name in way:
            place = place.setdefault(name, {})
        place[leaf] = amount * times
    if "lambda.gb_seconds" in amounts:
        usage["lambda"]["a"] |= {"memory_mb": 1024}
    return usage


_PLACES = {
    "scheduler.invocations": ("scheduler", "invocations"),
    "ses.mails": ("ses", "mails"),
    "secretsmanager.calls": ("secretsmanager", "calls"),
    "lambda.gb_seconds": ("lambda", "a", "billed_ms"),
    "sqs.requests": ("sqs", "a", "functions", "SendMessage"),
    "sqs.fifo_requests": ("sqs", "a.fifo", "functions", "SendMessage"),
    "sqs.deliveries": ("sqs", "a", "integration", "sns"),
    "sns.fifo_publishes": ("sns", "a.fifo", "publishes"),
    "sns.http_deliveries": ("sns", "a", "deliveries", "https"),
    "sns.email_deliveries": ("sns", "a", "deliveries", "email"),
}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"usage_before": None}, "this stack does not count what AWS would bill"),
        ({"usage_after": None}, "the stack was not asked, or did not answer, when all was done"),
        ({"usage_after": NOTHING | {"since": "later"}}, "the counters began anew in the run"),
        ({"state": "interrupted"}, "the run was ended before its orders were done"),
        ({"orders": 0}, "no order was accepted"),
        ({}, None),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_cost_is_told_or_why_it_is_not(changes: dict[str, Any], why: str | None) -> None:
    built = summary.build(run({"ses": {"mails": 3}}, **changes), [])
    assert built["cost_unknown"] == why
    assert (built["cost"] is None) == (why is not None)


def ended(count: int) -> dict[str, Any]:
    """What is counted of so many orders that came to an end, whoever placed them."""
    return {"ses": {"mails": count}, "sqs": {"notifications": {"integration": {"sns": count, "events": 5}}}}


@pytest.mark.parametrize(
    ("orders", "count", "others"),
    [(30, 30, None), (30, 31, "1 order"), (30, 37, "7 orders"), (600, 613, None), (600, 614, "13 orders")],
)
def test_cost_is_unknown_where_others_orders_are_in_it(orders: int, count: int, others: str | None) -> None:
    """One of the 600 became two orders, which both came to an end."""
    said = f"the shop had {others} beside this run's to work on, and what was counted is the work of all"
    assert cost.unknown(run(ended(count), orders)) == (said if others else None)


def test_cost_of_reads_is_unknown_beside_any_order() -> None:
    reads = Plan("catalog", "http://127.0.0.1:1", rate=2, users=None, duration_s=5, warmup_s=1, drain_s=30, workers=1)
    told = [
        cost.told(measured(plan=reads, orders=[], usage_before=NOTHING, usage_after=NOTHING | ended(count)))
        for count in (0, 1)
    ]
    assert [each is None for each in told] == [False, True]


def test_own_orders_with_two_ends_are_no_others() -> None:
    """Ten are confirmed, but for one that nobody heard the end of; each is cancelled as well."""
    ten = book_of(10, warmup=0)
    for number in range(10):
        at = "2026-11-21T10:15:40.000Z"
        ten.hear({"orderId": f"o-{number}", "correlationId": f"lt-{number}", "stage": "cancelled", "at": at})
    used = {"usage_before": NOTHING, "usage_after": NOTHING | ended(19)}
    assert cost.unknown(measured(orders=list(ten), **used)) is None
