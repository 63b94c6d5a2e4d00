"""Step Functions: parsing, calls and memory, for thousands of executions.

Stock LocalStack 4.14.0 parses the state machine anew for every execution and each JSONPath at every use, takes the role
and makes botocore clients for every call of a function, and keeps all of every execution for ever.
"""

from types import ModuleType

from loadstack_engine.runtime._loadstack_on_import import when_imported


def use() -> None:
    """Change the service when it is loaded: few stacks need it, and its parser is slow to load."""
    when_imported("localstack.services.stepfunctions.provider", _change)


def _change(_: ModuleType) -> None:
    from loadstack_engine.step_functions import calls, memory, programs, stopping

    programs.use()
    calls.use()
    memory.use()
    stopping.use()
