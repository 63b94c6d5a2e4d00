"""The AWS operations that this process calls, counted where botocore sends them."""

from collections import Counter
from types import ModuleType
from typing import Any

from _loadstack_on_import import when_imported

_MADE: list[str] = []


def count() -> None:
    """Count from now on: an operation once, however often it is tried, and not at all where its input is invalid."""
    when_imported("botocore.client", _count_in)


def take() -> dict[str, int]:
    """How often each operation, ``service.Operation``, was called since the last time."""
    names = _MADE[:]  # threads of the function may add more meanwhile
    del _MADE[: len(names)]
    return dict(Counter(names))


def _count_in(client: ModuleType) -> None:
    base = getattr(client, "BaseClient", None)
    send = getattr(base, "_make_request", None)
    if base is None or send is None:
        return

    def _make_request(self: Any, operation_model: Any, *arguments: Any, **named: Any) -> Any:
        _MADE.append(f"{self.meta.service_model.service_name}.{operation_model.name}")
        return send(self, operation_model, *arguments, **named)

    base._make_request = _make_request
