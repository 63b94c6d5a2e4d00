"""The memory size of a function holds, in AWS's words."""

import re

import psutil
import pytest

from tests.waiting import until

SOURCE = """
import os, subprocess, sys, time
def handler(event, context):
    print("pid", os.getpid())
    if event == "hold":
        held = bytearray(300 << 20)
        time.sleep(60)
    if event == "flash":
        bytearray(300 << 20)
    if event == "below":
        return len(bytearray(60 << 20))
    if event == "child":
        subprocess.run([sys.executable, "-c", "import time; held = bytearray(300 << 20); time.sleep(60)"])
    return "alive"
"""
USES_BOTO3 = """
import boto3
client = boto3.client("dynamodb")
def handler(event, context): pass
"""


def _most_used(log):
    return int(re.search(r"Max Memory Used: (\d+) MB", log)[1])


@pytest.mark.parametrize("event", ["hold", "flash", "child"])
def test_function_that_exceeds_its_memory_is_killed(deploy, event):
    function = deploy(SOURCE, MemorySize=128, Timeout=30)

    invoked = function.invoke(event)

    request_id = re.search(r"START RequestId: (\S+)", invoked.log)[1]
    assert invoked.error == "Unhandled"
    assert invoked.payload == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: Runtime exited with error: signal: killed",
    }
    assert _most_used(invoked.log) == 128
    pid = int(re.search(r"^pid (\d+)$", invoked.log, re.M)[1])
    until(lambda: not psutil.pid_exists(pid))
    assert function.invoke("go on").payload == "alive"


def test_init_that_exceeds_the_memory_is_killed(deploy):
    invoked = deploy("held = bytearray(300 << 20)", MemorySize=128).invoke()

    assert invoked.payload["errorType"] == "Runtime.ExitError"
    assert "signal: killed" in invoked.payload["errorMessage"]


def test_function_below_its_memory_lives(deploy):
    function = deploy(SOURCE, MemorySize=128)

    invoked = function.invoke("below")

    assert invoked.payload == 60 << 20
    assert 60 < _most_used(invoked.log) < 128


def test_libraries_count_for_the_function_that_uses_them(deploy):
    """Both are forks of a process that has them."""
    without, used = (deploy(source, MemorySize=512).invoke() for source in (SOURCE, USES_BOTO3))

    assert _most_used(without.log) < 35
    assert _most_used(without.log) + 8 < _most_used(used.log) < 80
