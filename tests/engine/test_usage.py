"""``/_loadstack/usage`` on the running engine: what AWS would bill, by who caused it."""

import json
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
import requests
from botocore.config import Config

from tests.engine.messaging import unique
from tests.engine.resources import a_table
from tests.waiting import until

pytestmark = pytest.mark.slow

ORDERS = """
    import boto3, json
    def handler(event, context):
        for service, operation, parameters in event["calls"]:
            client = boto3.client(service)
            try:
                getattr(client, operation)(**parameters)
            except client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in event.get("expected", ()):
                    raise
"""


@pytest.fixture
def usage(engine):
    def get(*place):
        answer = requests.get(f"{engine.endpoint}/_loadstack/usage", timeout=10)
        assert answer.status_code == 200
        found = answer.json()
        for part in place:
            found = found.get(part, {})
        return found

    return get


@pytest.fixture
def call(deploy):
    """``call((service, operation, parameters), …)`` has a function make these calls; returns its name."""
    function = deploy(ORDERS)

    def invoke(*calls, **event):
        answer = function.invoke({"calls": calls, **event})
        assert answer.error is None, answer.payload
        return function.name

    return invoke


@pytest.fixture
def table(aws):
    client, created = aws("dynamodb"), []

    def create():
        created.append(a_table(client))
        return created[-1]

    yield create
    for name in created:
        client.delete_table(TableName=name)


