"""The plan as lines of text, readable in a terminal and in a log."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sandbox.aws_plan.change_set import Change

_HEAD = ("action", "logical id", "type", "replacement", "changes")
# What cannot be had back once the resource is gone.
_KEEPS_DATA = {
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
}


def table(changes: Sequence[Change]) -> Iterator[str]:
    """A line a change, what goes away first, in columns as wide as they must be, below an empty one; none for none."""
    if not changes:
        return
    yield ""
    rows = [_HEAD, *(_row(each) for each in sorted(changes, key=_turn))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def summary(changes: Sequence[Change]) -> str:
    """`150 to add, 3 to modify`; a change set can be of outputs alone."""
    counted = Counter(each.action for each in changes)
    told = (f"{number} to {action.lower()}" for action, number in counted.most_common())
    return ", ".join(told) or "no resource, at most outputs"


def loses_data(changes: Sequence[Change]) -> list[str]:
    """The logical ids of what would go away with all that is in it."""
    return sorted(each.logical_id for each in changes if each.type in _KEEPS_DATA and not each.is_kept and _goes(each))


def _goes(change: Change) -> bool:
    return change.action == "Remove" or change.replacement in ("True", "Conditional")


def _row(change: Change) -> tuple[str, ...]:
    replacement = change.replacement if change.action == "Modify" else "-"
    properties = ", ".join(change.properties) if change.action == "Modify" else ""
    return change.action, change.logical_id, change.type, replacement or "-", properties


def _turn(change: Change) -> tuple[int, str, str]:
    actions = ("Remove", "Modify")
    turn = actions.index(change.action) if change.action in actions else len(actions)
    return turn, change.type, change.logical_id
