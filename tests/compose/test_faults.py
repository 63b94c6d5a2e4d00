"""LocalStack's container is killed while two load it: Locust's own master, and this project's harness."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tests.compose.conftest import Containers, docker
from tests.compose.page import LIMIT_S, swarm, told
from tests.conftest import Aws
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_killed_localstack_is_the_verdict_and_up_builds_the_stack_anew(shop: Containers, reports: Path) -> None:
    load = ["--host", shop.endpoint, "--rate", "3", "--duration", "600", "--warmup", "0", "--reports", str(reports)]
    command = [sys.executable, "-m", "loadtests", *load]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as harness:
        try:
            until(lambda: harness.poll() is not None or heard(shop, harness.pid) >= 10, LIMIT_S)
            with swarm(shop):
                docker("kill", *shop.ids("localstack"))
                output, _ = harness.communicate(timeout=LIMIT_S)
                until(lambda: told(shop)["errors"], LIMIT_S)
        finally:
            harness.kill()

    assert harness.returncode == 2, output
    assert "DIED" in output
    assert (reports / "latest" / "index.html").is_file()
    status = shop.command("status")
    assert status.returncode == 3, status.stdout + status.stderr

    shop.compose("--profile load up --detach")
    shop.bootstrapped()
    shop.order()
    with swarm(shop):
        assert not told(shop)["errors"]


def heard(shop: Containers, harness: int) -> int:
    """How many messages about its orders the harness has received: it hides them in a queue named after its process."""
    sqs = Aws(shop.endpoint)("sqs")
    for url in sqs.list_queues(QueueNamePrefix="loadtests-").get("QueueUrls", []):
        if f"-{harness}-" in url:
            name = "ApproximateNumberOfMessagesNotVisible"
            return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])
    return 0
