"""REST APIs for the tests, built route by route."""

import uuid
from dataclasses import dataclass
from typing import Any

import requests


def lambda_uri(arn: str) -> str:
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


@dataclass
class RestApi:
    """A REST API with a fixed id, its stage ``dev`` at ``url`` once it is deployed."""

    client: Any
    id: str
    endpoint: str

    @classmethod
    def create(cls, client: Any, endpoint: str, **arguments: Any) -> "RestApi":
        name = f"t{uuid.uuid4().hex[:8]}"
        client.create_rest_api(name=name, tags={"_custom_id_": name}, **arguments)
        return cls(client, name, endpoint)

    @property
    def url(self) -> str:
        return f"{self.endpoint}/_aws/execute-api/{self.id}/dev"

    def resource(self, path: str) -> str:
        """The id of the resource of this path, created where there is none."""
        known = {each["path"]: each["id"] for each in self.client.get_resources(restApiId=self.id, limit=500)["items"]}
        if path not in known:
            parent, _, part = path.rpartition("/")
            created = self.client.create_resource(
                restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part
            )
            return str(created["id"])
        return str(known[path])

    def route(self, method: str, path: str, function: Any = None, integration: Any = None, **arguments: Any) -> None:
        """A method with an integration: Lambda proxy with ``function`` unless ``integration`` says more."""
        place = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": method}
        self.client.put_method(**place, **({"authorizationType": "NONE"} | arguments))
        proxy = {"type": "AWS_PROXY", "integrationHttpMethod": "POST"}
        if function is not None:
            proxy["uri"] = lambda_uri(function.arn)
        self.client.put_integration(**place, **(proxy | (integration or {})))

    def respond(self, method: str, path: str, status: str = "200", **arguments: Any) -> None:
        """A method response and the integration response that leads to it, for what is no proxy."""
        place = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": method, "statusCode": status}
        self.client.put_method_response(**place)
        self.client.put_integration_response(**place, **arguments)

    def deploy(self) -> str:
        self.client.create_deployment(restApiId=self.id, stageName="dev")
        return self.url

    def get(self, path: str, **arguments: Any) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=30, **arguments)

    def post(self, path: str, **arguments: Any) -> requests.Response:
        return requests.post(f"{self.url}{path}", timeout=30, **arguments)

    def update_stage(self, *changes: tuple[str, str]) -> None:
        """``("/variables/x", "1")``: replace what stands at each path of the stage."""
        operations = [{"op": "replace", "path": path, "value": value} for path, value in changes]
        self.client.update_stage(restApiId=self.id, stageName="dev", patchOperations=operations)

    def key(self, stage: Any = None, **plan: Any) -> str:
        """An API key in a usage plan of its own for the stage; ``plan`` is CreateUsagePlan's. Returns its value."""
        stages = [{"apiId": self.id, "stage": "dev"} | (stage or {})]
        plan_id = self.client.create_usage_plan(name=uuid.uuid4().hex, apiStages=stages, **plan)["id"]
        key = self.client.create_api_key(name=uuid.uuid4().hex, enabled=True)
        self.client.create_usage_plan_key(usagePlanId=plan_id, keyId=key["id"], keyType="API_KEY")
        return str(key["value"])
