"""examples/ci/ci.sh, run for real in a project of somebody else's: examples/thermometers, with its own tests."""

import json
import os
import re
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from junitparser import JUnitXml

from sandbox import processes
from sandbox.paths import ROOT
from tests.conftest import free_port
from tests.guide import copy_checkout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("pipeline")]

_MARK = "LOADSTACK_PIPELINE"
_AUTHOR = ("-c", "user.name=Tests", "-c", "user.email=tests@example.com")


@dataclass(frozen=True)
class Project:
    """A folder with the script in it; ``version`` is the repository of Loadstack that it fetches."""

    folder: Path
    version: Path
    run_id: str

    def start(self, *jobs: str, **settings: str) -> subprocess.Popen[str]:
        ours = ("ENGINE", "ENDPOINT", "PORT", "PYTHONPATH")
        environment = {name: value for name, value in os.environ.items() if name not in ours}
        source = {"LOADSTACK_REPOSITORY": self.version.as_uri(), "LOADSTACK_REF": "main", _MARK: self.run_id}
        return subprocess.Popen(
            ["./ci.sh", *jobs],
            cwd=self.folder,
            env={**environment, **source, "PORT": str(free_port()), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *jobs: str, **settings: str) -> tuple[int, str]:
        """Its exit code and what it said."""
        process = self.start(*jobs, **settings)
        said, _ = process.communicate()
        return process.returncode, said

    def rules(self, *rules: str) -> str:
        """A file of SLOs of its own: what is lost is judged here; latency is not, beside other tests."""
        file = self.folder / "slo.toml"
        file.write_text(f"[order]\nrules = {json.dumps(rules)}\n")
        return str(file)

    def running(self) -> list[psutil.Process]:
        return processes.of_instance(self.run_id, mark=_MARK)

    def reports(self, pattern: str) -> list[Path]:
        return sorted((self.folder / "reports").glob(pattern))


@dataclass(frozen=True)
class Passed:
    """What the first run of the whole pipeline said, and its reports."""

    said: str
    reports: Path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    version, folder = tmp_path_factory.mktemp("version").resolve(), tmp_path_factory.mktemp("project").resolve()
    copy_checkout(version)
    for command in (("init", "-q", "-b", "main"), ("add", "--all"), (*_AUTHOR, "commit", "-q", "-m", "A version")):
        subprocess.run(["git", *command], cwd=version, check=True)
    shutil.copytree(ROOT / "examples" / "thermometers", folder, dirs_exist_ok=True)
    shutil.copy(ROOT / "examples" / "ci" / "ci.sh", folder)
    project = Project(folder, version, uuid.uuid4().hex)
    try:
        yield project
    finally:
        processes.kill(project.run_id, mark=_MARK)
        shutil.rmtree(folder / "loadstack", ignore_errors=True)  # half a gigabyte


@pytest.fixture(scope="module")
def passed(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Passed:
    """Everything had to be installed."""
    rules = project.rules("orders.accepted > 0", "orders.lost == 0")
    code, said = project.run(RATE="2", DURATION="5", SLO=rules)
    assert code == 0, said
    assert "Installing" in said
    # Away from where each test's are removed at its end, whichever asks for this first.
    return Passed(said, Path(shutil.move(project.folder / "reports", tmp_path_factory.mktemp("passed") / "reports")))


@pytest.fixture(autouse=True)
def nothing_is_left(project: Project) -> Iterator[None]:
    yield
    assert project.running() == []
    shutil.rmtree(project.folder / "reports", ignore_errors=True)


def test_project_that_holds_passes_both_jobs(project: Project, passed: Passed) -> None:
    tests = JUnitXml.fromfile(str(passed.reports / "tests.xml"))
    assert (tests.tests, tests.failures, tests.errors, tests.skipped) == (4, 0, 0, 0)
    (verdict,) = passed.reports.glob("load/*-order/junit.xml")
    judged = JUnitXml.fromfile(str(verdict))
    assert (judged.tests, judged.failures) == (3, 0)
    assert verdict.with_name("index.html").stat().st_size > 100_000
    pip = [project.folder / ".venv" / "bin" / "python", "-m", "pip", "list", "--format=freeze"]
    assert not re.search("localstack|locust", subprocess.check_output(pip, text=True))


@pytest.mark.usefixtures("passed")
def test_slo_that_does_not_hold_fails_the_job_and_leaves_its_artefacts(project: Project) -> None:
    rules = project.rules("orders.lost == 0", "async.order.p95_ms < 0.001")
    code, said = project.run("load", RATE="2", DURATION="3", SLO=rules)
    assert code == 1, said
    assert "Installing" not in said  # an earlier run's folder was kept
    (verdict,) = project.reports("load/*-order/junit.xml")
    judged = JUnitXml.fromfile(str(verdict))
    assert (judged.tests, judged.failures) == (3, 1)
    assert {file.name for file in verdict.parent.iterdir()} >= {"index.html", "summary.json", "orders.csv"}
    assert (project.folder / "loadstack" / ".loadstack" / "run" / "engine.log").exists()


def test_test_that_fails_fails_the_job_and_leaves_its_artefact(project: Project) -> None:
    broken = project.folder / "tests" / "test_broken.py"
    broken.write_text("def test_broken():\n    assert 1 == 2\n")
    try:
        code, said = project.run("tests", PYTEST_ADDOPTS="-k broken")
    finally:
        broken.unlink()
    assert code == 1, said
    judged = JUnitXml.fromfile(str(project.folder / "reports" / "tests.xml"))
    assert (judged.tests, judged.failures) == (1, 1)


@pytest.mark.parametrize(("job", "rate"), [("load", "fast"), ("laod", "2")])
def test_wrong_setting_is_told_apart_from_an_slo(project: Project, job: str, rate: str) -> None:
    code, said = project.run(job, RATE=rate)
    assert code == 2, said
    assert "fast" in said or "laod" in said


def test_cancelled_pipeline_leaves_nothing_running(project: Project) -> None:
    process = project.start("load", RATE="2", DURATION="600")
    assert process.stdout is not None
    assert any("in flight" in line for line in iter(process.stdout.readline, ""))
    assert project.running()
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate()
    assert process.returncode == 143
