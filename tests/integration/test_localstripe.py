"""The order path with localstripe in Stripe's place: another's reading of Stripe's API than ours.

It knows no idempotency keys, so what goes wrong on the way is tried with a fake of ours (test_gateway).
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from rich.console import Console

from sandbox.gateways import Wish
from sandbox.paths import DEVELOPMENT
from sandbox.up import bring_up
from tests.conftest import free_port
from tests.integration.bus import logged
from tests.integration.fake_stripe import WEBHOOK_SECRET
from tests.waiting import until

KEY = "sk_test_12345"


@pytest.fixture(scope="module")
def localstripe(stack, by_our_deployers) -> Iterator[str]:
    """Its address; the shop pays there meanwhile, and hears of it."""
    base = f"http://127.0.0.1:{(port := free_port())}"
    program = Path(__file__).with_name("localstripe_server.py")
    with subprocess.Popen([DEVELOPMENT.tools / "python", program, str(port)]) as process:
        try:
            until(lambda: _answers(base) or process.poll() is not None)
            assert process.poll() is None
            webhook = {"url": f"{stack.api_url}/payments/webhooks/stripe", "secret": WEBHOOK_SECRET}
            assert requests.post(f"{base}/_config/webhooks/shop", data=webhook, timeout=30).ok
            bring_up(stack, Console(quiet=True), wanted=Wish("stripe", base, KEY, WEBHOOK_SECRET))
            yield base
            bring_up(stack, Console(quiet=True), wanted=Wish("simulated"))
        finally:
            process.terminate()


def _answers(base: str) -> bool:
    try:
        return requests.get(f"{base}/v1/payment_intents", auth=(KEY, ""), timeout=5).ok
    except requests.RequestException:
        return False


@pytest.mark.slow
def test_orders_are_paid_declined_and_refunded(aws, localstripe, customer, product, moved):
    paid = customer.place((product(2), 2)).json()["orderId"]
    declined = customer.place((product(1), 1), token="tok_declined").json()["orderId"]
    customer.order_once(paid, "CONFIRMED")
    assert customer.order_once(declined, "REJECTED")["reason"] == "PAYMENT_DECLINED"

    assert customer.call("POST", f"/orders/{paid}/cancel").status_code == 202

    until(lambda: moved(paid) == [("charge", 2 * 999), ("refund", 2 * 999)])
    assert moved(declined) == []
    refunds = requests.get(f"{localstripe}/v1/refunds", auth=(KEY, ""), timeout=30).json()["data"]
    assert [refund["amount"] for refund in refunds] == [2 * 999]
    # Its own webhook about the capture, which finds everything done.
    until(lambda: "the gateway told" in [message for message, _ in logged(aws, "payments", paid)])
