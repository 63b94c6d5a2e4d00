"""botocore's service models, read once a process.

LocalStack makes a dozen botocore sessions, and each reads and parses the same files again: a second of its start, and
tens of megabytes.
"""

from typing import Any

from botocore.loaders import JSONFileLoader


def use() -> None:
    """Let all sessions that are made from now on share what one of them read.

    botocore changes a model once, when it adds the service's extras, which comes to the same when done again;
    LocalStack patches copies.
    """
    read: dict[str, Any] = {}
    original = JSONFileLoader.load_file

    def load_file(loader: JSONFileLoader, file_path: str) -> Any:
        if file_path not in read:
            content = original(loader, file_path)
            if content is None:
                return None
            read[file_path] = content
        return read[file_path]

    JSONFileLoader.load_file = load_file  # type: ignore[method-assign, assignment]
