"""What ``make up`` does to see that each function starts."""

from typing import Any

import requests

from bootstrap.clients import Clients
from bootstrap.resources import Function
from bootstrap.shop import SHOP
from sandbox import function_check

NAMES = {function.name for function in SHOP.of(Function)}


def _figures(stack: Any) -> dict[str, dict[str, int]]:
    figures: dict[str, dict[str, int]] = requests.get(f"{stack.endpoint}/_loadstack/functions", timeout=10).json()
    return figures


def test_check_invokes_each_function_and_counts_no_error(stack):
    before = _figures(stack)

    function_check.check(Clients(stack.endpoint), SHOP, NAMES)

    after = _figures(stack)
    assert {name for name in NAMES if after[name]["invocations"] > before[name]["invocations"]} == NAMES
    assert {name: after[name]["errors"] - before[name]["errors"] for name in NAMES} == dict.fromkeys(NAMES, 0)
