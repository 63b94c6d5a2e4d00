"""ministack from PyPI, in an environment of its own, at its defaults but for the address.

Its functions run in warm processes of its own interpreter, its default (``LAMBDA_EXECUTOR=local``). It would listen
for MQTT on every interface if it could; that is off.
"""

from collections.abc import Sequence

from benchmarks import usage
from benchmarks.contenders.base import Place
from benchmarks.contenders.child import Child
from benchmarks.errors import ContenderError
from benchmarks.stack import Clients, EmulatedStack, create
from benchmarks.usage import Kind


class Ministack:
    def __init__(self, place: Place) -> None:
        self._child = Child(place.run)
        self._python = place.installation.bench_python
        self.port = place.port
        self.mark = self._child.mark
        self._aws = Clients(f"http://127.0.0.1:{place.port}")
        self.clients: Clients | None = self._aws

    def start(self) -> None:
        if not self._python.exists():
            raise ContenderError("ministack is not installed: ./sandbox/run install-bench")
        self._child.start(
            [str(self._python), "-m", "ministack"],
            {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port), "IOT_MTLS_ENABLED": "0"},
            self._aws("dynamodb").list_tables,
        )

    def deploy(self) -> EmulatedStack:
        return create(self._aws)

    def terminate(self) -> None:
        self._child.terminate()

    def stop(self) -> None:
        self._child.stop()
        self._aws.close()

    def cpu(self) -> usage.Cpu:
        return usage.cpu(self.mark, self.kind)

    def kind(self, command: Sequence[str]) -> Kind:
        return "emulator" if "ministack" in command else "functions"
