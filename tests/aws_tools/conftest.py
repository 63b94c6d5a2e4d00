"""AWS's own command line tools, from the environment that ``make test-slow`` installs, against a real engine."""

import json
import os
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT

ROLE = "arn:aws:iam::000000000000:role/test"
_TOOL_LIMIT_S = 300


@dataclass(frozen=True)
class Tools:
    """The tools as a user has them: on the path, with a region and any credentials, in ``folder``."""

    folder: Path
    endpoint: str

    def run(self, *command: str, **variables: str) -> str:
        """What the command says on its standard output; its standard error is the failure's message."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self._environment(), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TOOL_LIMIT_S,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def aws(self, *arguments: str) -> str:
        return self.run("aws", "--endpoint-url", self.endpoint, *arguments)

    def aws_json(self, *arguments: str) -> Any:
        """The answer; None where there is none."""
        said = self.aws(*arguments, "--output", "json")
        return json.loads(said) if said.strip() else None

    def samlocal(self, *arguments: str) -> str:
        return self.run("samlocal", *arguments, AWS_ENDPOINT_URL=self.endpoint)

    def _environment(self) -> dict[str, str]:
        """The user's own, for the proxy and the index of packages; nothing of AWS's: no account is ever reached."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
        return {
            **own,
            "PATH": f"{DEVELOPMENT.tools}{os.pathsep}{os.environ['PATH']}",
            "AWS_CONFIG_FILE": str(self.folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "no-credentials"),
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "us-east-1",
            "SAM_CLI_TELEMETRY": "0",
            "__SAM_CLI_APP_DIR": str(self.folder / "sam"),
        }


@pytest.fixture
def tools(engine: HostEngine, tmp_path: Path) -> Tools:
    assert (DEVELOPMENT.tools / "aws").exists(), "the tools are not installed: make test-slow does it"
    return Tools(tmp_path, engine.endpoint)


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def function(tools: Tools, name: str) -> Callable[[str], str]:
    """Deploy a function with the source of its module by ``aws``; returns its ARN once it is active."""

    def create(source: str) -> str:
        (tools.folder / "app.py").write_text(source)
        tools.run("python", "-m", "zipfile", "-c", "app.zip", "app.py")
        made = tools.aws_json(
            *("lambda", "create-function", "--function-name", name, "--runtime", "python3.13", "--role", ROLE),
            *("--handler", "app.handler", "--zip-file", "fileb://app.zip"),
        )
        tools.aws("lambda", "wait", "function-active-v2", "--function-name", name)
        arn: str = made["FunctionArn"]
        return arn

    return create
