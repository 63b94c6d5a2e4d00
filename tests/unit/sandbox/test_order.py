"""What is told of an order that reaches no final status."""

import pytest

from bootstrap.flows import Flow
from bootstrap.shop_saga import definition
from sandbox.order import what_fails


@pytest.mark.parametrize("flow", [None, Flow.CHOREOGRAPHY])
def test_message_that_fails_is_tried_three_times(flow: Flow | None) -> None:
    assert what_fails(flow).startswith("a message that fails three times, up to a minute apart, then lies in make dlq")


def test_saga_tries_a_step_as_often_as_it_is_declared_to() -> None:
    again = {retry["MaxAttempts"] for state in definition()["States"].values() for retry in state.get("Retry", ())}
    said = what_fails(Flow.SAGA)
    assert f"tried {min(again)} to {max(again)} times again" in said
    assert "order-saga-dlq" in said
    assert "three times" not in said
