from __future__ import annotations

import socket
import threading

from loadtests.address import resolve
from loadtests.stack import connect


def test_route_whose_answer_breaks_off_tells_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"queues"')

        thread = threading.Thread(target=answer)
        thread.start()
        assert connect(resolve(f"http://127.0.0.1:{server.getsockname()[1]}")).route("/_loadstack/queues") is None
        thread.join()
