"""The catalogue of schemas: current, complete, and strict about what breaks others."""

import ast
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from common.events import EventType, OrderAnnouncement
from common.events.schemas import __main__ as command
from common.events.schemas import catalogue as catalogue_module
from common.events.schemas.catalogue import FOLDER, PROMISES, MissingPromiseError, catalogue, event_schema
from common.events.schemas.compatibility import breaking_changes
from tests.event_schemas import check_announcement, check_event
from tests.unit.functions.factories import ACCEPTED_AT, FakePublisher, order_event

TESTS = Path(__file__).parents[1]
SERVICES = TESTS.parents[2] / "functions"
PLACED = EventType.ORDER_PLACED
NAMES = sorted(catalogue())


@pytest.mark.parametrize("name", NAMES)
def test_committed_schema_is_that_of_the_models(name: str) -> None:
    schema = catalogue()[name]
    assert not (broken := command.differences(name, schema)), "\n".join(broken)
    assert (FOLDER / name).exists(), f"{name} is missing: make schemas writes it"
    assert json.loads((FOLDER / name).read_text()) == schema, f"{name} is out of date: make schemas writes it"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_committed_file_is_a_schema(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text()))


def test_every_type_has_a_schema() -> None:
    assert {name.partition(".v")[0] for name in NAMES} == {*map(str, EventType), "OrderAnnouncement"}


def test_type_without_a_promise_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    promises = {kind: promise for kind, promise in PROMISES.items() if kind is not PLACED}
    monkeypatch.setattr(catalogue_module, "PROMISES", promises)
    with pytest.raises(MissingPromiseError, match=r"OrderPlaced has no schema: say in schemas/catalogue\.py what it"):
        catalogue()
    assert command.main() == 1
    assert capsys.readouterr().err.startswith("error: OrderPlaced has no schema")


def test_schemas_are_not_deployed() -> None:
    """The layer leaves the folder out, so nothing that is deployed may import it."""
    modules = [path for path in SERVICES.rglob("*.py") if path.parent != FOLDER]
    assert not [path for path in modules if "events.schemas" in path.read_text()]


def test_doubles_that_check_are_the_only_ones() -> None:
    """A double of a service's own would let through what the schemas refuse."""
    checking = {"publish": "FakePublisher", "announce": "FakeAnnouncer"}
    for path in sorted(TESTS.rglob("*.py")):
        for double in (each for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.ClassDef)):
            names = {double.name, *(base.id for base in double.bases if isinstance(base, ast.Name))}
            for method in (each.name for each in double.body if isinstance(each, ast.FunctionDef)):
                wanted = checking.get(method)
                assert wanted is None or wanted in names, f"{path.name}: {double.name}.{method}: make it a {wanted}"


def test_every_consumer_is_tested_with_unknown_fields() -> None:
    for consumer in sorted(SERVICES.glob("*/consumer.py")):
        service = consumer.parent.name
        tests = "".join(path.read_text() for path in (TESTS / service).glob("test_*.py"))
        # Also of stream_record_with_unknown_fields(…), for those that hear of orders by their stream.
        assert "record_with_unknown_fields(" in tests, f"{service} needs a test with events from a later version"


def test_double_refuses_what_the_schema_does() -> None:
    event = order_event()
    unpaid = event.model_copy(update={"data": event.data.model_copy(update={"payment": None})})
    with pytest.raises(AssertionError, match=r"OrderPlaced\.v1\.json: \$\.data: 'payment' is a required property"):
        FakePublisher().publish(PLACED, [unpaid])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("metadata", "stages"), {}),
        (("metadata", "stages", "accepted"), "2026-11-21 10:15"),
        (("metadata", "correlationId"), "not one"),
        (("metadata", "version"), None),
        (("data", "items"), []),
        (("data", "totalCents"), 9.99),
        (("data", "totalCents"), -1),
        (("data", "payment"), None),
        (("data", "orderId"), "x" * 65),
    ],
)
def test_wrong_event_is_refused(path: tuple[str, ...], value: Any) -> None:
    wire = json.loads(order_event().to_json())
    check_event(PLACED, wire)
    place = wire
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    schema = Draft202012Validator(json.loads((FOLDER / "OrderPlaced.v1.json").read_text()))
    assert not schema.is_valid(wire)


