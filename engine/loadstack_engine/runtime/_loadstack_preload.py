"""What a fork server imports before it forks, and whether forks are sound and right afterwards."""

import contextlib
import gc
import importlib
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import _loadstack_runtime as runtime
import _loadstack_sdk as sdk
from _loadstack_memory import FOOTPRINT, resident_kib

_POWERTOOLS = "aws_lambda_powertools"
# What functions use most of the runtime and of the usual layers; what is not there is left out.
USUAL = (
    "awslambdaric.lambda_literals",
    "boto3",
    "boto3.dynamodb.conditions",
    "boto3.dynamodb.transform",
    "boto3.s3.transfer",
    "concurrent.futures.thread",
    "decimal",
    "zoneinfo",
    _POWERTOOLS,
    f"{_POWERTOOLS}.event_handler",
    f"{_POWERTOOLS}.event_handler.openapi.params",
    f"{_POWERTOOLS}.logging.correlation_paths",
    f"{_POWERTOOLS}.metrics",
    f"{_POWERTOOLS}.tracing",
    f"{_POWERTOOLS}.utilities.batch",
    f"{_POWERTOOLS}.utilities.data_classes",
    f"{_POWERTOOLS}.utilities.data_classes.api_gateway_authorizer_event",
    f"{_POWERTOOLS}.utilities.data_classes.sqs_event",
    f"{_POWERTOOLS}.utilities.idempotency",
    f"{_POWERTOOLS}.utilities.parameters",
    f"{_POWERTOOLS}.utilities.parser",
    f"{_POWERTOOLS}.utilities.parser.models",
    f"{_POWERTOOLS}.utilities.typing",
    "pydantic",
)


@dataclass(frozen=True)
class Preloaded:
    """What became of an import.

    Attributes:
        fit: whether forks are sound: nothing that was imported started a thread, which a fork would lose, or opened a
            file or a socket, which all forks would share, or looked at all environment variables.
        variables: the environment variables that were read meanwhile, with their values: a function to which another
            value belongs must not fork from here.
        names: the top-level modules that are loaded, but for those that any function process loads.
        import_ms: how long it took.
    """

    fit: bool
    variables: dict[str, str | None]
    names: list[str]
    import_ms: float


class _RecordingEnvironment(type(os.environ)):  # type: ignore[misc]
    """``os.environ`` while it has this class: it remembers which variables are read."""

    read: set[str]
    whole: bool

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        value: str = super().__getitem__(name)
        return value

    def __iter__(self) -> Iterator[str]:
        type(self).whole = True
        return super().__iter__()


def preload(names: Sequence[str], warm: bool = False) -> Preloaded:
    """Import what can be imported; ``warm``: also load the SDK's models of the usual services."""
    files, started = _open_descriptors(), time.monotonic()
    with _recorded_reads() as recorder:
        for name in names:
            _import(name, shared=warm)
    import_ms = (time.monotonic() - started) * 1000
    before_models = resident_kib()
    if warm:
        sdk.warm()
    runtime.remember_libraries()
    gc.collect()
    gc.freeze()  # keeps the collector from touching, and so copying, the pages shared with the children
    FOOTPRINT.rest(resident_kib() - before_models)
    fit = not recorder.whole and threading.active_count() == 1 and _open_descriptors() == files
    loaded = {name.partition(".")[0] for name in sys.modules.keys() - runtime.BARE}
    return Preloaded(fit, {name: os.environ.get(name) for name in recorder.read}, sorted(loaded), import_ms)


def _import(name: str, *, shared: bool) -> None:
    before = resident_kib()
    # A library that fails outside its application's order of imports is imported by the application then.
    with contextlib.suppress(Exception):
        importlib.import_module(name)
    if shared:  # what a version's own fork server imports is the function's
        FOOTPRINT.imported(name, resident_kib() - before)


@contextlib.contextmanager
def _recorded_reads() -> Iterator[type[_RecordingEnvironment]]:
    original = type(os.environ)
    _RecordingEnvironment.read, _RecordingEnvironment.whole = set(), False
    os.environ.__class__ = _RecordingEnvironment
    try:
        yield _RecordingEnvironment
    finally:
        os.environ.__class__ = original


def _open_descriptors() -> set[str]:
    return {each.name for each in Path("/dev/fd").iterdir()}
