"""``ListRules`` answers with what its model names.

LocalStack 4.14.0 puts ``CreatedBy``, a member of ``DescribeRule``'s answer alone, on each rule: the serializer leaves
it out again, with a line in the log for every rule.
"""

from typing import Any

from localstack.services.events.provider import EventsProvider


def use() -> None:
    stock = EventsProvider._rule_dict_to_rule_response_list

    def listed(provider: EventsProvider, rules: Any) -> list[dict[str, Any]]:
        return [{name: value for name, value in rule.items() if name != "CreatedBy"} for rule in stock(provider, rules)]

    EventsProvider._rule_dict_to_rule_response_list = listed
