"""Where the sandbox of a test session comes from: command line, then environment, then ini file."""

import os
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import pytest

from pytest_loadstack.errors import LoadstackError

_MODES: tuple[Literal["worker", "shared"], ...] = ("worker", "shared")


@dataclass(frozen=True)
class Settings:
    """``endpoint`` is joined where it is given; else an engine of the checkout ``home`` is started.

    ``mode`` says which processes of pytest-xdist share an engine: "worker" none, "shared" all.
    ``endpoint_named`` and ``home_named`` say which option, variable or ini setting gave them.
    """

    endpoint: str | None
    home: str | None
    mode: Literal["worker", "shared"]
    endpoint_named: str = ""
    home_named: str = ""


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("loadstack", "Loadstack: an offline AWS")
    group.addoption("--loadstack-endpoint", metavar="URL", help="join the sandbox that runs there (LOADSTACK_ENDPOINT)")
    group.addoption("--loadstack-home", metavar="FOLDER", help="the checkout to start it from (LOADSTACK_HOME)")
    group.addoption(
        "--loadstack-sandbox", choices=_MODES, help="under pytest-xdist: a sandbox a worker (default), or one shared"
    )
    parser.addini("loadstack_endpoint", "join the sandbox that runs there")
    parser.addini("loadstack_home", "the checkout of Loadstack to start a sandbox from, relative to the ini file")
    parser.addini("loadstack_sandbox", "under pytest-xdist: 'worker' for a sandbox a worker (default), or 'shared'")


def read(config: pytest.Config) -> Settings:
    """Raises LoadstackError where a setting is wrong."""
    home, home_named = _given(config, "home")
    if home and home_named == "loadstack_home":
        home = str((config.inipath.parent if config.inipath else config.rootpath) / home)
    mode = config.getoption("--loadstack-sandbox") or config.getini("loadstack_sandbox") or "worker"
    if mode not in _MODES:
        raise LoadstackError(f"loadstack_sandbox = {mode} is unknown: use one of {', '.join(_MODES)}.")
    endpoint, endpoint_named = _given(config, "endpoint")
    return Settings(
        _checked(endpoint, endpoint_named) if endpoint else None, home or None, mode, endpoint_named, home_named
    )


def _given(config: pytest.Config, setting: str) -> tuple[str, str]:
    """A setting, and the name under which it was given; both empty where it was not."""
    option, variable, ini = f"--loadstack-{setting}", f"LOADSTACK_{setting.upper()}", f"loadstack_{setting}"
    for name, value in (
        (option, config.getoption(option)),
        (variable, os.environ.get(variable)),
        (ini, config.getini(ini)),
    ):
        if value:
            return str(value), name
    return "", ""


def _checked(endpoint: str, named: str) -> str:
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise LoadstackError(f"{named}={endpoint} is no URL of a sandbox: give e.g. http://127.0.0.1:4566.")
    return endpoint.rstrip("/")
