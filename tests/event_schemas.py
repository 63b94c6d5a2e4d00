"""The events' schemas, as an outsider would use them: the committed files, and a validator that is not ours."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).parents[1] / "functions/common/events/schemas"


@cache
def _validator(name: str) -> Draft202012Validator:
    path = FOLDER / name
    assert path.exists(), f"{name} is missing: say what it promises in {FOLDER.name}/catalogue.py, then make schemas"
    return Draft202012Validator(json.loads(path.read_text()))


def _check(name: str, message: Any) -> None:
    wrong = [f"{error.json_path}: {error.message}" for error in _validator(name).iter_errors(message)]
    assert not wrong, f"{name}: {'; '.join(wrong)}"


def check_event(kind: str, detail: Any) -> None:
    """Fail unless `detail`, as it goes over the bus, is what its detail-type promises in its version."""
    _check(f"{kind}.v{detail['metadata']['version']}.json", detail)


def check_announcement(message: Any) -> None:
    """Fail unless `message`, as it goes over the topic, is what `order-events` promises in its version."""
    _check(f"OrderAnnouncement.v{message['version']}.json", message)
