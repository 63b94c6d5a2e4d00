"""The AWS operations that this process calls, counted where botocore sends them, and what IAM asks of them."""

import os
from collections import Counter
from types import ModuleType
from typing import Any

import _loadstack_iam as iam
import _loadstack_usage as usage
from _loadstack_on_import import when_imported

_MADE: list[str] = []
_ASKED: list[iam.Asked] = []


def count() -> None:
    """Count from now on: an operation once, however often it is tried, and not at all where its input is invalid.

    ``LOADSTACK_USAGE=0`` leaves what AWS bills for them alone, ``LOADSTACK_IAM=0`` what IAM asks.
    """
    when_imported("botocore.client", _count_in)
    when_imported("botocore.client", _ask_in)


def take() -> dict[str, int]:
    """How often each operation, ``service.Operation``, was called since the last time."""
    names = _MADE[:]  # threads of the function may add more meanwhile
    del _MADE[: len(names)]
    return dict(Counter(names))


def take_asked() -> list[tuple[str, str, int]]:
    """Actions and resources of the calls since the last time, and how often each was asked for."""
    found = _ASKED[:]
    del _ASKED[: len(found)]
    return [(action, resource, count) for (action, resource), count in Counter(found).items()]


def _count_in(client: ModuleType) -> None:
    base = getattr(client, "BaseClient", None)
    send = getattr(base, "_make_request", None)
    if base is None or send is None:
        return

    metered = os.environ.get("LOADSTACK_USAGE") != "0"

    def _make_request(self: Any, operation_model: Any, request_dict: Any, *arguments: Any, **named: Any) -> Any:
        _MADE.append(f"{self.meta.service_model.service_name}.{operation_model.name}")
        if not metered:
            return send(self, operation_model, request_dict, *arguments, **named)
        return usage.metered(
            self.meta.service_model.service_name,
            operation_model.name,
            request_dict,
            lambda: send(self, operation_model, request_dict, *arguments, **named),
        )

    base._make_request = _make_request


def _ask_in(client: ModuleType) -> None:
    """A call that AWS answers, with an error too, was held against the role; one whose input is invalid never was."""
    base = getattr(client, "BaseClient", None)
    call = getattr(base, "_make_api_call", None)
    refused = getattr(client, "ClientError", None)
    if base is None or call is None or refused is None or os.environ.get("LOADSTACK_IAM") == "0":
        return

    def _make_api_call(self: Any, operation_name: str, api_params: Any) -> Any:
        if not _is_of_the_role(self):
            return call(self, operation_name, api_params)
        answer: Any = {}
        try:
            answer = call(self, operation_name, api_params)
        except refused:
            _ASKED.extend(_asked(self, operation_name, api_params, {}))
            raise
        _ASKED.extend(_asked(self, operation_name, api_params, answer))
        return answer

    base._make_api_call = _make_api_call


def _asked(client: Any, operation: str, parameters: Any, answer: Any) -> list[iam.Asked]:
    return iam.asked(client.meta.service_model.service_name, operation, parameters, client.meta.region_name, answer)


def _is_of_the_role(client: Any) -> bool:
    """Not where the function took another role, or signs nothing."""
    signer = getattr(client, "_request_signer", None)
    key = getattr(getattr(signer, "_credentials", None), "access_key", None)
    return key is not None and key == os.environ.get("AWS_ACCESS_KEY_ID")
