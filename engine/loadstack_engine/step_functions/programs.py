"""A state machine is parsed once, and so is each JSONPath.

What is parsed is not changed by its evaluation: retries are counted on the heap of the execution, under a key of the
part that counts. Map states keep more in themselves, so definitions with one are parsed as ever.
"""

from functools import lru_cache
from typing import Any

from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.component.eval_component import EvalComponent
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import state_task_service
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.asl.utils import json_path
from localstack.services.stepfunctions.backend.execution_worker import ExecutionWorker

_KEPT_MACHINES = 64
_KEPT_PATHS = 4096
_KEPT_NAMES = 4096


def use() -> None:
    """Keep what was parsed."""
    kept = lru_cache(maxsize=_KEPT_MACHINES)(_parse)

    def program_of(worker: ExecutionWorker) -> EvalComponent:
        definition = worker._evaluation_details.state_machine_details.definition
        return (_parse if '"Map"' in definition else kept)(definition)

    ExecutionWorker._get_evaluation_entrypoint = program_of
    # Stock draws the key when it is first asked for: two executions at once would draw two.
    EvalComponent.heap_key = property(_key_of)
    for module in (json_path, result_path):
        module.parse = lru_cache(maxsize=_KEPT_PATHS)(module.parse)
    # Asked for each member of a call's parameters and answer, by a dozen regular expressions.
    state_task_service.camel_to_snake_case = lru_cache(maxsize=_KEPT_NAMES)(state_task_service.camel_to_snake_case)


def _parse(definition: str) -> EvalComponent:
    program: EvalComponent = AmazonStateLanguageParser.parse(definition)[0]
    return program


def _key_of(component: Any) -> str:
    return str(id(component))
