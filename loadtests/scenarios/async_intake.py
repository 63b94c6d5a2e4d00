"""Scenario `async-intake`: the journey of `order`, through `POST /async/orders`.

API Gateway puts such an order into a queue itself. Its 202 says that the queue has it; the order counts as accepted at
that instant, by SQS's clock.
"""

from typing import Final

from loadtests.scenarios.order import OrderScenario
from loadtests.scenarios.shop import QUEUE

SCENARIO: Final = OrderScenario(door=QUEUE)
