"""Step Functions on the running engine: what an execution does, how fast it forgets, and what it tells."""

import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from tests.engine.messaging import unique
from tests.waiting import until

ROLE = "arn:aws:iam::000000000000:role/test"
RETRIES = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 1}]
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Caught"}]
ECHO = "def handler(event, context): return event"
FAILS = """
    class Broken(Exception): pass

    def handler(event, context):
        if event["retries"] < event["order"]["failures"]:
            raise Broken("as often as told")
        return event
"""


def _call(function, **fields):
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": {"order.$": "$", "retries.$": "$$.State.RetryCount"}},
        "OutputPath": "$.Payload.order",
        **({"End": True} if "Next" not in fields else {}),
        **fields,
    }


@pytest.fixture
def machine(aws):
    """``machine(states)`` creates a state machine that starts with the first of them; returns its ARN."""
    client = aws("stepfunctions")
    created = []

    def create(states):
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        arn = client.create_state_machine(name=unique("machine"), definition=definition, roleArn=ROLE)[
            "stateMachineArn"
        ]
        created.append(arn)
        return arn

    yield create
    for arn in created:
        client.delete_state_machine(stateMachineArn=arn)


@pytest.fixture
def ended(aws):
    """``ended(machine, input)`` runs an execution to its end, and describes it."""
    client = aws("stepfunctions")

    def execute(arn, given=None):
        execution = client.start_execution(stateMachineArn=arn, input=json.dumps(given or {}))["executionArn"]

        def over():
            found = client.describe_execution(executionArn=execution)
            return None if found["status"] == "RUNNING" else found

        return until(over)

    return execute


def test_function_is_called_and_its_answer_goes_on(deploy, machine, ended):
    arn = machine({"Echo": _call(deploy(ECHO).arn, Next="Again"), "Again": _call(deploy(ECHO).name)})

    found = ended(arn, {"order": [1, "ü"]})

    assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", {"order": [1, "ü"]})


def test_failure_is_retried_then_caught_with_the_functions_own_error(deploy, machine, ended):
    states = {"Try": _call(deploy(FAILS).arn, Retry=RETRIES, Catch=CATCH), "Caught": {"Type": "Pass", "End": True}}
    arn = machine(states)

    once, twice = (ended(arn, {"failures": count}) for count in (1, 2))

    assert json.loads(once["output"]) == {"failures": 1}
    failure = json.loads(twice["output"])["failure"]
    assert failure["Error"] == "Broken"
    assert json.loads(failure["Cause"])["errorType"] == "Broken"


def test_executions_at_once_count_their_own_retries(deploy, machine, ended):
    arn = machine({"Try": _call(deploy(FAILS, Timeout=30).arn, Retry=RETRIES)})
    orders = [{"failures": number % 3} for number in range(9)]

    with ThreadPoolExecutor(len(orders)) as executor:
        found = list(executor.map(lambda order: ended(arn, order), orders))

    assert [each["status"] == "SUCCEEDED" for each in found] == [order["failures"] < 2 for order in orders]


def test_what_lambda_refuses_has_lambdas_name_for_it(machine, ended):
    function = "arn:aws:lambda:us-east-1:000000000000:function:nobody"
    states = {"Try": _call(function, Catch=CATCH), "Caught": {"Type": "Pass", "End": True}}

    found = ended(machine(states))

    failure = json.loads(found["output"])["failure"]
    assert failure["Error"] == "Lambda.ResourceNotFoundException"
    assert "Service: AWSLambda; Status Code: 404" in failure["Cause"]


def test_throttled_function_is_told_as_such(aws, deploy, machine, ended):
    function = deploy(ECHO)
    aws("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    states = {"Try": _call(function.arn, Catch=CATCH), "Caught": {"Type": "Pass", "End": True}}

    assert json.loads(ended(machine(states))["output"])["failure"]["Error"] == "Lambda.TooManyRequestsException"


def test_end_of_an_execution_is_told_on_the_default_bus(aws, machine, ended, queue):
    arn = machine({"No": {"Type": "Fail", "Error": "No", "Cause": "way"}})
    name, events = unique("rule"), aws("events")
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [arn], "status": ["FAILED"]}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": queue.arn}])
    try:
        ended(arn, {"order": 1})
        (event,) = queue.bodies()
    finally:
        events.remove_targets(Rule=name, Ids=["queue"])
        events.delete_rule(Name=name)

    assert event["detail-type"] == "Step Functions Execution Status Change"
    detail = event["detail"]
    assert (detail["status"], detail["error"], detail["cause"]) == ("FAILED", "No", "way")
    assert json.loads(detail["input"]) == {"order": 1}


