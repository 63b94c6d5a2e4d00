"""``make openapi``: the API's description and its client, made anew from the code of the services."""

import os
import subprocess
import sys

from sandbox.paths import ROOT


def run() -> int:
    """The generator's exit code. A command of its own: it imports the services, which the sandbox does not."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"}
    return subprocess.run([sys.executable, "-m", "openapi"], cwd=ROOT, env=environment, check=False).returncode
