"""LocalStack's Twisted front, on the hosts of ``GATEWAY_LISTEN`` only.

The original gives IPv4 endpoints no interface, and so listens on 0.0.0.0 whatever the setting says
(``TODO: interface = host?`` in ``localstack/runtime/server/twisted.py`` of 4.14.0).
"""

from localstack import config
from localstack.runtime.server import twisted as original
from rolo.gateway import Gateway
from twisted.internet import endpoints


class _BoundEndpoints:
    """Stands for ``twisted.internet.endpoints`` in the original's module: the same, with the host of a port kept."""

    TCP6ServerEndpoint = endpoints.TCP6ServerEndpoint

    def __init__(self, hosts: dict[int, str]) -> None:
        self._hosts = hosts

    def TCP4ServerEndpoint(self, reactor: object, port: int) -> endpoints.TCP4ServerEndpoint:
        return endpoints.TCP4ServerEndpoint(reactor, port, interface=self._hosts[port])


class LoopbackRuntimeServer(original.TwistedRuntimeServer):
    """Select it with ``GATEWAY_SERVER=loopback``."""

    def register(
        self,
        gateway: Gateway,
        listen: list[config.HostAndPort],
        ssl_creds: tuple[str, str] | None = None,
    ) -> None:
        original.endpoints = _BoundEndpoints({each.port: each.host for each in listen})
        super().register(gateway, listen, ssl_creds)
