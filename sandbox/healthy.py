"""The container's health check: ``python -S -m sandbox.healthy`` exits with 0 when the engine is ready.

Asked every few seconds, also during a load test: a quarter of the processor time that it would take with urllib.
"""

import json
import socket
import sys

_TIMEOUT_S = 3
_REQUEST = b"GET /_loadstack/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def is_ready(port: int) -> bool:
    """Whether a Loadstack engine answers on the port, and says that it is ready."""
    try:
        with socket.create_connection(("127.0.0.1", port), _TIMEOUT_S) as connection:
            connection.sendall(_REQUEST)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        return bool(json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == "ready")
    except (OSError, ValueError, TypeError, KeyError):
        return False


if __name__ == "__main__":
    sys.exit(not is_ready(4566))
