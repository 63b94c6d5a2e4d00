"""Processes that start as forks: what they share, what they do not, and what happens when the parent dies."""

import re
from concurrent.futures import ThreadPoolExecutor

import psutil

from tests.engine.functions import archive
from tests.waiting import until

SOURCE = """
import os, time, library
started = time.monotonic()
def handler(event, context):
    if event == "sleep":
        time.sleep(1)
    return {"pid": os.getpid(), "parent": os.getppid(), "loaded": library.LOADED_BY, "stream": context.log_stream_name}
"""
LIBRARY = "import os\nLOADED_BY = os.getpid()\n"


def _parent_name(pid):
    return " ".join(psutil.Process(pid).cmdline())


def _deploy_with_layer(deploy, aws, library=LIBRARY):
    content = {"ZipFile": archive({"python/library.py": library})}
    layer = aws("lambda").publish_layer_version(LayerName=f"library-{abs(hash(library))}", Content=content)
    return deploy(SOURCE, Layers=[layer["LayerVersionArn"]])


def _two_at_once(function):
    with ThreadPoolExecutor(2) as pool:
        return [each.payload for each in pool.map(lambda _: function.invoke("sleep"), range(2))]


def _until_forks(function):
    """Invoke two at once until one of them is a fork."""

    def forked():
        found = _two_at_once(function)
        return next((each for each in found if "fork_server" in _parent_name(each["parent"])), None)

    return until(forked, timeout_s=30)


def test_later_environment_is_a_fork_with_the_layers_modules_loaded(deploy, aws):
    function = _deploy_with_layer(deploy, aws)
    first = function.invoke().payload
    assert first["loaded"] == first["pid"]

    fork = _until_forks(function)

    assert fork["loaded"] == fork["parent"]
    assert fork["stream"] != first["stream"]


def test_library_that_starts_a_thread_keeps_fresh_interpreters(deploy, aws):
    library = LIBRARY + "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    function = _deploy_with_layer(deploy, aws, library)
    function.invoke()

    rounds = [_two_at_once(function) for _ in range(3)]  # long enough for a fork server to have come up

    assert all(each["loaded"] == each["pid"] for found in rounds for each in found)


def test_killed_fork_server_is_replaced(deploy, aws):
    function = _deploy_with_layer(deploy, aws)
    function.invoke()
    fork = _until_forks(function)

    psutil.Process(fork["parent"]).kill()

    assert function.invoke().error is None
    again = _until_more_forks(function, fork["parent"])
    assert again["parent"] != fork["parent"]


def _until_more_forks(function, gone):
    """Three at once need a process more than there are."""

    def forked():
        with ThreadPoolExecutor(4) as pool:
            found = [each.payload for each in pool.map(lambda _: function.invoke("sleep"), range(4))]
        return next((e for e in found if e["parent"] != gone and "fork_server" in _parent_name(e["parent"])), None)

    return until(forked, timeout_s=30)


def test_exit_in_a_fork_is_told_as_in_a_fresh_interpreter(deploy, aws):
    function = deploy(
        """
        import os, sys, time
        def handler(event, context):
            if event == "exit":
                sys.exit(3)
            if event == "sleep":
                time.sleep(1)
            return {"pid": os.getpid(), "parent": os.getppid()}
        """
    )
    function.invoke()
    _until_forks(function)

    errors = [function.invoke("exit") for _ in range(2)]

    for invoked in errors:
        assert re.search("exit status 3", invoked.payload["errorMessage"])
