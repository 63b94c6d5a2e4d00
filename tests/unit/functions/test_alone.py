"""Each service starts and passes its unit tests in a tree that holds no other service.

What a test of one service imports of another would fail here: so removing a folder breaks no other's tests either.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FUNCTIONS = ROOT / "functions"
TESTS = Path(__file__).parent
SERVICES = sorted(each.parent.name for each in FUNCTIONS.glob("*/handler.py"))

# Whether the properties hold is tested elsewhere; here it matters that the code can be reached.
_FEW_EXAMPLES = """
from hypothesis import settings

settings.register_profile("few", max_examples=5, deadline=None, database=None)
settings.load_profile("few")
"""
_HANDLER_TEST = """
import importlib
from importlib.util import find_spec

def test_handler_can_be_imported_and_no_other_service():
    assert callable(importlib.import_module("{service}.handler").handler)
    assert [each for each in {others} if find_spec(each)] == []
"""


def alone(service: str, tree: Path) -> None:
    """Make `tree` a checkout that has this service only."""
    shared = {*ROOT.glob("tests/*.py"), *TESTS.glob("*.py"), ROOT / "pyproject.toml"}
    left_out = {Path(__file__), ROOT / "tests" / "conftest.py"}  # this one starts LocalStack
    for folder in ("functions/common", f"functions/{service}", f"tests/unit/functions/{service}"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in shared - left_out:
        target = tree / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    (tree / "conftest.py").write_text(_FEW_EXAMPLES)
    others = [each for each in SERVICES if each != service]
    handler_test = tree / "tests" / "unit" / "functions" / service / "test_handler_alone.py"
    handler_test.write_text(_HANDLER_TEST.format(service=service, others=others))


@pytest.mark.slow  # a pytest for each: a minute of processor time
@pytest.mark.timeout(300)
@pytest.mark.parametrize("service", SERVICES)
def test_service_passes_its_tests_alone(service: str, tmp_path: Path) -> None:
    assert list((TESTS / service).glob("test_*.py")), f"tests/unit/functions/{service} has no tests"
    alone(service, tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "pytest_timeout", "tests"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # those that these tests do without cost a second each time
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
