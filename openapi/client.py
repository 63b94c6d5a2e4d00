"""shop_client/: the typed Python client, written by openapi-python-client from the description.

https://github.com/openapi-generators/openapi-python-client
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from bootstrap.shop_uploads import MEDIA_TYPES
from openapi.errors import ClientError

_CONFIG = {
    "package_name_override": "shop_client",
    "content_type_overrides": dict.fromkeys(MEDIA_TYPES, "application/octet-stream"),
    # With ruff's own defaults, not with the checkout's: the result must not depend on where it is written.
    "post_hooks": ["ruff check . --isolated --fix-only --quiet --extend-select=I", "ruff format . --isolated --quiet"],
}


def generate(description: Path, folder: Path) -> None:
    """Write the client of `description` into `folder`, in place of what it holds.

    Raises:
        ClientError: the generator did not take all of the description; says what.
    """
    scripts = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as work:
        config = Path(work, "config.yaml")
        config.write_text(yaml.safe_dump(_CONFIG))
        command: list[Any] = [scripts / "openapi-python-client", "generate", "--meta=none", "--overwrite"]
        command += ["--fail-on-warning", f"--path={description}", f"--config={config}", f"--output-path={folder}"]
        environment = {"PATH": f"{scripts}:/usr/bin:/bin", "RUFF_NO_CACHE": "true"}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ClientError(f"openapi-python-client does not take {description.name}:\n{result.stdout}{result.stderr}")
    (folder / "py.typed").touch()
