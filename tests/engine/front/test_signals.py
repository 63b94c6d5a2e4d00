"""The front in the main thread of a process that gets a signal."""

import subprocess
import sys

SOURCE = """
import signal, threading
from loadstack_engine.front.server import FrontServer

server = FrontServer()
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
threading.Timer(0.2, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)).start()
server.run()
print("stopped")
"""


def test_signal_that_another_thread_got_is_handled() -> None:
    done = subprocess.run([sys.executable, "-c", SOURCE], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout == "stopped\n"