def test_stopped_execution_says_why(aws, machine):
    client = aws("stepfunctions")
    arn = machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    until(lambda: len(client.get_execution_history(executionArn=execution)["events"]) > 1)

    client.stop_execution(executionArn=execution, error="Enough", cause="of it")

    found = until(lambda: (seen := client.describe_execution(executionArn=execution))["status"] == "ABORTED" and seen)
    assert (found["error"], found["cause"]) == ("Enough", "of it")


def test_execution_that_is_stopped_in_a_call_that_then_fails_is_aborted(aws, machine, deploy, tmp_path):
    """As it is on AWS; stock calls it failed, for its call's reason."""
    client = aws("stepfunctions")
    function = deploy(
        """
        import pathlib, time

        def handler(event, context):
            folder = pathlib.Path(event["order"]["folder"])
            (folder / "called").touch()
            while not (folder / "stopped").exists():
                time.sleep(0.01)
            raise RuntimeError("too late")
        """,
        Timeout=30,
    )
    arn = machine({"Call": _call(function.name, Retry=RETRIES)})
    execution = client.start_execution(stateMachineArn=arn, input=json.dumps({"folder": str(tmp_path)}))["executionArn"]
    until((tmp_path / "called").exists)

    client.stop_execution(executionArn=execution, error="Enough", cause="of it")
    (tmp_path / "stopped").touch()

    found = until(lambda: (seen := client.describe_execution(executionArn=execution))["status"] != "RUNNING" and seen)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Enough", "of it")
    last = client.get_execution_history(executionArn=execution)["events"][-1]
    assert last["type"] == "ExecutionAborted"


def test_updated_machine_does_as_its_new_definition_says(aws, machine, ended):
    arn = machine({"Old": {"Type": "Pass", "Result": "old", "End": True}})
    assert json.loads(ended(arn)["output"]) == "old"
    definition = {"StartAt": "New", "States": {"New": {"Type": "Pass", "Result": "new", "End": True}}}

    aws("stepfunctions").update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))

    assert json.loads(ended(arn)["output"]) == "new"


class _Execution:
    """As much of one as is shortened."""

    def __init__(self, output):
        self.input_data, self.output, self.exec_worker = {"order": 1}, output, None


def test_only_the_latest_executions_are_kept_whole():
    from loadstack_engine.step_functions.memory import Over

    over, executions = Over(kept=2), [_Execution({"done": number}) for number in range(4)]
    for execution in executions:
        over.add(execution)

    assert [execution.output for execution in executions] == [{}, {}, {"done": 2}, {"done": 3}]
    assert [execution.input_data for execution in executions] == [{}, {}, {"order": 1}, {"order": 1}]
    assert executions[0].input_details == {"included": False}


def test_stop_that_comes_before_the_execution_has_begun_counts(monkeypatch):
    from localstack.services.stepfunctions.asl.eval.environment import Environment
    from localstack.services.stepfunctions.backend.execution import Execution
    from localstack.services.stepfunctions.backend.execution_worker import ExecutionWorker

    from loadstack_engine.step_functions import stopping

    for changed, names in (
        (Environment, ("set_error", "set_timed_out")),
        (ExecutionWorker, ("stop", "_get_evaluation_environment")),
        (Execution, ("start", "publish_execution_status_change_event")),
    ):
        for name in names:
            monkeypatch.setattr(changed, name, getattr(changed, name))
    stops = []
    environment = SimpleNamespace(set_stop=lambda **how: stops.append(how))
    monkeypatch.setattr(ExecutionWorker, "_get_evaluation_environment", lambda worker: environment)
    stopping.use()
    worker = ExecutionWorker(None, None, None, {})

    worker.stop(stop_date=None, error="Enough", cause="of it")
    assert worker._get_evaluation_environment() is environment

    assert stops == [{"stop_date": None, "error": "Enough", "cause": "of it"}]
