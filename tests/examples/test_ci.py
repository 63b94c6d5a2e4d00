"""The pipelines under examples/ci: the workflows say what the script says, and test_pipeline.py runs the script."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.paths import ROOT

CI = ROOT / "examples" / "ci"
JOBS = ("tests", "load")


def script(function: str) -> list[str]:
    """The commands of one of the script's functions."""
    bodies = dict(re.findall(r"^(\w+)\(\) \{\n(.*?)^\}$", (CI / "ci.sh").read_text(), re.M | re.S))
    return _lines(bodies[function])


def exported() -> set[str]:
    return set(re.findall(r"^export (\w+)=", (CI / "ci.sh").read_text(), re.M))


def github() -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load((CI / "github-actions.yml").read_text())
    return workflow


def github_steps(job: str) -> list[dict[str, Any]]:
    """What one of the matrix's jobs does, in order."""
    steps: list[dict[str, Any]] = github()["jobs"]["loadstack"]["steps"]
    others = {f"matrix.job == '{other}'" for other in JOBS if other != job}
    return [step for step in steps if step.get("if") not in others]


def gitlab() -> dict[str, Any]:
    pipeline: dict[str, Any] = yaml.safe_load((CI / "gitlab-ci.yml").read_text())
    return pipeline


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("job", JOBS)
def test_github_workflow_runs_the_commands_of_the_script(job: str) -> None:
    commands = [line for step in github_steps(job) for line in _lines(step.get("run", ""))]
    assert commands == [*script("install"), *script(job), *script("down")]
    assert exported() - set(github()["env"]) == {"LOADSTACK_REPOSITORY", "LOADSTACK_REF"}  # told to actions/checkout


@pytest.mark.parametrize("job", JOBS)
def test_gitlab_job_runs_the_commands_of_the_script(job: str) -> None:
    shared, own = gitlab()[".loadstack"], gitlab()[job]
    assert own["extends"] == ".loadstack"
    before = [command for command in shared["before_script"] if not command.startswith("apt-get ")]
    assert before == [*script("fetch"), *script("install")]
    assert own["script"] == script(job)
    assert shared["after_script"] == script("down")
    assert set(gitlab()["variables"]) == exported()


@pytest.mark.parametrize("job", JOBS)
def test_what_runs_is_ended_and_artefacts_are_kept_also_after_a_failure(job: str) -> None:
    *_, down, upload = github_steps(job)
    assert (down["if"], upload["if"]) == ("always()", "always()")
    assert gitlab()[job]["artifacts"]["when"] == "always"


def test_versions_are_the_same_everywhere() -> None:
    variables = gitlab()["variables"]
    assert f'export LOADSTACK_REF="${{LOADSTACK_REF:-{variables["LOADSTACK_REF"]}}}"' in (CI / "ci.sh").read_text()
    told = {name: value for step in github_steps("load") for name, value in step.get("with", {}).items()}
    assert told["ref"] == variables["LOADSTACK_REF"]
    python = (ROOT / ".python-version").read_text().strip()
    assert told["python-version"] == python
    assert gitlab()[".loadstack"]["image"].startswith(f"python:{python}-")


def test_cache_of_github_follows_what_is_installed() -> None:
    (key,) = [step["with"]["key"] for step in github_steps("load") if "actions/cache@" in step.get("uses", "")]
    patterns = re.findall(r"'loadstack/([^']+)'", key)
    assert {name for pattern in patterns for name in map(str, ROOT.glob(pattern))} >= {
        str(ROOT / "requirements" / f"{lock}.txt") for lock in ("uv", "sandbox", "runtime", "java")
    } | {str(ROOT / "sandbox" / "dynamodb_local.py")}


def test_pipelines_need_neither_docker_nor_a_secret() -> None:
    for file in CI.iterdir():
        text = file.read_text()
        assert not re.search(r"secrets\.|_TOKEN|_KEY\b|services:|privileged:|docker (run|compose|build)", text), file


def run_script(folder: Path, **settings: str) -> tuple[int, str]:
    shutil.copy(CI / "ci.sh", folder)
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LOADSTACK_")}
    done = subprocess.run(["./ci.sh"], cwd=folder, env=ours | settings, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stderr


def test_script_says_that_no_repository_is_set(tmp_path: Path) -> None:
    code, said = run_script(tmp_path)
    assert code == 2
    assert re.fullmatch(r"error: set LOADSTACK_REPOSITORY .*\n", said)


@pytest.mark.parametrize("kept", [False, True])
def test_script_leaves_no_half_of_a_fetch_and_what_was_installed(tmp_path: Path, kept: bool) -> None:
    if kept:
        (tmp_path / "loadstack" / ".loadstack").mkdir(parents=True)
    code, said = run_script(tmp_path, LOADSTACK_REPOSITORY=(tmp_path / "nowhere").as_uri())
    assert code == 2
    assert said.splitlines()[-1].startswith("error: Loadstack was not fetched: ")
    assert [str(each.relative_to(tmp_path)) for each in tmp_path.rglob("loadstack*/**/*")] == (
        ["loadstack/.loadstack"] if kept else []
    )
    assert (tmp_path / "loadstack").exists() == kept
