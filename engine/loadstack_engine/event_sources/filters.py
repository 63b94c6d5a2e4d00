"""Filter criteria of mappings: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html"""

import json
from typing import Any

from localstack.utils.event_matcher import matches_event


class Filters:
    """The patterns of a mapping; true where there are any."""

    def __init__(self, criteria: dict[str, Any] | None) -> None:
        filters = (criteria or {}).get("Filters") or []
        self._patterns = [json.loads(each["Pattern"]) for each in filters]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def match(self, event: dict[str, Any]) -> bool:
        """Whether one of the patterns matches; any event does where there is none."""
        return not self._patterns or any(matches_event(pattern, event) for pattern in self._patterns)


def parsed(text: str | bytes) -> Any:
    """What a pattern sees of a body: the JSON in it, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
