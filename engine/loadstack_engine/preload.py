"""Loads services before the engine calls itself ready.

LocalStack loads a service at its first request. Requests to several services at once then import side by side, which
takes long under one interpreter lock and can end in a deadlock of the import locks (seen with ``logs`` and ``events``).
Here one thread loads them one after the other; only DynamoDB Local, a process of its own, starts beside that.
"""

import importlib
import threading
from collections.abc import Sequence

from localstack.services.plugins import SERVICE_PLUGINS

_DYNAMODB = "dynamodb"
_DYNAMODB_PROVIDER = "localstack.services.dynamodb.v2.provider"


class Preload:
    """How far loading is: ``over`` is set when it is, and where there was nothing to load."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.over.set()
        self.failure: str | None = None

    def start(self, services: Sequence[str]) -> None:
        """Load in the background."""
        self.over.clear()
        threading.Thread(target=self._run, args=(services,), name="preload", daemon=True).start()

    def _run(self, services: Sequence[str]) -> None:
        try:
            beside = None
            if _DYNAMODB in services:
                importlib.import_module(_DYNAMODB_PROVIDER)
                beside = threading.Thread(target=self._require, args=(_DYNAMODB,), name="preload-dynamodb", daemon=True)
                beside.start()
            for service in services:
                if service != _DYNAMODB:
                    self._require(service)
            if beside:
                beside.join()
        except Exception as error:
            self.failure = f"LocalStack's services could not be loaded: {error}"
        finally:
            self.over.set()

    def _require(self, service: str) -> None:
        try:
            SERVICE_PLUGINS.require(service)
        except Exception as error:
            self.failure = f"The service {service} did not start: {error}"


PRELOAD = Preload()
