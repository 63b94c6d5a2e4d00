"""Each service starts and passes its unit tests in a tree that holds no other service.

What a test of one service imports of another would fail here: so removing a folder breaks no other's tests either.
"""

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

settings.register_profile("few", max_examples=5, database=None)
settings.load_profile("few")
"""
_HANDLER_TEST = """
import importlib

def test_handler_can_be_imported():
    assert callable(importlib.import_module("{service}.handler").handler)
"""


def alone(service: str, tree: Path) -> None:
    """Make `tree` a checkout that has this service only, or none for `common`."""
    folders = ["functions/common", f"functions/{service}", f"tests/unit/functions/{service}"]
    shared = [*ROOT.glob("tests/*.py"), *TESTS.glob("*.py"), ROOT / "pyproject.toml"]
    left_out = {Path(__file__), ROOT / "tests" / "conftest.py"}  # this one starts LocalStack
    for folder in dict.fromkeys(folders):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in set(shared) - left_out:
        target = tree / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    (tree / "conftest.py").write_text(_FEW_EXAMPLES)
    if service != "common":
        tests = tree / "tests" / "unit" / "functions" / service
        (tests / "test_handler_alone.py").write_text(_HANDLER_TEST.format(service=service))


def run_tests(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("service", ["common", *SERVICES])
def test_service_passes_its_tests_alone(service: str, tmp_path: Path) -> None:
    assert list((TESTS / service).glob("test_*.py")), f"tests/unit/functions/{service} has no tests"
    alone(service, tmp_path)
    result = run_tests(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_test_that_needs_another_service_fails(tmp_path: Path) -> None:
    """The trees above really lack the others."""
    alone("common", tmp_path)
    (tmp_path / "tests" / "test_neighbour.py").write_text(f"def test_neighbour():\n    import {SERVICES[0]}.handler\n")
    result = run_tests(tmp_path)
    assert result.returncode == 1
    assert f"No module named '{SERVICES[0]}'" in result.stdout
