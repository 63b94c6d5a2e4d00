"""Waiting for what a test waits for."""

from collections.abc import Callable

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed


def until[T](check: Callable[[], T], timeout_s: float = 60.0, every_s: float = 0.05) -> T:
    """Call ``check`` until it gives something truthy, and return that; raises tenacity's RetryError in the end."""
    retrying = Retrying(
        retry=retry_if_result(lambda result: not result), stop=stop_after_delay(timeout_s), wait=wait_fixed(every_s)
    )
    result: T = retrying(check)
    return result
