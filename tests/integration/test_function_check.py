"""What ``make up`` does to see that each function starts."""

from bootstrap.clients import Clients
from bootstrap.resources import Function
from bootstrap.shop import SHOP
from sandbox import function_check
from tests.integration.conftest import figures

NAMES = {function.name for function in SHOP.of(Function)}


def test_check_invokes_each_function_and_counts_no_error(stack):
    before = figures(stack.endpoint)

    function_check.check(Clients(stack.endpoint), SHOP, NAMES)

    after = figures(stack.endpoint)
    assert {name for name in NAMES if after[name]["invocations"] > before[name]["invocations"]} == NAMES
    assert {name: after[name]["errors"] - before[name]["errors"] for name in NAMES} == dict.fromkeys(NAMES, 0)
