import json

import pytest

pytestmark = pytest.mark.usefixtures("stack", "clean_state")


@pytest.fixture
def send(aws, stack):
    """Put readings into the queue, all in one batch."""

    def send(*bodies: str) -> None:
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        aws.client("sqs").send_message_batch(QueueUrl=stack.queue_url, Entries=entries)

    return send


@pytest.fixture
def latest(aws, stack):
    """What the table has of a sensor; None where it has nothing."""
    table = aws.resource("dynamodb").Table(stack.name)
    return lambda sensor: table.get_item(Key={"sensor": sensor}).get("Item")


def reading(sensor: str, celsius: float, at: str) -> str:
    return json.dumps({"sensor": sensor, "celsius": celsius, "at": f"2026-11-22T{at}Z"})


def test_reading_is_kept(send, latest, wait_for):
    send(reading("attic", 21.5, "10:00:00"))
    assert wait_for(lambda: latest("attic"))["celsius"] == 21.5


def test_sensor_that_nobody_heard_of_has_no_reading(latest):
    assert latest("attic") is None  # whatever the tests before have left there


def test_late_reading_does_not_replace_a_newer_one(send, latest, wait_for, stack):
    send(reading("attic", 21.5, "10:00:00"))
    wait_for(lambda: latest("attic"))
    send(reading("attic", 3.0, "09:59:00"))
    wait_for.log(stack.name, "attic: the reading of 2026-11-22T09:59:00Z is not the latest")
    assert latest("attic")["celsius"] == 21.5


def test_what_is_no_reading_becomes_a_dead_letter_and_holds_nothing_up(send, latest, wait_for, stack):
    send("21 degrees", reading("attic", 21.5, "10:00:00"))
    assert wait_for(lambda: latest("attic"))["celsius"] == 21.5
    assert wait_for.message(stack.dead_letters_url).body == "21 degrees"
