"""Custom resources: a function of the user's makes them, and sends how it went to an address of ours.

States of one request: *asked* → *answered*, or failed at once where the function itself fails (AWS waits an hour then).
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref.html
"""

import json
import secrets
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from localstack import config
from localstack.http import Request as HttpRequest
from localstack.http import Response
from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent
from localstack.services.edge import ROUTER

from loadstack_engine.cloudformation.models import Event, Model, Request, done

TYPE = "AWS::CloudFormation::CustomResource"
_OWN = "Custom::"
_PATH = "/_loadstack/cloudformation"
# Under these names the model keeps what belongs to us; all else are the attributes that the function answered.
_PROPERTIES = "LoadstackProperties"
_ID = "PhysicalResourceId"


class Answers:
    """What functions answered, by the token in the address that they were given. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, Model | None] = {}

    def expect(self) -> str:
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._answers[token] = None
        return token

    def put(self, token: str, answer: Model) -> bool:
        """Whether it was expected. The first one counts."""
        with self._lock:
            if token not in self._answers:
                return False
            self._answers[token] = self._answers[token] or answer
            return True

    def take(self, token: str) -> Model | None:
        """The answer, which is then forgotten; None where there is none yet."""
        with self._lock:
            answer = self._answers.get(token)
            if answer is not None:
                del self._answers[token]
            return answer

    def forget(self, token: str) -> None:
        with self._lock:
            self._answers.pop(token, None)


ANSWERS = Answers()


class CustomResourceProvider:
    """Of all types ``Custom::…``."""

    SCHEMA: Mapping[str, Any] = {"primaryIdentifier": [f"/properties/{_ID}"]}

    def __init__(self, answers: Answers = ANSWERS) -> None:
        self._answers = answers

    def create(self, request: Request) -> Event:
        return self._step(request, "Create")

    def update(self, request: Request) -> Event:
        event = self._step(request, "Update")
        before = request.previous_state or {}
        made = event.resource_model or {}
        if event.status is OperationStatus.SUCCESS and made[_ID] != before.get(_ID):
            # It was replaced. Nobody waits for this answer: a function's is there by now, a topic's may come.
            token, _ = self._ask(request, "Delete", _asked(before), {_ID: before.get(_ID)})
            self._answers.take(token)
        return event

    def delete(self, request: Request) -> Event:
        return self._step(request, "Delete")

    def _step(self, request: Request, kind: str) -> Event:
        """Ask at first; later, look for the answer."""
        before = request.previous_state or {}
        properties = _asked(before if kind == "Delete" else request.desired_state)
        token = request.custom_context.get("token")
        if token is None:
            extra: Model = {} if kind == "Create" else {_ID: before.get(_ID)}
            if kind == "Update":
                extra["OldResourceProperties"] = _as_text(_asked(before))
            token, failure = self._ask(request, kind, properties, extra)
            if failure:
                return ProgressEvent(status=OperationStatus.FAILED, resource_model={}, message=failure)
        answer = self._answers.take(token)
        if answer is None:
            return ProgressEvent(
                status=OperationStatus.IN_PROGRESS,
                resource_model=request.desired_state,
                custom_context={"token": token},
            )
        if answer.get("Status") != "SUCCESS":
            reason = answer.get("Reason") or "the function gave no reason"
            return ProgressEvent(status=OperationStatus.FAILED, resource_model={}, message=reason)
        physical_id = answer.get(_ID) or before.get(_ID) or request.logical_resource_id
        return done({**_as_text(answer.get("Data") or {}), _PROPERTIES: properties, _ID: physical_id})

    def _ask(self, request: Request, kind: str, properties: Model, extra: Model) -> tuple[str, str | None]:
        """The token of the answer that will come, and why none will."""
        token = self._answers.expect()
        event = {
            "RequestType": kind,
            "ResponseURL": f"{config.internal_service_url()}{_PATH}/{token}",
            "StackId": request.stack_id,
            "RequestId": request.request_token,
            "ResourceType": request.resource_type,
            "LogicalResourceId": request.logical_resource_id,
            "ResourceProperties": _as_text(properties),
            **extra,
        }
        failure: str | None = "it could not be asked"
        try:
            failure = _send(request, properties.get("ServiceToken", ""), event)
        finally:
            if failure:
                self._answers.forget(token)
        return token, failure


def _send(request: Request, target: str, event: Model) -> str | None:
    """Ask the topic or the function; why the function will not answer. Raises botocore's errors."""
    if target.startswith("arn:aws:sns:"):
        request.aws_client_factory.sns.publish(TopicArn=target, Message=json.dumps(event))
        return None
    answer = request.aws_client_factory.lambda_.invoke(FunctionName=target, Payload=json.dumps(event).encode())
    if "FunctionError" not in answer:
        return None
    error = json.loads(answer["Payload"].read())
    return f"its function failed: {error.get('errorType')}: {error.get('errorMessage')}"


def is_custom(type_name: str) -> bool:
    return type_name == TYPE or type_name.startswith(_OWN)


def add_route() -> None:
    ROUTER.add(f"{_PATH}/<token>", _receive, methods=("PUT",))


def _receive(request: HttpRequest, token: str, **_: Any) -> Response:
    try:
        answer = json.loads(request.get_data() or b"")
    except ValueError:
        return Response("The answer is no JSON.", status=HTTPStatus.BAD_REQUEST)
    if not isinstance(answer, dict) or not ANSWERS.put(token, answer):
        return Response("Nobody waits for this answer.", status=HTTPStatus.FORBIDDEN)
    return Response("")


def _asked(model: Model) -> Model:
    """What the template asked for, of a model or of that itself: where an update is undone they change places."""
    asked: Model = model.get(_PROPERTIES) or {name: value for name, value in model.items() if name != _ID}
    return asked


def _as_text(value: Any) -> Any:
    """Custom resources get texts, whatever the template has, and `Fn::GetAtt` gives texts, whatever they answer."""
    if isinstance(value, Mapping):
        return {key: _as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
