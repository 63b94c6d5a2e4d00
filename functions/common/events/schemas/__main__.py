"""`make schemas`: write the schemas of the current versions. Those of older versions stay as they are."""

import json
import sys

from common.events.schemas.catalogue import FOLDER, MissingPromiseError, catalogue
from common.events.schemas.compatibility import breaking_changes


def main() -> int:
    """Write what changed; exit code 1, and nothing written, where a change needs a new version first."""
    try:
        schemas = catalogue()
    except MissingPromiseError as error:
        return _refuse([str(error)])
    refused = [line for name in schemas for line in differences(name, schemas[name])]
    if refused:
        return _refuse(refused)
    for name, schema in schemas.items():
        text = json.dumps(schema, indent=2) + "\n"
        path = FOLDER / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            sys.stdout.write(f"{name}: written\n")
    return 0


def differences(name: str, schema: dict[str, object]) -> list[str]:
    """How `schema` breaks the committed one of the same name; a line a breaking change."""
    path = FOLDER / name
    if not path.exists():
        return []
    hint = "this breaks others: raise `version` in the model, so that it becomes a schema of its own"
    return [f"{name}: {change}; {hint}" for change in breaking_changes(json.loads(path.read_text()), schema)]


def _refuse(lines: list[str]) -> int:
    sys.stderr.write("".join(f"error: {line}\n" for line in lines))
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
