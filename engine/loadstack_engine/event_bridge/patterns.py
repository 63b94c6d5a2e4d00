"""Event patterns, compiled once: LocalStack parses and validates a rule's pattern for every event."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from localstack.services.events.event_rule_engine import EventPatternCompiler, EventRuleEngine

_ENGINE = EventRuleEngine()
_COMPILER = EventPatternCompiler()
# What is always there and always text; most patterns ask for nothing else.
_PLAIN_FIELDS = frozenset({"source", "detail-type", "account", "region", "id", "version"})


@dataclass(frozen=True)
class Pattern:
    """``plain`` are the fields of the envelope that must equal one of some texts; ``rest`` is LocalStack's to judge."""

    plain: tuple[tuple[str, frozenset[str]], ...]
    rest: tuple[dict[str, list[Any]], ...]

    def matches(self, event: dict[str, Any]) -> bool:
        for key, values in self.plain:
            if event.get(key) not in values:
                return False
        return not self.rest or self._matches_rest(event)

    def _matches_rest(self, event: dict[str, Any]) -> bool:
        payloads = _ENGINE.flatten_payload(event, list(self.rest))
        return any(
            all(
                any(
                    _ENGINE._evaluate_condition(payload.get(key), condition, field_exists=key in payload)
                    for condition in conditions
                    for payload in payloads
                )
                for key, conditions in alternative.items()
            )
            for alternative in self.rest
        )


@lru_cache(maxsize=4096)
def compiled(text: str) -> Pattern:
    """A rule's pattern by its text, so that a changed rule is another pattern.

    Raises:
        InvalidEventPatternException: it is none; ``PutRule`` takes such patterns.
    """
    pattern = _COMPILER.compile_event_pattern(text)
    plain = {key: values for key, values in pattern.items() if key in _PLAIN_FIELDS and _is_plain(values)}
    rest = {key: values for key, values in pattern.items() if key not in plain}
    return Pattern(
        tuple((key, frozenset(values)) for key, values in plain.items()),
        tuple(_ENGINE.flatten_pattern(rest)) if rest else (),
    )


def _is_plain(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
