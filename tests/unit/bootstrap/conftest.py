"""A small stack, archives without uv, and moto as a second AWS: a real HTTP server in this process."""

import io
import logging
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from moto.awslambda.models import LambdaFunction
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


def _keep_dead_letter_configs(patch: pytest.MonkeyPatch) -> None:
    """Moto takes a function's DeadLetterConfig and forgets it; AWS shows it, where there is one."""
    create, update, describe = (
        LambdaFunction.__init__,
        LambdaFunction.update_configuration,
        LambdaFunction.get_configuration,
    )

    def keep(function: Any, settings: dict[str, Any]) -> None:
        function.dead_letters = settings.get("DeadLetterConfig", getattr(function, "dead_letters", {}))

    def created(function: Any, account_id: str, spec: dict[str, Any], *rest: Any, **named: Any) -> None:
        keep(function, spec)
        create(function, account_id, spec, *rest, **named)

    def updated(function: Any, settings: dict[str, Any]) -> Any:
        keep(function, settings)
        return update(function, settings)

    def described(function: Any, on_create: bool = False) -> Any:
        shown = {"DeadLetterConfig": function.dead_letters} if function.dead_letters.get("TargetArn") else {}
        return describe(function, on_create) | shown

    patch.setattr(LambdaFunction, "__init__", created)
    patch.setattr(LambdaFunction, "update_configuration", updated)
    patch.setattr(LambdaFunction, "get_configuration", described)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The endpoint of a moto server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    patch = pytest.MonkeyPatch()
    _keep_dead_letter_configs(patch)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    patch.undo()


@pytest.fixture
def empty(moto: str) -> None:
    """The account has nothing in it when the test begins."""
    with urllib3.PoolManager() as http:
        http.request("POST", f"{moto}/moto-api/reset")
