"""cfn-lint on the committed template, as `cfn-lint template.yaml` runs it: warnings count, no rule is turned off."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


@pytest.mark.slow
def test_template_is_clean() -> None:
    """Ten seconds of processor time."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "template.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_template_turns_no_rule_off() -> None:
    assert "cfn-lint" not in (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert not [*ROOT.glob(".cfnlintrc*")]
