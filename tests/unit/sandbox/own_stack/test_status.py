"""What `make status` says of a stack of one's own."""

import pytest

from sandbox.own_stack.record import OwnStack
from sandbox.own_stack.status import verdict

OWN = OwnStack("notes/template.yaml", "notes")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("UPDATE_ROLLBACK_COMPLETE", "[green]Ready[/]"),
        ("UPDATE_IN_PROGRESS", "[yellow]It is being changed[/]: make status again tells how that ends."),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "[yellow]It is being changed[/]: make status again tells how that ends."),
        ("UPDATE_ROLLBACK_FAILED", "[red]Not complete[/]: make up TEMPLATE=notes/template.yaml updates it."),
        ("REVIEW_IN_PROGRESS", "[red]Not complete[/]: make up TEMPLATE=notes/template.yaml makes it anew."),
        ("ROLLBACK_COMPLETE", "[red]Not complete[/]: make up TEMPLATE=notes/template.yaml makes it anew."),
    ],
)
def test_each_status_is_told_with_what_to_do(state: str, said: str) -> None:
    assert verdict(state, OWN) == said
