"""What was accepted before the last reset is void, wherever it still waits."""

import time


class Epoch:
    """Times are of the monotonic clock. The first epoch has always been."""

    def __init__(self) -> None:
        self._began = float("-inf")

    def begin(self) -> None:
        self._began = time.monotonic()

    def is_over_for(self, accepted: float) -> bool:
        """Whether a reset came after this time: the event, retry or batch that was accepted then is to be dropped."""
        return accepted < self._began


EPOCH = Epoch()
