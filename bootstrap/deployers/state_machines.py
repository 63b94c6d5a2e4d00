"""Step Functions state machines."""

import json

from bootstrap.context import Context, Outcome
from bootstrap.state_machines import StateMachine, filled_in


def ensure(context: Context, machine: StateMachine) -> Outcome:
    """Create it, or give it the definition and the role that are declared; executions that run go on as they began."""
    sfn = context.clients.stepfunctions
    definition, role = filled_in(machine.definition, context.arn), context.arn(machine.role)
    arn = context.observed.state_machines().get(machine.name)
    if arn is None:
        sfn.create_state_machine(name=machine.name, definition=json.dumps(definition), roleArn=role, type=machine.type)
        return Outcome.CREATED
    found = sfn.describe_state_machine(stateMachineArn=arn)
    if json.loads(found["definition"]) == definition and found["roleArn"] == role:
        return Outcome.UNCHANGED
    sfn.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition), roleArn=role)
    return Outcome.UPDATED
