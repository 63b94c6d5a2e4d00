"""What an execution asks of other services most: functions, and EventBridge to tell how it stands."""

import io
from typing import Any

from botocore.exceptions import ClientError
from localstack.aws.api import ServiceException
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import lambda_eval_utils
from localstack.services.stepfunctions.asl.eval.program_state import ProgramStopped
from localstack.services.stepfunctions.backend.execution import BaseExecutionWorkerCommunication, Execution
from localstack.utils.aws.arns import extract_account_id_from_arn
from localstack.utils.strings import long_uid

from loadstack_engine.in_process import Client


def use() -> None:
    """Call them within the process. Stock takes the state machine's role and makes a client for every call."""
    lambda_eval_utils._invoke_lambda_function = _invoke
    Execution._get_events_client = _events_of
    reflect = BaseExecutionWorkerCommunication._reflect_execution_status

    def reflect_all(communication: BaseExecutionWorkerCommunication) -> None:
        """Also why it was stopped, which stock forgets."""
        reflect(communication)
        execution = communication.execution
        state = execution.exec_worker.env.program_state()
        if isinstance(state, ProgramStopped):
            execution.error, execution.cause = state.error, state.cause

    BaseExecutionWorkerCommunication._reflect_execution_status = reflect_all


def _invoke(parameters: dict[str, Any], region: str, state_credentials: Any) -> dict[str, Any]:
    """In place of ``_invoke_lambda_function``. Raises ``ClientError`` as boto3 does."""
    account_id = extract_account_id_from_arn(state_credentials.role_arn)
    try:
        client = Client("lambda", account_id, region, origin="states", role=state_credentials.role_arn)
        answer = client.invoke(**{"Payload": b"", **parameters})
    except ServiceException as error:
        raise _as_boto3(error) from error
    payload = answer.get("Payload") or b""
    answer["Payload"] = lambda_eval_utils._from_payload(payload if hasattr(payload, "read") else io.BytesIO(payload))
    return dict(answer)


def _as_boto3(error: ServiceException) -> ClientError:
    about = {"Code": error.code, "Message": error.message}
    metadata = {"HTTPStatusCode": error.status_code, "RequestId": long_uid()}
    return ClientError({"Error": about, "ResponseMetadata": metadata}, "Invoke")  # type: ignore[typeddict-item]


def _events_of(execution: Execution) -> Client:
    return Client("events", execution.account_id, execution.region_name)
