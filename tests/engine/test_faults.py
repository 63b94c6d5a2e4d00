"""How failures look, in AWS's words, and that the function lives on."""

import re
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.engine.functions import archive
from tests.waiting import until


def test_handler_that_raises(deploy):
    function = deploy("def handler(event, context):\n    raise ValueError('no such thing')")

    invoked = function.invoke()

    assert invoked.error == "Unhandled"
    assert invoked.payload["errorType"] == "ValueError"
    assert invoked.payload["errorMessage"] == "no such thing"
    assert invoked.payload["stackTrace"] == [
        "  File \"/var/task/app.py\", line 2, in handler\n    raise ValueError('no such thing')\n"
    ]
    assert "[ERROR] ValueError: no such thing" in invoked.log


def test_timeout_ends_the_process_and_the_next_invocation_gets_a_new_one(deploy):
    function = deploy(
        """
        import os, time
        def handler(event, context):
            if event == "hang":
                print("pid", os.getpid())
                time.sleep(60)
            return os.getpid()
        """,
        Timeout=5,
    )

    invoked = function.invoke("hang")

    request_id = re.search(r"START RequestId: (\S+)", invoked.log)[1]
    assert invoked.error == "Unhandled"
    assert invoked.payload == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 5.00 seconds",
    }
    assert re.search(rf"^\S+Z {request_id} Task timed out after 5.00 seconds$", invoked.log, re.M)
    assert "Status: timeout" in invoked.log
    pid = int(re.search(r"^pid (\d+)$", invoked.log, re.M)[1])
    until(lambda: not psutil.pid_exists(pid))
    assert function.invoke("go on").payload != pid


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("import sys; sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("import sys; sys.exit(0)", "Runtime exited without providing a reason"),
        ("import os; os._exit(7)", "Runtime exited with error: exit status 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "Runtime exited with error: signal: killed"),
        ("import ctypes; ctypes.string_at(0)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_process_that_ends_within_an_invocation(deploy, ending, words):
    function = deploy(f"def handler(event, context):\n    if event:\n        {ending}\n    return 'alive'")

    invoked = function.invoke(True)

    assert invoked.error == "Unhandled"
    assert invoked.payload["errorType"] == "Runtime.ExitError"
    assert re.fullmatch(rf"RequestId: [0-9a-f-]+ Error: {words}", invoked.payload["errorMessage"])
    assert function.invoke(False).payload == "alive"


def test_process_that_dies_while_idle_costs_no_invocation(deploy):
    function = deploy("import os\ndef handler(event, context): return os.getpid()")
    pid = function.invoke().payload
    psutil.Process(pid).kill()
    until(lambda: not psutil.pid_exists(pid))

    invoked = function.invoke()

    assert invoked.error is None
    assert invoked.payload != pid


@pytest.mark.parametrize(
    "source",
    [
        "import os\ndef handler(event, context):\n    if event == 'fork':\n        os.fork()\n    return event",
        "import os\nos.fork()\ndef handler(event, context): return event",
    ],
    ids=["handler", "import"],
)
def test_fork_that_comes_back_from_the_functions_code_takes_no_invocation(deploy, source):
    function = deploy(source)
    function.invoke("fork")
    long = "more than is read in one piece" * 20_000

    assert [function.invoke([number, long]).payload for number in range(10)] == [[n, long] for n in range(10)]


def test_module_named_like_one_of_python_is_the_functions_own_only(deploy):
    function = deploy({"app.py": "def handler(event, context): return 'fine'", "string.py": "1 / 0"})

    assert function.invoke().payload == "fine"


@pytest.mark.parametrize(
    ("source", "error_type", "words"),
    [
        ("import nowhere", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nowhere'"),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("raise RuntimeError('at import')", "RuntimeError", "at import"),
    ],
)
def test_init_that_fails(deploy, source, error_type, words):
    function = deploy(source)

    for _ in range(2):
        invoked = function.invoke()
        assert invoked.error == "Unhandled"
        assert invoked.payload["errorType"] == error_type
        assert words in invoked.payload["errorMessage"]
        assert "END RequestId" in invoked.log


def test_init_that_exits(deploy):
    invoked = deploy("import sys\nsys.exit(4)").invoke()

    assert invoked.payload["errorType"] == "Runtime.ExitError"
    assert "exit status 4" in invoked.payload["errorMessage"]


def test_children_of_a_function_end_with_it(deploy):
    function = deploy(
        """
        import subprocess, time
        def handler(event, context):
            child = subprocess.Popen(["sleep", "600"])
            print("child", child.pid)
            time.sleep(60)
        """,
        Timeout=5,
    )

    log = function.invoke().log

    child = int(re.search(r"^child (\d+)$", log, re.M)[1])
    until(lambda: not psutil.pid_exists(child))


def test_process_that_is_killed_within_an_invocation(deploy, tmp_path):
    function = deploy(
        """
        import os, pathlib, time
        def handler(event, context):
            if event is None:
                return "alive"
            pathlib.Path(event, str(os.getpid())).touch()
            time.sleep(60)
        """
    )
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(function.invoke, str(tmp_path))
        (pid,) = until(lambda: list(tmp_path.iterdir()))
        psutil.Process(int(pid.name)).kill()

        invoked = running.result()

    assert invoked.error == "Unhandled"
    assert "Runtime exited with error: signal: killed" in invoked.payload["errorMessage"]
    assert function.invoke().payload == "alive"


def test_function_that_closes_its_sockets(deploy):
    function = deploy(
        """
        import os, time
        def handler(event, context):
            if event:
                os.closerange(3, 256)
                time.sleep(60)
            return "alive"
        """
    )

    invoked = function.invoke(True)

    assert invoked.payload["errorType"] == "Runtime.ExitError"
    assert function.invoke(False).payload == "alive"


def test_child_that_outlives_its_invocation_ends_with_the_environment(deploy, aws):
    function = deploy(
        """
        import subprocess
        def handler(event, context): return subprocess.Popen(["sleep", "600"]).pid
        """
    )
    child = function.invoke().payload
    assert psutil.pid_exists(child)

    aws("lambda").update_function_code(FunctionName=function.name, ZipFile=archive({"app.py": "handler = print"}))

    until(lambda: not psutil.pid_exists(child))


def test_fifty_megabytes_of_logs(deploy, aws):
    """They neither block the function nor stay in LocalStack's memory."""
    function = deploy(
        """
        def handler(event, context):
            for number in range(50):
                print(number, "x" * 1_000_000)
            print("the end")
            return "done"
        """,
        Timeout=30,
    )
    function.invoke()

    invoked = function.invoke()

    assert invoked.payload == "done"
    assert "the end\nEND RequestId" in invoked.log
    group = f"/aws/lambda/{function.name}"
    logs = aws("logs")
    until(lambda: logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"])
    stored = until(
        lambda: sum(
            stream.get("storedBytes", 0) for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]
        )
    )
    assert stored < 20_000_000
