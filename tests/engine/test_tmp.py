"""A ``/tmp`` of an environment's own."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from loadstack_engine import launch
from tests.waiting import until

SOURCE = """
import os, pathlib, subprocess, tempfile, time
mine = pathlib.Path("/tmp/mine")
def handler(event, context):
    if event == "write":
        mine.write_text(context.log_stream_name)
    elif event:
        mine.write_text(context.log_stream_name)
        started = pathlib.Path(event)
        (started / str(os.getpid())).touch()
        while len(list(started.iterdir())) < 2:
            time.sleep(0.01)
    child = subprocess.run(["cat", "/tmp/mine"], capture_output=True, text=True).stdout
    return {
        "stream": context.log_stream_name,
        "found": mine.read_text() if mine.exists() else None,
        "child": child,
        "temporary": tempfile.gettempdir(),
        "user": os.geteuid(),
        "listed": os.listdir("/tmp"),
        "directory": os.getcwd() == os.environ["LAMBDA_TASK_ROOT"],
    }
"""
needs_namespaces = pytest.mark.skipif(not launch._own_tmp_works(), reason="no user namespaces here")


@needs_namespaces
def test_environments_write_to_a_tmp_of_their_own_that_lasts(deploy, tmp_path):
    function = deploy(SOURCE, Timeout=30)

    with ThreadPoolExecutor(2) as pool:
        first, second = (each.payload for each in pool.map(lambda _: function.invoke(str(tmp_path)), range(2)))
    later = function.invoke().payload

    assert first["stream"] != second["stream"]
    for each in (first, second, later):
        assert each["found"] == each["child"] == each["stream"]
        assert each["temporary"] == "/tmp"
        assert each["directory"]
        assert Path("/proc/self").stat().st_uid == each["user"]
    assert not Path("/tmp/mine").exists()


@needs_namespaces
def test_fresh_interpreter_has_a_tmp_of_its_own_too(deploy):
    invoked = deploy({"app.py": SOURCE, "zoneinfo.py": ""}).invoke("write").payload

    assert invoked["found"] == invoked["stream"]
    assert not Path("/tmp/mine").exists()


@needs_namespaces
def test_tmp_is_empty_at_first_and_gone_with_the_function(deploy, engine, aws):
    function = deploy(SOURCE)

    assert function.invoke().payload["found"] is None
    stream = function.invoke("write").payload["stream"]
    aws("lambda").delete_function(FunctionName=function.name)

    environment = stream.rpartition("]")[2]
    until(lambda: not list((engine.run / "tmp").glob(f"**/lambda-{environment}*")))
