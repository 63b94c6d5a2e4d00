"""Ctrl-C before a command can catch it. Importing this, as the first module, has it end the process without a
traceback; `listen` has it raise KeyboardInterrupt again, once there is somebody to catch that.
"""

import signal


def listen() -> None:
    """Raise KeyboardInterrupt from now on, also for a Ctrl-C that was held. Where it is ignored it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def hold() -> None:
    """Keep Ctrl-C for the program that this process becomes, which listens when it has started."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
