"""LocalStack told to stop under load."""

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox import processes
from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT
from tests.conftest import Aws, free_port
from tests.engine.functions import archive
from tests.waiting import until

ROLE = "arn:aws:iam::000000000000:role/test"


@pytest.fixture
def own_engine(tmp_path: Path) -> Iterator[HostEngine]:
    engine = HostEngine(tmp_path.resolve(), free_port(), DEVELOPMENT)
    engine.start()
    yield engine
    engine.stop()


def test_stop_under_load_is_clean(own_engine: HostEngine) -> None:
    aws = Aws(own_engine.endpoint)
    url = aws("sqs").create_queue(QueueName="work")["QueueUrl"]
    source = "import time\ndef handler(event, context):\n    time.sleep(0.05)\n"
    code = {"ZipFile": archive({"app.py": source})}
    aws("lambda").create_function(
        FunctionName="work", Runtime="python3.13", Role=ROLE, Handler="app.handler", Code=code
    )
    aws("lambda").get_waiter("function_active_v2").wait(FunctionName="work", WaiterConfig={"Delay": 0.05})
    arn = "arn:aws:sqs:us-east-1:000000000000:work"
    aws("lambda").create_event_source_mapping(FunctionName="work", EventSourceArn=arn, BatchSize=1)
    sent, over = threading.Event(), threading.Event()

    def send() -> None:
        client = Aws(own_engine.endpoint)("sqs")
        while not over.is_set():
            try:
                client.send_message(QueueUrl=url, MessageBody="x")
                sent.set()
            except Exception:
                return  # it stops

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    assert sent.wait(60)
    localstack = psutil.Process(json.loads((own_engine.run / "pid.json").read_text())["localstack"])
    exited = own_engine.run / "exit.json"

    localstack.send_signal(signal.SIGTERM)
    until(exited.exists)
    over.set()
    for sender in senders:
        sender.join(60)

    assert json.loads(exited.read_text())["status"] == 0
    until(lambda: not processes.of_instance(own_engine.instance))
    assert "Traceback" not in own_engine.log.read_text()
