import uuid

import pytest
from deploy import deploy, remove


@pytest.fixture(scope="session")
def stack(aws):
    """The stack, under a name of its own: several runs can share a sandbox. What fails is tried again soon."""
    stack = deploy(aws, f"thermometers-{uuid.uuid4().hex[:8]}", retry_after_s=2)
    yield stack
    remove(aws, stack)
