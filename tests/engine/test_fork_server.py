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


def _deploy_with_layer(deploy, aws, library=LIBRARY):
    """A layer with ``library`` as an installed distribution: only those are imported beforehand."""
    info = "python/library-1.0.dist-info"
    files = {
        "python/library.py": library,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: library\nVersion: 1.0\n",
        f"{info}/top_level.txt": "library\n",
        f"{info}/RECORD": "library.py,,\n",
    }
    layer = aws("lambda").publish_layer_version(
        LayerName=f"library-{len(library)}", Content={"ZipFile": archive(files)}
    )
    return deploy(SOURCE, Layers=[layer["LayerVersionArn"]])


def _at_once(function, count):
    with ThreadPoolExecutor(count) as pool:
        return [each.payload for each in pool.map(lambda _: function.invoke("sleep"), range(count))]


def _fork(function, but=()):
    """Invoke more and more at once until a new environment is a fork of a fork server that is not in ``but``."""
    counts = iter(range(2, 12))

    def forked():
        for each in _at_once(function, next(counts)):
            if each["parent"] not in but and "fork_server" in " ".join(psutil.Process(each["parent"]).cmdline()):
                return each
        return None

    return until(forked, timeout_s=60)


def test_later_environment_is_a_fork_with_the_layers_modules_loaded(deploy, aws):
    function = _deploy_with_layer(deploy, aws)
    first = function.invoke().payload
    assert first["loaded"] == first["pid"]

    fork = _fork(function)

    assert fork["loaded"] == fork["parent"]
    assert fork["stream"] != first["stream"]


def test_library_that_opens_a_file_keeps_fresh_interpreters(deploy, aws):
    function = _deploy_with_layer(deploy, aws, LIBRARY + "import socket\nKEPT = socket.socketpair()\n")
    function.invoke()

    rounds = [_at_once(function, 2) for _ in range(3)]  # long enough for a fork server to have come up

    assert all(each["loaded"] == each["pid"] for found in rounds for each in found)


def test_loose_module_of_a_layer_is_each_environments_own(deploy, aws):
    content = {"ZipFile": archive({"python/library.py": LIBRARY})}
    layer = aws("lambda").publish_layer_version(LayerName="loose", Content=content)
    function = deploy(SOURCE, Layers=[layer["LayerVersionArn"]])
    function.invoke()

    fork = _fork(function)

    assert fork["loaded"] == fork["pid"]


def test_library_that_starts_a_thread_keeps_fresh_interpreters(deploy, aws):
    library = LIBRARY + "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    function = _deploy_with_layer(deploy, aws, library)
    function.invoke()

    rounds = [_at_once(function, 2) for _ in range(3)]  # long enough for a fork server to have come up

    assert all(each["loaded"] == each["pid"] for found in rounds for each in found)


def test_killed_fork_server_is_replaced(deploy, aws):
    function = _deploy_with_layer(deploy, aws)
    function.invoke()
    fork = _fork(function)

    psutil.Process(fork["parent"]).kill()

    assert function.invoke().error is None
    assert _fork(function, but={fork["parent"]})["loaded"] not in (fork["parent"], fork["pid"])


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
    _fork(function)

    errors = [function.invoke("exit") for _ in range(2)]

    for invoked in errors:
        assert re.search("exit status 3", invoked.payload["errorMessage"])
