"""How many batches of a queue may be in work at once.

"Lambda starts processing five batches at a time […] increases […] by up to 300 more concurrent invokes per minute. The
maximum […] is 1,250. When traffic is low, Lambda scales back the processing to five":
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
Errors and throttles make it fewer: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from dataclasses import dataclass

INITIAL = 5
MOST = 1250
_STEP = 5  # a second
_FEWEST_AFTER_ERRORS = 2


@dataclass
class Scaling:
    """``limit`` batches at once now; never more than ``maximum`` (the mapping's ``MaximumConcurrency``)."""

    maximum: int = MOST
    limit: int = 0

    def __post_init__(self) -> None:
        self.limit = min(INITIAL, self.maximum)

    def second_passed(self, *, busy: int, backlog: bool) -> None:
        """Called once a second: grow where all are busy and messages wait, else go back towards five."""
        normal = min(INITIAL, self.maximum)
        if backlog and busy >= self.limit:
            # Back from errors or throttles one at a time, so that the function is not hit by five more each second.
            step = _STEP if self.limit >= normal else 1
            self.limit = min(self.maximum, self.limit + step)
        elif self.limit > normal:
            self.limit = max(normal, self.limit - _STEP)
        elif self.limit < normal:
            self.limit += 1

    def function_failed(self) -> None:
        self.limit = max(min(self.limit, _FEWEST_AFTER_ERRORS), self.limit - 1)

    def throttled(self, running: int) -> None:
        """As many as run were let through."""
        self.limit = max(1, min(self.limit, running))
