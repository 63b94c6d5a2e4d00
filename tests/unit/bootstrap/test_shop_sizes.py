"""Other sizes change what they name in the declaration, and nothing else."""

from dataclasses import replace

import pytest

from bootstrap.flows import Flow
from bootstrap.resources import EventSourceMapping, Function, Resource
from bootstrap.shop import SHOP, stack
from bootstrap.shop_sizes import AS_DECLARED, Sizes, with_sizes
from bootstrap.validate import validate
from sandbox.paths import ROOT


def test_no_sizes_leave_the_declaration_as_it_is() -> None:
    assert with_sizes(SHOP, AS_DECLARED) == SHOP


@pytest.mark.parametrize("flow", Flow)
def test_memory_is_every_functions_and_batches_are_every_queues(flow: Flow) -> None:
    sized = with_sizes(stack(flow), Sizes(memory_mb=512, batch_size=3))
    assert {function.memory_size for function in sized.of(Function)} == {512}
    assert {mapping.batch_size for mapping in sized.of(EventSourceMapping)} == {3}
    validate(sized, ROOT)


def test_all_else_stays() -> None:
    def without_sizes(resource: Resource) -> Resource:
        match resource:
            case Function():
                return replace(resource, memory_size=128)
            case EventSourceMapping():
                return replace(resource, batch_size=1)
            case _:
                return resource

    sized = with_sizes(SHOP, Sizes(memory_mb=512, batch_size=3))
    assert [without_sizes(each) for each in sized.resources] == [without_sizes(each) for each in SHOP.resources]


def test_one_size_alone_leaves_the_other() -> None:
    assert with_sizes(SHOP, Sizes(memory_mb=512)).of(EventSourceMapping) == SHOP.of(EventSourceMapping)
    assert with_sizes(SHOP, Sizes(batch_size=3)).of(Function) == SHOP.of(Function)