def test_unknown_fields_and_versions() -> None:
    wire = json.loads(order_event().to_json())
    check_event(PLACED, wire | {"later": 1})
    wire["metadata"]["version"] = 9
    with pytest.raises(AssertionError, match=r"OrderPlaced\.v9\.json is missing"):
        check_event(PLACED, wire)


def test_announcement_of_a_wrong_kind_is_refused() -> None:
    message = {
        "version": 1,
        "orderId": "o",
        "customerId": "c",
        "customerEmail": "c@example.com",
        "correlationId": "corr-1",
        "stage": "accepted",
        "status": "PENDING",
        "reason": None,
        "at": ACCEPTED_AT,
        "totalCents": 1,
        "timeline": [{"stage": "accepted", "at": ACCEPTED_AT}],
    }
    check_announcement(message)
    assert json.loads(OrderAnnouncement.model_validate(message).to_json()) == message
    with pytest.raises(AssertionError, match=r"timeline\[0\]: 'at' is a required property"):
        check_announcement(message | {"timeline": [{"stage": "accepted"}]})


def _without(*path: str) -> Callable[[Any], None]:
    def change(schema: Any) -> None:
        for name in path[:-1]:
            schema = schema[name]
        del schema[path[-1]]

    return change


def _with(value: Any, *path: str) -> Callable[[Any], None]:
    def change(schema: Any) -> None:
        for name in path[:-1]:
            schema = schema[name]
        schema[path[-1]] = value

    return change


def _unrequired(definition: str, field: str) -> Callable[[Any], None]:
    return lambda schema: schema["$defs"][definition]["required"].remove(field)


DATA = ("$defs", "OrderData", "properties")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_without(*DATA, "totalCents"), "data.totalCents is gone"),
        (_without("$defs", "Line", "properties", "quantity"), "data.items.items.quantity is gone"),
        (_unrequired("OrderData", "payment"), "data.payment is no longer always there"),
        (_with({"type": "string"}, *DATA, "totalCents"), "data.totalCents: type was 'integer' and is 'string'"),
        (_with(["accepted", "confirmed"], "$defs", "Stages", "required"), "metadata.stages.confirmed is demanded"),
        (_with("^x$", *DATA, "customerEmail", "pattern"), "data.customerEmail: pattern was not there and is '^x$'"),
        (_with({"enum": ["A"]}, *DATA, "reason"), "data.reason: "),
    ],
)
def test_breaking_change_is_told_in_one_line(change: Callable[[Any], None], line: str) -> None:
    old = event_schema(PLACED, PROMISES[PLACED])
    new = deepcopy(old)
    change(new)
    told = breaking_changes(old, new)
    assert any(each.startswith(line) for each in told), told
    assert not [each for each in told if "\n" in each]


@pytest.mark.parametrize(
    "change",
    [
        _with({"type": "string"}, *DATA, "coupon"),
        _with("Says more.", "description"),
        _with("Says more.", *DATA, "orderId", "description"),
    ],
)
def test_new_optional_field_or_description_breaks_nobody(change: Callable[[Any], None]) -> None:
    old = event_schema(PLACED, PROMISES[PLACED])
    new = deepcopy(old)
    change(new)
    assert breaking_changes(old, new) == []


def test_command_writes_what_is_missing_and_nothing_that_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    assert command.main() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES
    capsys.readouterr()
    assert command.main() == 0
    assert capsys.readouterr().out == ""

    path = tmp_path / "OrderPlaced.v1.json"
    more = json.loads(path.read_text())
    more["$defs"]["OrderData"]["properties"]["coupon"] = {"type": "string"}
    path.write_text(json.dumps(more))
    assert command.main() == 1
    error = capsys.readouterr().err
    assert error.startswith("error: OrderPlaced.v1.json: data.coupon is gone; this breaks others: raise `version`")
    assert len(error.splitlines()) == 1
    assert json.loads(path.read_text()) == more
