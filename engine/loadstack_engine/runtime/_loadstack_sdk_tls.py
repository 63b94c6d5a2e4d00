"""TLS contexts of the AWS SDK, made for the first request over TLS: each costs a millisecond, and most functions of an
emulator never send one.

botocore makes one with each client.
"""

from typing import Any


def pool_manager_kwargs(original: Any, module: Any) -> Any:
    """``URLLib3Session._get_pool_manager_kwargs``: a session's own pools are made without a context, a proxy's with."""
    session = module.URLLib3Session
    session._get_connection_manager = _connection_manager(session._get_connection_manager)

    def get_pool_manager_kwargs(self: Any, **extra: Any) -> Any:
        if extra:
            return original(self, **extra)
        self._get_ssl_context = lambda: None  # for this one call, in front of the method
        try:
            return original(self)
        finally:
            del self._get_ssl_context

    return get_pool_manager_kwargs


def _connection_manager(original: Any) -> Any:
    def get_connection_manager(self: Any, url: Any, proxy_url: Any = None) -> Any:
        manager = original(self, url, proxy_url)
        settings = manager.connection_pool_kw
        if settings.get("ssl_context", settings) is None and not url.lower().startswith("http://"):
            settings["ssl_context"] = self._get_ssl_context()
        return manager

    return get_connection_manager
