"""A reset, and functions that it finds at work."""

import uuid

import pytest
import requests

from tests.engine.conftest import ROLE
from tests.engine.functions import archive


@pytest.fixture
def reset(other_engine):
    """``reset()`` is what the route answers."""

    def post():
        answer = requests.post(f"{other_engine.endpoint}/_loadstack/reset", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return post


@pytest.fixture
def function(other_aws):
    """``function(source)`` deploys one and returns its name."""
    client = other_aws("lambda")
    created = []

    def create(source, **arguments):
        name = f"test-{uuid.uuid4().hex[:8]}"
        defaults = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Timeout": 20}
        code = {"ZipFile": archive({"app.py": source})}
        client.create_function(FunctionName=name, Code=code, **defaults | arguments)
        created.append(name)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05})
        return name

    yield create
    for name in created:
        client.delete_function(FunctionName=name)
