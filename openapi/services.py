"""Finds the services that answer HTTP: the folders of functions/ with an `api` module."""

import importlib
import inspect
from pathlib import Path
from typing import Any

from common.http.openapi import describe
from openapi.paths import FUNCTIONS


def names(functions: Path = FUNCTIONS) -> list[str]:
    """Their names, sorted."""
    return sorted(api.parent.name for api in functions.glob("*/api.py"))


def document(service: str) -> dict[str, Any]:
    """What the resolver of one service says of its routes, tagged with the service; the service must be importable."""
    package = importlib.import_module(service)
    api = importlib.import_module(f"{service}.api")
    about = {"name": service, "description": inspect.getdoc(package) or ""}
    return {**describe(api.app, service), "tags": [about]}
