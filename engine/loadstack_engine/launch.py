"""What a function version needs on disk and in its environment before a process of it can start."""

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InitializationType

from loadstack_engine import debugging, dynamodb_local, hot_reload
from loadstack_engine.fork_servers import RUNTIME
from loadstack_engine.function_process import Launch
from loadstack_engine.settings import SETTINGS

# What LocalStack's own init in the container needs, and a function never sees on AWS.
_INTERNAL_VARIABLES = frozenset(
    {"LOCALSTACK_RUNTIME_ID", "LOCALSTACK_RUNTIME_ENDPOINT", "LOCALSTACK_FUNCTION_ACCOUNT_ID"}
)
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_AWS_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/bin"


def prepare(version: FunctionVersion) -> None:
    """Unpack the code and the layers, once for each archive; raises what the archive raises."""
    version.config.code.prepare_for_execution()
    for layer in version.config.layers:
        if layer.code is not None:
            layer.code.prepare_for_execution()


def create(version: FunctionVersion, variables: dict[str, object], temporary: Path) -> Launch:
    """The launch of one process: ``variables`` as LocalStack computes them, ``temporary`` for ``tempfile``."""
    code = version.config.code.get_unzipped_code_location()
    environment = {
        "PATH": _AWS_PATH,
        "LANG": "en_US.UTF-8",
        "TMPDIR": str(temporary),
        "PYTHONPATH": os.pathsep.join(str(path) for path in _layer_paths(version)),
        "LOADSTACK_INSTANCE": SETTINGS.instance,
        **({"LOADSTACK_TMP": str(temporary)} if _own_tmp_works() else {}),
        **({"LOADSTACK_KEEP_NO_BYTECODE": "1"} if hot_reload.is_used(version) else {}),
        **({} if SETTINGS.sdk else {"LOADSTACK_SDK": "0"}),
        **({} if SETTINGS.usage else {"LOADSTACK_USAGE": "0"}),
        **({} if SETTINGS.iam else {"LOADSTACK_IAM": "0"}),
        **({"AWS_ENDPOINT_URL_DYNAMODB": dynamodb} if (dynamodb := dynamodb_local.direct_endpoint()) else {}),
        **{name: str(value) for name, value in variables.items() if name not in _INTERNAL_VARIABLES},
        **debugging.variables(version),
        "LAMBDA_TASK_ROOT": str(code),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{version.config.runtime}",
    }
    held = SETTINGS.memory_limit and debugging.setting_of(version) is None  # the debugger takes some
    memory_mb = version.config.memory_size if held else None
    return Launch(SETTINGS.runtime_python, code, environment, memory_mb)


@cache
def _own_tmp_works() -> bool:
    """Whether processes can have a ``/tmp`` of their own here: tried once, in 50 ms."""
    if not SETTINGS.own_tmp or sys.platform != "linux":
        return False
    attempt = [SETTINGS.runtime_python, str(RUNTIME / "_loadstack_tmp.py")]
    return subprocess.run(attempt, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def expected(version: FunctionVersion) -> Launch:
    """As far as it is known before LocalStack computes the variables of an environment."""
    variables = {
        "TZ": ":UTC",
        "AWS_LAMBDA_INITIALIZATION_TYPE": InitializationType.on_demand,
        **(version.config.environment or {}),
    }
    return create(version, variables, Path(tempfile.gettempdir()))


def aws_paths(version: FunctionVersion) -> dict[bytes, bytes]:
    """Where the code and the layers lie here, and where they lie on AWS: for stack traces as AWS shows them."""
    paths = {str(version.config.code.get_unzipped_code_location()).encode(): b"/var/task"}
    for layer in _layer_roots(version):
        paths[str(layer).encode()] = b"/opt"
    return paths


def _layer_roots(version: FunctionVersion) -> list[Path]:
    return [layer.code.get_unzipped_code_location() for layer in version.config.layers if layer.code is not None]


def _layer_paths(version: FunctionVersion) -> list[Path]:
    """The folders on the import path, the last layer's first: on AWS a later layer overwrites an earlier one."""
    paths = []
    for root in reversed(_layer_roots(version)):
        paths += [root / "python" / "lib" / str(version.config.runtime) / "site-packages", root / "python"]
    return paths
