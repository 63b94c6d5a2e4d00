"""The books of mixed orders, as tests/integration has them, on the stack in the containers."""

import pytest

from tests.compose.conftest import Containers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_mixed_orders_leave_balanced_books(shop: Containers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADSTACK_TEST_ORDERS", "200")
    done = shop.command("test-slow", "-p", "no:cacheprovider", "-k", "not saga", "tests/integration/test_invariants.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
