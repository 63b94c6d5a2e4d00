"""``wait_for``: what comes is found, what does not come is told with what came instead."""

from tests.pytest_plugin.conftest import Suite

FUNCTION = '''
import io, json, uuid, zipfile
import pytest

SOURCE = """
def handler(event, context):
    print("shipping", event["order"])
    if event["order"] == "bad":
        raise KeyError("address")
"""

@pytest.fixture
def function(aws):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", SOURCE)
    client, name = aws.client("lambda"), f"waiting-{uuid.uuid4().hex[:8]}"
    client.create_function(FunctionName=name, Runtime="python3.13", Handler="app.handler", Timeout=10,
                           Role="arn:aws:iam::000000000000:role/test", Code={"ZipFile": archive.getvalue()})
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    yield name
    client.delete_function(FunctionName=name)
'''


def test_what_comes_is_found(joined: Suite) -> None:
    result = joined(
        FUNCTION
        + """
def test_message_that_matches_is_taken_and_others_stay(aws, wait_for):
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="in.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for n in range(3):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"n": n}), MessageGroupId="one",
                         MessageDeduplicationId=str(n),
                         MessageAttributes={"kind": {"DataType": "String", "StringValue": "a"}})
    assert wait_for.message("in.fifo", lambda message: message.json["n"] == 2).attributes == {"kind": "a"}
    assert [wait_for.message(url).json["n"] for _ in range(2)] == [0, 1]
    sqs.delete_queue(QueueUrl=url)

def test_events_are_heard_by_pattern_and_in_any_order(aws, wait_for):
    events = aws.client("events")
    placed = wait_for.events("default", {"detail-type": ["Placed"]})
    everything = wait_for.events()
    for kind, order in (("Shipped", 1), ("Placed", 2), ("Placed", 3)):
        events.put_events(Entries=[{"Source": "test", "DetailType": kind, "Detail": json.dumps({"order": order})}])
    assert placed.next(lambda event: event["detail"]["order"] == 3)["detail-type"] == "Placed"
    assert placed.next()["detail"] == {"order": 2}
    assert everything.next(lambda event: event["source"] == "test")["detail-type"] == "Shipped"

def test_nothing_is_left_of_listening(aws):
    rules = aws.client("events").list_rules()["Rules"]
    queues = aws.client("sqs").list_queues().get("QueueUrls", [])
    assert not [name for name in [*(rule["Name"] for rule in rules), *queues] if "wait-for" in name]

def test_log_line(aws, function, wait_for):
    aws.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=b'{"order": 7}')
    assert wait_for.log(function, "shipping 7") == "shipping 7"

def test_condition_may_assert_and_gives_what_it_returned(wait_for):
    answers = iter([None, 0, "there"])
    def condition():
        answer = next(answers)
        assert answer is not None
        return answer
    assert wait_for(condition) == "there"

def test_condition_is_asked_once_without_any_time(wait_for):
    assert wait_for(lambda: 1, timeout=0) == 1
"""
    )

    result.assert_outcomes(passed=6)


def test_nothing_is_left_where_the_bus_is_gone_or_never_was(joined: Suite) -> None:
    result = joined(
        """
import pytest

def test_bus_is_gone_before_the_end(aws, wait_for):
    aws.client("events").create_event_bus(Name="brief")
    wait_for.events()
    for _ in range(2):
        wait_for.events("brief")
    wait_for.events()
    events = aws.client("events")
    for rule in events.list_rules(EventBusName="brief")["Rules"]:
        events.remove_targets(Rule=rule["Name"], EventBusName="brief", Ids=["test"])
        events.delete_rule(Name=rule["Name"], EventBusName="brief")
    events.delete_event_bus(Name="brief")

def test_bus_never_was(wait_for):
    with pytest.raises(pytest.fail.Exception, match="ResourceNotFound"):
        wait_for.events("nowhere")

def test_nothing_is_left(aws):
    rules = aws.client("events").list_rules()["Rules"]
    queues = aws.client("sqs").list_queues().get("QueueUrls", [])
    assert not [name for name in [*(rule["Name"] for rule in rules), *queues] if "wait-for" in name]
"""
    )

    result.assert_outcomes(passed=3)


def test_what_does_not_come_is_told_with_what_came_instead(joined: Suite) -> None:
    result = joined(
        FUNCTION
        + """
@pytest.fixture
def url(aws):
    url = aws.client("sqs").create_queue(QueueName="out")["QueueUrl"]
    yield url
    aws.client("sqs").delete_queue(QueueUrl=url)

def test_message(aws, wait_for, url):
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="another one")
    wait_for.message(url, lambda message: message.body == "this one", timeout=0.3)

def test_message_in_flight(aws, wait_for, url):
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="taken")
    aws.client("sqs").receive_message(QueueUrl=url)
    wait_for.message(url, timeout=0.2)

def test_event(wait_for):
    wait_for.events().next(timeout=0.2)

def test_log_of_nobody(wait_for):
    wait_for.log("nobody", "hello", timeout=0.2)

def test_log(aws, function, wait_for):
    aws.client("lambda").invoke(FunctionName=function, Payload=b'{"order": 7}')
    wait_for.log(function, "shipping 7")
    wait_for.log(function, "shipping 8", timeout=0.2)

def test_condition(wait_for):
    wait_for(lambda: [], timeout=0.1, message="The table has no item")

def test_condition_that_asserts(wait_for):
    def condition():
        assert False, "still two"
    wait_for(condition, timeout=0.1)

def test_condition_that_is_broken(wait_for):
    wait_for(lambda: {}["key"])

def test_function_that_failed(aws, function, wait_for):
    aws.client("lambda").invoke(FunctionName=function, Payload=b'{"order": "bad"}')
    wait_for.log(function, "address")
    wait_for(lambda: aws is None, timeout=0.1)

def test_queue_of_a_function(aws, function, url, wait_for):
    client = aws.client("lambda")
    arn = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    mapping = client.create_event_source_mapping(FunctionName=function, EventSourceArn=arn)["UUID"]
    try:
        wait_for.message(url, timeout=0.1)
    finally:
        client.delete_event_source_mapping(UUID=mapping)

def test_no_such_queue(wait_for):
    wait_for.message("nonexistent")

def test_bad_pattern(wait_for):
    wait_for.events(pattern={"detail-type": "Placed"})
""",
        "-rf",
    )

    result.assert_outcomes(failed=12)
    result.stdout.fnmatch_lines(
        [
            "E * No such message in the queue out within 0.3 s. Seen: 1 message, the last:",
            "E * another one",
            "E * No such message in the queue out within 0.2 s. Seen: no message and 1 in flight",
            "E * No such event on the bus default within 0.2 s. Seen: no message",
            "E * There is no log group /aws/lambda/nobody after 0.2 s: nothing has logged to it yet.",
            "E * No line with 'shipping 8' in /aws/lambda/waiting-* within 0.2 s. Seen: * lines, the last:",
            "E * shipping 7",
            "E * The table has no item within 0.1 s; the last time it returned []",
            "E * still two",
            "E * KeyError: 'key'",
            "E * `aws is None` was not true within 0.1 s; the last time it returned False",
            "E * Errors that functions have logged since the test began, the last:",
            "E * waiting-*: [[]ERROR] KeyError: 'address'*",
            "E * Seen: no message",
            "E * The function waiting-* consumes this queue*",
            "wait_for.message('nonexistent'): *NonExistentQueue: *",
            "wait_for.events('default'): InvalidEventPattern*",
        ]
    )
    result.stdout.no_fnmatch_line("*botocore/client.py*")
