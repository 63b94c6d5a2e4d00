"""Orders with everything around them in memory."""

from collections.abc import Iterator

import pytest

from orders import api
from orders.intake import Intake
from orders.outbox import Outbox
from tests.unit.functions.factories import FakeAnnouncer, FakePublisher
from tests.unit.functions.orders.memory import MemoryOrders, MemoryPrices


@pytest.fixture
def orders() -> MemoryOrders:
    """The stored orders."""
    return MemoryOrders()


@pytest.fixture
def prices() -> MemoryPrices:
    """The catalogue."""
    return MemoryPrices()


@pytest.fixture
def publisher() -> FakePublisher:
    """The bus."""
    return FakePublisher()


@pytest.fixture
def announcer() -> FakeAnnouncer:
    """The topic."""
    return FakeAnnouncer()


@pytest.fixture
def outbox(orders: MemoryOrders, announcer: FakeAnnouncer, publisher: FakePublisher) -> Outbox:
    """Both ways out."""
    return Outbox(orders, announcer, publisher)


@pytest.fixture
def intake(orders: MemoryOrders, prices: MemoryPrices, outbox: Outbox) -> Iterator[Intake]:
    """The service, also behind the API."""
    service = Intake(orders, prices, outbox)
    api.app.dependency_overrides[api.intake] = lambda: service
    yield service
    api.app.dependency_overrides.clear()
