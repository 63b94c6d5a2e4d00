"""What is told of a function that does not start."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from bootstrap.shop import SHOP
from sandbox import function_check
from sandbox.function_check import FunctionStartError

TIMED_OUT = {"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: 1 Error: Task timed out after 5.00 seconds"}
BROKEN = {"errorType": "Runtime.ImportModuleError", "errorMessage": "No module named 'orders'", "stackTrace": []}


class Lambda:
    """Answers each invocation with the next of ``errors``; None is an answer without one."""

    def __init__(self, *errors: dict[str, Any] | None) -> None:
        self.left = list(errors)

    def invoke(self, **_: Any) -> dict[str, Any]:
        error = self.left.pop(0)
        failed = {"FunctionError": "Unhandled"} if error else {}
        return {"Payload": io.BytesIO(json.dumps(error or {}).encode()), **failed}


def check(lambda_: Lambda) -> None:
    clients: Any = SimpleNamespace(lambda_=lambda_)
    function_check.check(clients, SHOP, {"orders"})


def test_function_that_timed_out_is_invoked_again() -> None:
    lambda_ = Lambda(TIMED_OUT, TIMED_OUT, None)

    check(lambda_)

    assert lambda_.left == []


def test_function_that_times_out_each_time_is_told() -> None:
    lambda_ = Lambda(TIMED_OUT, TIMED_OUT, TIMED_OUT, None)

    with pytest.raises(FunctionStartError, match="cannot start"):
        check(lambda_)

    assert lambda_.left == [None]


def test_other_errors_are_told_at_once() -> None:
    lambda_ = Lambda(BROKEN, None)

    with pytest.raises(FunctionStartError, match="No module named 'orders'"):
        check(lambda_)

    assert lambda_.left == [None]
