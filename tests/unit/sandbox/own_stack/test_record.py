"""The checkout knows what its sandbox runs, for as long as that runs."""

from pathlib import Path

import pytest

from sandbox import preflight
from sandbox.errors import UsageError
from sandbox.own_stack import record
from sandbox.own_stack.record import OwnStack
from sandbox.own_stack.up import stack_name

OWN = OwnStack("notes/template.yaml", "notes", {"Stage": "dev"}, "abc")


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert record.read(tmp_path) is None
    record.write(tmp_path, OWN)
    assert record.read(tmp_path) == OWN
    (tmp_path / preflight.OWN_STACK).write_text("{")
    assert record.read(tmp_path) is None


def test_it_ends_with_the_engine(tmp_path: Path) -> None:
    record.write(tmp_path, OWN)
    preflight.record(tmp_path, preflight.Record(4566))
    assert record.read(tmp_path) is None, "another engine started"
    record.write(tmp_path, OWN)
    preflight.forget(tmp_path)
    assert record.read(tmp_path) is None, "the engine was stopped"


def test_the_shops_commands_say_that_this_is_another_stack(tmp_path: Path) -> None:
    record.require_shop(tmp_path, {})
    record.write(tmp_path, OWN)
    with pytest.raises(UsageError, match=r"runs the stack of notes/template\.yaml, not the shop: make down"):
        record.require_shop(tmp_path, {})
    record.require_shop(tmp_path, {"ENDPOINT": "http://127.0.0.1:1"})


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("some/notes_api/template.yaml", "notes-api"),
        ("cdk.out/Counting.template.json", "Counting"),
        ("3 things.yaml", "stack-3-things"),
        ("ü.yaml", "stack"),
        (f"{'a' * 90}.yaml", "a" * 64),
    ],
)
def test_a_stack_is_named_after_its_file_or_folder(path: str, name: str) -> None:
    assert stack_name(Path(path)) == name
