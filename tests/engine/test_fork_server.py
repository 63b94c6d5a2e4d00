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
WHO = "import os, sys\ndef handler(event, context): return [os.getppid(), 'boto3' in sys.modules]"
# Slow enough to be worth a fork server of the version's own.
LIBRARY = "import os, time\ntime.sleep(0.05)\nLOADED_BY = os.getpid()\n"


def _layer(aws, library, name="library"):
    """A layer with ``library`` as an installed distribution: only those are imported beforehand."""
    info = f"python/{name}-1.0.dist-info"
    files = {
        f"python/{name}.py": library,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/top_level.txt": f"{name}\n",
        f"{info}/RECORD": f"{name}.py,,\n",
    }
    layer = aws("lambda").publish_layer_version(LayerName=name, Content={"ZipFile": archive(files)})
    return layer["LayerVersionArn"]


def _deploy_with_layer(deploy, aws, library=LIBRARY):
    return deploy(SOURCE, Layers=[_layer(aws, library)])


def _at_once(function, count):
    with ThreadPoolExecutor(count) as pool:
        return [each.payload for each in pool.map(lambda _: function.invoke("sleep"), range(count))]


def _fork(function, but=()):
    """Invoke more and more at once until a new environment is a fork of a fork server that is not in ``but`` and has
    the function's library."""
    counts = iter(range(2, 12))

    def forked():
        found = _at_once(function, next(counts))
        return next((each for each in found if each["loaded"] == each["parent"] not in but), None)

    return until(forked)


def test_first_environment_is_a_fork_that_has_the_sdk(deploy):
    first, second = (deploy(WHO).invoke().payload for _ in range(2))

    assert first == second
    assert first[1] is True
    assert "fork_server" in " ".join(psutil.Process(first[0]).cmdline())


def test_functions_with_other_layers_have_another_parent(deploy, aws):
    layers = [_layer(aws, LIBRARY, name) for name in ("library", "other")]

    parents = {tuple(deploy(WHO, Layers=[layer]).invoke().payload) for layer in [*layers, layers[0]]}

    assert len(parents) == 2


def test_parents_end_with_the_last_function_of_theirs(aws, deploy):
    client = aws("lambda")
    function = _deploy_with_layer(deploy, aws, LIBRARY + "# of its own\n")
    parent = function.invoke().payload["parent"]
    own = _fork(function)["parent"]
    assert own != parent

    client.delete_function(FunctionName=function.name)

    until(lambda: not psutil.pid_exists(parent) and not psutil.pid_exists(own))


def test_variable_that_a_library_reads_when_imported_is_the_functions_own(deploy, aws):
    """A library of the usual ones, so that it is imported before any function is known."""
    powertools = "import os\nMODE, PID = os.environ.get('MODE'), os.getpid()\n"
    layer = _layer(aws, powertools, "aws_lambda_powertools")
    source = """
        import os, aws_lambda_powertools as library
        def handler(event, context): return [library.MODE, os.environ.get("MODE"), library.PID == os.getppid()]
    """

    for mode in ("red", "blue", "red"):
        variables = {"Variables": {"MODE": mode}}
        assert deploy(source, Layers=[layer], Environment=variables).invoke().payload == [mode, mode, True]
    assert deploy(source, Layers=[layer]).invoke().payload == [None, None, True]


def test_provisioned_environment_is_told_so_where_powertools_looks(deploy, aws):
    powertools = "import os\nKIND = os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n"
    layer = _layer(aws, powertools, "aws_lambda_powertools")
    source = "from aws_lambda_powertools import KIND\ndef handler(event, context): return KIND"
    function, client = deploy(source, Layers=[layer], Publish=True), aws("lambda")
    client.put_provisioned_concurrency_config(
        FunctionName=function.name, Qualifier="1", ProvisionedConcurrentExecutions=1
    )
    until(
        lambda: (
            client.get_provisioned_concurrency_config(FunctionName=function.name, Qualifier="1")["Status"] == "READY"
        )
    )

    assert function.invoke(Qualifier="1").payload == "provisioned-concurrency"
    assert function.invoke().payload == "on-demand"


def test_variables_of_the_parent_are_not_the_functions(deploy):
    function = deploy("import os\ndef handler(event, context): return dict(os.environ)")

    variables = function.invoke().payload

    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == function.name
    assert variables["TZ"] == ":UTC"
    assert not {name for name in variables if name.startswith("LOADSTACK")} - {"LOADSTACK_INSTANCE"}


def test_function_that_brings_a_library_gets_its_own(deploy):
    files = {
        "app.py": "import boto3, os\ndef handler(event, context): return boto3.OWN",
        "boto3/__init__.py": "OWN = 'mine'",
    }

    assert deploy(files).invoke().payload == "mine"


def test_function_whose_module_is_named_like_one_of_the_sdks_gets_its_own(deploy):
    files = {
        "app.py": "import queue\ndef handler(event, context): return queue.OWN",
        "queue.py": "OWN = 'mine'",
    }

    assert deploy(files).invoke().payload == "mine"


def test_later_environment_is_a_fork_with_the_layers_modules_loaded(deploy, aws):
    function = _deploy_with_layer(deploy, aws)
    first = function.invoke().payload
    assert first["loaded"] == first["pid"]  # the first one shows that it uses the library

    fork = _fork(function)

    assert fork["loaded"] == fork["parent"]
    assert fork["stream"] != first["stream"]


def test_library_that_opens_a_file_is_imported_by_each_environment(deploy, aws):
    function = _deploy_with_layer(deploy, aws, LIBRARY + "import socket\nKEPT = socket.socketpair()\n")
    function.invoke()

    rounds = [_at_once(function, 2) for _ in range(3)]  # long enough for a fork server of its own to have come up

    assert all(each["loaded"] == each["pid"] for found in rounds for each in found)


def test_loose_module_of_a_layer_is_each_environments_own(deploy, aws):
    content = {"ZipFile": archive({"python/library.py": LIBRARY})}
    layer = aws("lambda").publish_layer_version(LayerName="loose", Content=content)
    function = deploy(SOURCE, Layers=[layer["LayerVersionArn"]])

    rounds = [_at_once(function, 2) for _ in range(3)]  # long enough for a fork server of its own to have come up

    assert all(each["loaded"] == each["pid"] for found in rounds for each in found)


def test_library_that_starts_a_thread_is_imported_by_each_environment(deploy, aws):
    library = LIBRARY + "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    function = _deploy_with_layer(deploy, aws, library)
    function.invoke()

    rounds = [_at_once(function, 2) for _ in range(3)]  # long enough for a fork server of its own to have come up

    assert all(each["loaded"] == each["pid"] for found in rounds for each in found)


def test_killed_fork_server_is_replaced(deploy, aws):
    function = _deploy_with_layer(deploy, aws)
    function.invoke()
    fork = _fork(function)

    psutil.Process(fork["parent"]).kill()

    assert function.invoke().error is None
    assert _fork(function, but={fork["parent"]})["loaded"] not in (fork["parent"], fork["pid"])


def test_killed_shared_fork_server_is_replaced(deploy):
    parent = deploy(WHO).invoke().payload[0]

    psutil.Process(parent).kill()

    function = deploy(WHO)
    assert function.invoke().payload[0] != parent
    assert function.invoke().payload == deploy(WHO).invoke().payload


def test_exit_in_a_fork_is_told_as_in_a_fresh_interpreter(deploy):
    function = deploy("import sys\ndef handler(event, context): sys.exit(3)")

    for _ in range(2):
        assert re.search("exit status 3", function.invoke().payload["errorMessage"])
