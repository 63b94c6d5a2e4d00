"""A few attempts within one invocation, for what is worth another one at once."""

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from common.dynamodb import BusyError

# About 0.75 s in all at worst. Jittered, so that those who collided do not meet again at the same moment:
# https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
retry_busy = retry(
    retry=retry_if_exception_type(BusyError),
    wait=wait_random_exponential(multiplier=0.025, max=0.4),
    stop=stop_after_attempt(6),
    reraise=True,
)