def test_invocations_are_billed_by_the_millisecond_with_their_init(deploy, usage):
    function = deploy("def handler(event, context): return sum(range(event))", MemorySize=256)
    reports = [function.invoke(3_000_000).log for _ in range(3)]

    told = usage("lambda", function.name)

    billed = sum(int(log.partition("Billed Duration: ")[2].partition(" ms")[0]) for log in reports)
    assert (told["requests"], told["billed_ms"], told["memory_mb"]) == (3, billed, 256)
    assert told["gb_seconds"] == pytest.approx(billed * 256 / 1024 / 1000, rel=1e-12)
    assert 0 < told["init_ms"] < told["billed_ms"]
    assert 0 < told["cpu_ms"] <= told["billed_ms"]
    assert told["init_cpu_ms"] >= 0
    assert 0 < told["max_memory_used_mb"] <= 256


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html: a read of 4 KB is one
# unit strongly consistent, half eventually, two in a transaction; a write of 1 KB is one unit, two in a transaction.
ITEM = {"id": {"S": "1"}, "by": {"S": "c"}, "data": {"S": "x" * 1500}}
NEW = {"id": {"S": "2"}}
UNITS = [
    ("get_item", {"Key": {"id": {"S": "1"}}}, "read_units", 0.5),
    ("get_item", {"Key": {"id": {"S": "1"}}, "ConsistentRead": True}, "read_units", 1),
    ("get_item", {"Key": {"id": {"S": "none"}}}, "read_units", 0.5),
    (
        "query",
        {"KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "1"}}},
        "read_units",
        0.5,
    ),
    ("put_item", {"Item": NEW}, "write_units", 1),
    ("put_item", {"Item": NEW | {"data": {"S": "x" * 3000}}}, "write_units", 3),
    ("delete_item", {"Key": {"id": {"S": "none"}}}, "write_units", 1),
    ("put_item", {"Item": NEW, "ConditionExpression": "attribute_exists(id)"}, "write_units", 3),
    ("put_item", {"Item": {"id": {"S": "3"}}, "ConditionExpression": "attribute_exists(id)"}, "write_units", 1),
    ("put_item", {"Item": {"id": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(id)"}, "write_units", 2),
]


def test_a_functions_calls_consume_what_aws_says(call, table, aws, usage):
    name = table()
    aws("dynamodb").put_item(TableName=name, Item=ITEM)
    told = [usage("dynamodb", name)]

    for operation, parameters, _, _ in UNITS:
        call(("dynamodb", operation, {"TableName": name, **parameters}), expected=["ConditionalCheckFailedException"])
        told.append(usage("dynamodb", name))

    assert told[0] == {}  # a call of ours is nobody's bill
    found = [
        (
            operation,
            {kind: amount - before.get(kind, 0) for kind, amount in after.items() if amount != before.get(kind)},
        )
        for (operation, *_), before, after in zip(UNITS, told, told[1:], strict=False)
    ]
    assert found == [(operation, {kind: units}) for operation, _, kind, units in UNITS]


def test_indexes_and_transactions_consume_too(call, table, usage):
    name = table()
    put = {"Put": {"TableName": name, "Item": ITEM}}
    check = {"ConditionCheck": {"TableName": name, "Key": NEW, "ConditionExpression": "attribute_exists(id)"}}
    query = {"IndexName": "by-index", "KeyConditionExpression": "#b = :c", "ExpressionAttributeNames": {"#b": "by"}}
    values = {"ExpressionAttributeValues": {":c": {"S": "c"}}}
    write, read = ("dynamodb", "transact_write_items"), ("dynamodb", "transact_get_items")

    call((*write, {"TransactItems": [put]}))
    assert usage("dynamodb", name)["write_units"] == 4  # 2 KB, twice
    call((*write, {"TransactItems": [put, check]}), expected=["TransactionCanceledException"])
    assert usage("dynamodb", name)["write_units"] == 4 + 4 + 2
    call((*write, {"TransactItems": [{"Put": {"TableName": name, "Item": {"id": {"S": str(n)}}}} for n in (3, 4, 5)]}))
    assert usage("dynamodb", name)["write_units"] == 10 + 6
    call((*read, {"TransactItems": [{"Get": {"TableName": name, "Key": {"id": ITEM["id"]}}}]}))
    assert usage("dynamodb", name)["read_units"] == 2
    index = f"{name}/index/by-index"
    before = usage("dynamodb", index)
    call(("dynamodb", "query", {"TableName": name, **query, **values}))

    assert before == {"write_units": 2}
    assert usage("dynamodb", index) == before | {"read_units": 0.5}
    assert usage("dynamodb", name)["read_units"] == 2


def test_functions_get_the_answers_that_they_asked_for(deploy, table):
    name = table()
    function = deploy("""
        import boto3
        from botocore.exceptions import ClientError
        def handler(table, context):
            orders = boto3.resource("dynamodb").Table(table)
            put = orders.put_item(Item={"id": "1"})
            told = orders.get_item(Key={"id": "1"}, ReturnConsumedCapacity="TOTAL")
            try:
                orders.put_item(Item={"id": "1"}, ConditionExpression="attribute_not_exists(id)")
            except ClientError as error:
                failed = "Item" in error.response
            return ["ConsumedCapacity" in put, told["ConsumedCapacity"]["CapacityUnits"], told["Item"], failed]
    """)

    assert function.invoke(name).payload == [False, 0.5, {"id": "1"}, False]


def _name(queue):
    return queue.url.rpartition("/")[2]


def test_queues_tell_functions_pollers_and_deliveries_apart(aws, call, deploy, create_queue, bus, usage):
    queue, direct = create_queue(), create_queue()
    consumer = deploy("def handler(event, context): return len(event['Records'])")
    mapping = aws("lambda").create_event_source_mapping(
        FunctionName=consumer.name, EventSourceArn=queue.arn, BatchSize=10
    )["UUID"]
    topic = aws("sns").create_topic(Name=unique("topic"))["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    bus.rule({"Arn": queue.arn})
    try:
        call(
            ("sqs", "send_message", {"QueueUrl": queue.url, "MessageBody": "m"}),
            ("sqs", "send_message", {"QueueUrl": direct.url, "MessageBody": "m" * 70_000}),
            ("sqs", "receive_message", {"QueueUrl": direct.url}),
            ("sns", "publish", {"TopicArn": topic, "Message": "m"}),
            ("events", "put_events", {"Entries": [_event(bus)]}),
        )
        queue.client.send_message(QueueUrl=queue.url, MessageBody="of somebody else")

        def deleted():
            told = usage("sqs", _name(queue))
            return (
                usage("lambda", consumer.name).get("requests", 0) >= 1
                and told.get("integration") == {"sns": 1, "events": 1}
                and told.get("poller", {}).get("DeleteMessageBatch")
                and told
            )

        told = until(lambda: _depth(queue) == 0 and deleted())
    finally:
        aws("lambda").delete_event_source_mapping(UUID=mapping)
        aws("sns").delete_topic(TopicArn=topic)

    assert told["functions"] == {"SendMessage": 1}
    assert 1 <= told["poller"]["ReceiveMessage"] <= 4
    assert told["poller"]["DeleteMessageBatch"] <= told["poller"]["ReceiveMessage"]
    assert told["poller"]["EmptyReceives"] >= 0
    assert usage("sqs", _name(direct)) == {"functions": {"SendMessage": 2, "ReceiveMessage": 2}}
    assert usage("sns", topic.rpartition(":")[2]) == {"publishes": 1, "deliveries": {"sqs": 1}}
    assert usage("events", bus.name) == {"custom_events": 1}


def _event(bus):
    return {"EventBusName": bus.name, "Source": "test.shop", "DetailType": "Test", "Detail": "{}"}


def _depth(queue):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = queue.client.get_queue_attributes(QueueUrl=queue.url, AttributeNames=names)["Attributes"]
    return sum(map(int, told.values()))


def test_requests_of_apis_are_billed_but_those_that_are_turned_away(rest_api, deploy, usage):
    api = rest_api()
    function = deploy("def handler(event, context): return {'statusCode': 403, 'body': 'no'}")
    api.route("GET", "/own", function)
    api.deploy()

    own, unknown = api.get("/own"), api.get("/unknown")

    assert (own.status_code, unknown.status_code) == (403, 403)
    assert usage("api_gateway", f"{api.id}/dev") == {
        "requests": 1,
        "unbilled": 1,
        "response_bytes": len(own.content) + len(unknown.content),
    }


def test_what_an_api_sends_to_a_queue_itself_is_counted(rest_api, queue, usage):
    api = rest_api()
    integration = {
        "type": "AWS",
        "integrationHttpMethod": "POST",
        "uri": f"arn:aws:apigateway:us-east-1:sqs:path/000000000000/{_name(queue)}",
        "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"},
        "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
    }
    api.route("POST", "/orders", integration=integration)
    api.respond("POST", "/orders")
    api.deploy()

    assert api.post("/orders", json={"data": "ä" * 20_000}).status_code == 200

    assert usage("sqs", _name(queue)) == {"integration": {"apigateway": 2}}
    assert usage("api_gateway", f"{api.id}/dev", "requests") == 1


def test_logs_and_archives_are_counted(aws, deploy, bus, usage):
    function = deploy("def handler(event, context): print('x' * 1000)")
    function.invoke()
    bytes_ = until(lambda: usage("logs", f"/aws/lambda/{function.name}", "ingested_bytes"))
    assert 1000 + 4 * 26 < bytes_ < 2000

    aws("events").create_archive(ArchiveName=unique("archive"), EventSourceArn=bus.arn)
    bus.put({"order": 1})
    told = usage("events", bus.name)
    assert told["archived_events"] == 1
    assert told["archived_bytes"] > 100
    assert "custom_events" not in told  # ours, not a function's


def test_state_machines_count_each_step_and_each_retry(aws, deploy, usage):
    function = deploy("def handler(event, context): raise ValueError")
    name = unique("machine")
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]
    call = {"Type": "Task", "Resource": function.arn, "Retry": retry, "Catch": catch, "Next": "Done"}
    states = {"Begin": {"Type": "Pass", "Next": "Call"}, "Call": call, "Done": {"Type": "Succeed"}}
    client = aws("stepfunctions")
    machine = client.create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": "Begin", "States": states}),
        roleArn="arn:aws:iam::000000000000:role/test",
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine)["executionArn"]
    until(lambda: client.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
    client.delete_state_machine(stateMachineArn=machine)

    assert usage("states", name) == {"transitions": 4}


def test_express_workflows_and_states_that_are_tried_are_no_transitions(engine, aws, deploy, usage):
    function = deploy("def handler(event, context): return event")
    call = {"Type": "Task", "Resource": function.arn, "End": True}
    role, name = "arn:aws:iam::000000000000:role/test", unique("machine")
    client = aws("stepfunctions")
    machine = client.create_state_machine(
        name=name, type="EXPRESS", definition=json.dumps({"StartAt": "Call", "States": {"Call": call}}), roleArn=role
    )["stateMachineArn"]
    before = usage("states")
    client.start_execution(stateMachineArn=machine)
    until(lambda: usage("lambda", function.name).get("requests") == 1)
    client.delete_state_machine(stateMachineArn=machine)
    here = boto3.client(  # the SDK puts "sync-" before the host of this operation
        "stepfunctions",
        endpoint_url=engine.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(inject_host_prefix=False),
    )
    tried = here.test_state(definition=json.dumps({"Type": "Pass", "End": True}), roleArn=role, input="{}")

    assert tried["status"] == "SUCCEEDED"
    assert usage("states") == before


def test_nothing_is_lost_where_many_count_at_once(deploy, table, usage):
    name = table()
    function = deploy(
        "import boto3\nclient = boto3.client('dynamodb')\n"
        "def handler(event, context): client.get_item(TableName=event, Key={'id': {'S': '1'}})",
        Timeout=30,
    )
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: function.invoke(name), range(80)))

    assert [answer.error for answer in answers] == [None] * 80
    assert usage("dynamodb", name) == {"read_units": 40}
    assert usage("lambda", function.name)["requests"] == 80
