"""Answers; at ``…/log`` it prints a line too."""

from typing import Any


def handler(event: Any, context: Any) -> dict[str, Any]:
    if event["path"].endswith("/log"):
        print("ping")  # noqa: T201
    return {"statusCode": 200, "body": "pong"}
