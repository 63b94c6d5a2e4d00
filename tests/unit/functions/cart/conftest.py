"""The cart with everything around it in memory."""

from collections.abc import Iterator

import pytest

from cart import api
from cart.reminding import Reminding
from cart.shopping import Shopping
from common.events import CartEvent
from tests.unit.functions.cart.memory import MemoryCarts, MemoryCustomers, MemoryPrices
from tests.unit.functions.factories import FakePublisher


@pytest.fixture
def carts() -> MemoryCarts:
    """The stored carts and checkouts."""
    return MemoryCarts()


@pytest.fixture
def prices() -> MemoryPrices:
    """The catalogue."""
    return MemoryPrices()


@pytest.fixture
def publisher() -> FakePublisher:
    """The bus."""
    return FakePublisher()


@pytest.fixture
def told() -> FakePublisher[CartEvent]:
    """The bus, where it is told of carts that are left."""
    return FakePublisher()


@pytest.fixture
def customers() -> MemoryCustomers:
    """The users."""
    return MemoryCustomers()


@pytest.fixture
def reminding(
    carts: MemoryCarts, customers: MemoryCustomers, prices: MemoryPrices, told: FakePublisher[CartEvent]
) -> Reminding:
    """The sweep of carts that are left."""
    return Reminding(carts, customers, prices, told)


@pytest.fixture
def shopping(carts: MemoryCarts, prices: MemoryPrices, publisher: FakePublisher) -> Iterator[Shopping]:
    """The service, also behind the API."""
    service = Shopping(carts, carts, prices, publisher)
    api.app.dependency_overrides[api.shopping] = lambda: service
    yield service
    api.app.dependency_overrides.clear()
