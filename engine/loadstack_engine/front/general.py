"""Requests into LocalStack's gateway, with the same environment that LocalStack's Twisted front gives them.

See ``rolo/serving/twisted.py`` and ``twisted/web/wsgi.py``: what is odd here (``PATH_INFO`` of an absolute target, say)
is theirs, so that a request means the same over either front.
"""

import sys
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from loadstack_engine.front.messages import HttpRequest


def environ_of(request: HttpRequest) -> dict[str, Any]:
    """The WSGI environment, with rolo's additions: the target and the headers as they were sent."""
    fields = request.fields
    host = fields.get("host")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "REMOTE_ADDR": request.client[0],
        "REMOTE_PORT": str(request.client[1]),
        "SCRIPT_NAME": "",
        "PATH_INFO": _path_info(request.path),
        "QUERY_STRING": request.query.encode().decode("latin-1"),
        "REQUEST_URI": request.target,
        "RAW_URI": request.target,
        "CONTENT_TYPE": fields.get("content-type", ""),
        "CONTENT_LENGTH": fields.get("content-length", ""),
        "SERVER_NAME": _host_name(host) if host else request.server[0],
        "SERVER_PORT": str(request.server[1]),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if request.secure else "http",
        "wsgi.run_once": False,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.errors": sys.stderr,
        "wsgi.input": request.stream(),
        "wsgi.input_terminated": True,
        "rolo.headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers],
    }
    for name, value in fields.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def _path_info(path: str) -> str:
    """The path, decoded, as WSGI wants it: bytes that stand as latin-1."""
    if path.startswith("/"):
        return unquote_to_bytes(path).decode("latin-1")
    return urlsplit(path).path


def _host_name(host: str) -> str:
    """Without the port: ``localhost`` of ``localhost:4566``, ``[::1]`` of ``[::1]:4566``."""
    end = host.find("]") + 1
    return host[:end] + host[end:].partition(":")[0]
