"""A small stack, archives without uv, and moto as a second AWS: a real HTTP server in this process."""

import io
import logging
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3
from moto.server import ThreadedMotoServer

from bootstrap.package import Archive, Artifacts
from bootstrap.resources import Function, Layer, Stack
from bootstrap.shop import SHOP

ROOT = Path(__file__).parents[3]


def _archive(content: str) -> Archive:
    """A zip that holds one file with `content`, whose digest is the content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(zipfile.ZipInfo("handler.py"), content)
    return Archive(content, buffer.getvalue())


def _artifacts(stack: Stack, content: str = "first") -> Artifacts:
    return Artifacts(
        functions={each.name: _archive(content) for each in stack.of(Function)},
        layers={each.name: _archive(content) for each in stack.of(Layer)},
    )


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shop() -> Stack:
    return SHOP


@pytest.fixture(scope="session")
def artifacts() -> Callable[..., Artifacts]:
    """Artifacts of a stack whose every archive holds this content: `artifacts(stack, "first")`."""
    return _artifacts


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The endpoint of a moto server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def empty(moto: str) -> None:
    """The account has nothing in it when the test begins."""
    with urllib3.PoolManager() as http:
        http.request("POST", f"{moto}/moto-api/reset")
