"""Functions and layers deployed from a folder."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.engine.conftest import ROLE, Function

SOURCE = "import os, helper\ndef handler(event, context): return [os.getpid(), {!r}, helper.WORD]\n"


@pytest.fixture
def deploy_folder(aws, tmp_path):
    """``deploy_folder()`` creates a function whose code is the folder ``code`` under ``tmp_path``."""
    client = aws("lambda")
    created = []

    def create(**arguments):
        name = f"test-{uuid.uuid4().hex[:8]}"
        code = tmp_path / "code"
        code.mkdir()
        (code / "app.py").write_text(SOURCE.format("one"))
        (code / "helper.py").write_text("WORD = 'red'\n")
        defaults = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Timeout": 10}
        answer = client.create_function(
            FunctionName=name, Code={"S3Bucket": "hot-reload", "S3Key": str(code)}, **(defaults | arguments)
        )
        created.append(name)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05})
        return Function(name, answer["FunctionArn"], client), code

    yield create
    for name in created:
        client.delete_function(FunctionName=name)


def test_next_invocation_runs_the_changed_code(deploy_folder):
    function, code = deploy_folder()
    first = function.invoke().payload
    assert first[1:] == ["one", "red"]
    assert function.invoke().payload == first

    (code / "app.py").write_text(SOURCE.format("two"))
    second = function.invoke().payload
    (code / "helper.py").write_text("WORD = 'tan'\n")  # in the same second, of the same size
    third = function.invoke().payload

    assert second[1:] == ["two", "red"]
    assert third[1:] == ["two", "tan"]
    assert len({first[0], second[0], third[0]}) == 3
    assert not (code / "__pycache__").exists()


def test_file_that_was_added_removed_or_replaced_is_noticed(deploy_folder):
    function, code = deploy_folder()
    pids = [function.invoke().payload[0]]

    def change_and_invoke():
        pids.append(function.invoke().payload[0])

    (code / "package").mkdir()
    (code / "package" / "more.py").write_text("")
    change_and_invoke()
    (code / "package" / "more.py").unlink()
    change_and_invoke()
    status = (code / "helper.py").stat()
    replacement = code.parent / "helper.py"
    replacement.write_text("WORD = 'sky'\n")
    os.utime(replacement, ns=(status.st_atime_ns, status.st_mtime_ns))
    replacement.rename(code / "helper.py")
    change_and_invoke()

    assert len(set(pids)) == 4
    assert function.invoke().payload == [pids[-1], "one", "sky"]


def test_all_environments_run_the_changed_code(deploy_folder):
    function, code = deploy_folder()
    (code / "app.py").write_text("import time\n" + SOURCE.format("one").replace("return", "time.sleep(0.3); return"))

    def at_once():
        with ThreadPoolExecutor(3) as pool:
            return [each.payload[2] for each in pool.map(lambda _: function.invoke(), range(3))]

    assert set(at_once()) == {"red"}
    (code / "helper.py").write_text("WORD = 'blue'\n")
    assert set(at_once()) == {"blue"}


def test_error_in_changed_code_is_told_and_mended(deploy_folder):
    function, code = deploy_folder()
    function.invoke()

    (code / "app.py").write_text("def handler(:")
    assert function.invoke().payload["errorType"] == "Runtime.UserCodeSyntaxError"
    (code / "app.py").write_text(SOURCE.format("mended"))

    assert function.invoke().payload[1] == "mended"


def test_layer_from_a_folder_is_reloaded_too(deploy, aws, tmp_path):
    package = tmp_path / "layer" / "python" / "aws_lambda_powertools"  # imported by the fork server already
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("WORD = 'old'\n")
    layer = aws("lambda").publish_layer_version(
        LayerName=f"hot-{uuid.uuid4().hex[:8]}", Content={"S3Bucket": "hot-reload", "S3Key": str(tmp_path / "layer")}
    )
    source = "from aws_lambda_powertools import WORD\ndef handler(event, context): return WORD"
    function = deploy(source, Layers=[layer["LayerVersionArn"]])
    assert function.invoke().payload == "old"

    (package / "__init__.py").write_text("WORD = 'new'\n")

    assert function.invoke().payload == "new"
    assert not (package / "__pycache__").exists()


def test_link_in_a_circle_in_the_folder_is_left_out(deploy_folder):
    function, code = deploy_folder()
    (code / "circle").symlink_to("circle")

    assert function.invoke().payload[1:] == ["one", "red"]
