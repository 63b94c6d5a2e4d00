"""The saga of an order: the state machine that `Flow.SAGA` adds to the shop.

    Reserve ──► Note ──► Charge ──► Confirm ──► Sell
       │          │         │          │
       │          │         └── failed ┴──► Withdraw ──► Sell, where it turns out to be confirmed
       │          │         │                   │
       │          │         │ declined          ▼
       │          └── failed│─────────────► Refund
       │                    │                   ▼
       ├── no stock, failed ┴───────────────► Release
       │                                        ▼
       └── out of stock ────────────────────► Reject

Downwards it takes back, in reverse order, what was done. Each state asks a service for a step (`common.saga`), and asks
again where that fails, for longer than a minute. Confirm decides: who cannot tell whether it did asks with Withdraw,
which rejects the order unless it is confirmed; only then is money given back. An execution that fails all the same lies
in the dead-letter queue.
"""

from collections.abc import Mapping
from typing import Any

from bootstrap.references import Kind, Ref
from bootstrap.resources import QueuePolicy, Resource, Role, Rule, Target
from bootstrap.shop_services import allow, kept_longest, let_in
from bootstrap.state_machines import StateMachine

ORDER_SAGA = Ref(Kind.STATE_MACHINE, "order-saga")
DEAD_LETTERS = Ref(Kind.QUEUE, "order-saga-dlq")
_ROLE = Ref(Kind.ROLE, "shop-order-saga")
_SERVICES = tuple(Ref(Kind.FUNCTION, name) for name in ("inventory", "orders", "payments"))

# Twice as long as the slowest function may take, payments at a gateway: functions are ended by their own time limits.
TIMEOUT_S = 60
# 1, 2, 4, 8, 16 s, then each 30 s: two minutes, so that a service may be down for one.
ATTEMPTS = 8
# Taking back has nowhere else to go: four minutes.
ATTEMPTS_BACK = 12

type State = Mapping[str, Any]


def order_saga() -> tuple[Resource, ...]:
    """The state machine, its role, and where its failures lie."""
    failed = Rule(
        name="order-saga-failed",
        targets=(Target("dead-letters", DEAD_LETTERS),),
        event_pattern={
            "source": ["aws.states"],
            "detail-type": ["Step Functions Execution Status Change"],
            "detail": {"stateMachineArn": [ORDER_SAGA.arn()], "status": ["FAILED", "TIMED_OUT", "ABORTED"]},
        },
    )
    return (
        StateMachine(ORDER_SAGA.name, definition(), _ROLE, DEAD_LETTERS),
        Role(
            _ROLE.name,
            tuple(allow(function, "lambda:InvokeFunction") for function in _SERVICES),
            service="states.amazonaws.com",
        ),
        failed,
        kept_longest(DEAD_LETTERS),
        QueuePolicy(DEAD_LETTERS, (let_in(DEAD_LETTERS, "events.amazonaws.com", failed.ref.arn()),)),
    )


def definition() -> Mapping[str, Any]:
    """The state machine in the Amazon States Language (JSONPath)."""
    return {
        "Comment": "Reserves, charges and confirms an order; takes back what it did where that is not to be.",
        "StartAt": "Reserve",
        "States": {
            "Reserve": _step("inventory", "reserve", "IsReserved", catch="Release"),
            "IsReserved": _choice({"RESERVED": "Note", "REJECTED": "Reject"}, "Release"),
            "Note": _step("orders", "note", "Charge", catch="Refund"),
            "Charge": _step("payments", "charge", "IsCharged", catch="Withdraw"),
            "IsCharged": _choice({"CHARGED": "Confirm"}, "Release"),
            "Confirm": _step("orders", "confirm", "IsConfirmed", catch="Withdraw"),
            "IsConfirmed": _choice({"CONFIRMED": "Sell"}, "Refund"),
            "Sell": _step("inventory", "sell", None),
            "Withdraw": _step("orders", "reject", "IsConfirmed", attempts=ATTEMPTS_BACK),
            "Refund": _step("payments", "refund", "Release", attempts=ATTEMPTS_BACK),
            "Release": _step("inventory", "release", "Reject", attempts=ATTEMPTS_BACK),
            "Reject": _step("orders", "reject", None, attempts=ATTEMPTS_BACK),
        },
    }


def _step(service: str, step: str, then: str | None, *, attempts: int = ATTEMPTS, catch: str | None = None) -> State:
    """A state that asks `service` for `step`, up to `attempts` times again; then None ends the saga."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {
            "FunctionName": Ref(Kind.FUNCTION, service).arn(),
            "Payload": {"step": step, "saga.$": "$"},
        },
        "OutputPath": "$.Payload",
        "TimeoutSeconds": TIMEOUT_S,
        "Retry": (
            {
                "ErrorEquals": ("States.ALL",),
                "IntervalSeconds": 1,
                "BackoffRate": 2,
                "MaxDelaySeconds": 30,
                "MaxAttempts": attempts,
            },
        ),
        **({"Catch": ({"ErrorEquals": ("States.ALL",), "ResultPath": "$.failure", "Next": catch},)} if catch else {}),
        **({"Next": then} if then else {"End": True}),
    }


def _choice(ways: Mapping[str, str], default: str) -> State:
    """A state that goes on by the outcome of the step before."""
    return {
        "Type": "Choice",
        "Choices": tuple(
            {"Variable": "$.outcome", "StringEquals": outcome, "Next": then} for outcome, then in ways.items()
        ),
        "Default": default,
    }
