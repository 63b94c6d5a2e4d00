"""What `make status` says at its end, and of the payment provider."""

import pytest

from bootstrap.shop_gateway import StripeGateway
from sandbox.status import provider, verdict


@pytest.mark.parametrize(
    ("alarms", "letters", "said"),
    [
        (0, 0, "[green]Ready[/]"),
        (1, 0, "[yellow]Ready, with 1 alarm[/]"),
        (2, 3, "[yellow]Ready, with 2 alarms and 3 dead letters[/]"),
        (0, 1, "[yellow]Ready, with 1 dead letter[/]"),
    ],
)
def test_end_does_not_call_it_ready_alone_where_something_is_wrong(alarms: int, letters: int, said: str) -> None:
    assert verdict(alarms, letters) == said


def test_provider_is_named_with_its_address() -> None:
    assert provider(None) == "simulated"
    assert provider(StripeGateway("http://127.0.0.1:8420")).startswith("stripe at http://127.0.0.1:8420")
