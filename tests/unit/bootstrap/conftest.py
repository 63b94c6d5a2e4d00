"""A small stack, archives without uv, moto as a second AWS, the shop's API: real HTTP servers in this process."""

import io
import json
import logging
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3
from moto.awslambda.models import LambdaFunction
from moto.dynamodb.models.table import Table as MotoTable
from moto.iam.models import IAMBackend
from moto.server import ThreadedMotoServer

from bootstrap.clients import Clients
from bootstrap.context import Context
from bootstrap.deploy import deploy
from bootstrap.package import Archive, Artifacts
from bootstrap.references import Place
from bootstrap.resources import Function, Layer, LogGroup, Queue, Stack, Table
from bootstrap.shop import SHOP
from tests.unit.bootstrap.shop_api import ShopApi

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


def _let_streams_be_turned_on_again(patch: pytest.MonkeyPatch) -> None:
    """Moto refuses a stream where there was one before."""
    specify = MotoTable.set_stream_specification

    def specified(table: Any, stream: dict[str, Any] | None) -> None:
        specify(table, stream)
        if not table.stream_specification["StreamEnabled"]:
            table.latest_stream_label = None

    patch.setattr(MotoTable, "set_stream_specification", specified)


def _let_roles_be_read_while_others_are_made(patch: pytest.MonkeyPatch) -> None:
    """Moto goes through its roles as they are, which fails where another thread adds one meanwhile."""
    patch.setattr(IAMBackend, "get_roles", lambda backend: list(backend.roles.values()))


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The endpoint of a moto server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    patch = pytest.MonkeyPatch()
    _keep_dead_letter_configs(patch)
    _let_streams_be_turned_on_again(patch)
    _let_roles_be_read_while_others_are_made(patch)
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


@pytest.fixture(scope="session")
def clients(moto: str) -> Clients:
    return Clients(moto, Place(account="123456789012"))


@pytest.fixture(scope="session")
def data(shop: Stack) -> Stack:
    """What of the shop holds data."""
    return Stack("data", tuple(each for each in shop.resources if isinstance(each, Table | Queue | LogGroup)))


@pytest.fixture
def tables(empty: None, data: Stack, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Context.wait_until, "__kwdefaults__", {"timeout_s": 0.5, "every_s": 0.01})
    deploy(clients, data, Artifacts({}, {}))


@pytest.fixture
def api(tables: None, clients: Clients) -> Iterator[ShopApi]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(answering.answer(self.path, body))
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"a\nb\nc")

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answering = ShopApi(f"http://127.0.0.1:{server.server_port}/dev", clients)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield answering
        server.shutdown()
        thread.join()


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A repository that has the files of GOOD."""
    for file in ("worker/handler.py", "common/__init__.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    return tmp_path
