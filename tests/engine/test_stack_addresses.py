"""What CloudFormation tells of addresses is where this engine answers."""

import json
import uuid

import pytest
import requests

from loadstack_engine.stack_addresses import here

OWN_URL = "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/live/notes"
TEMPLATE = {
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "addresses"}},
        "Notes": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "PathPart": "notes",
            },
        },
        "Get": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResourceId": {"Ref": "Notes"},
                "HttpMethod": "GET",
                "AuthorizationType": "NONE",
                "Integration": {
                    "Type": "MOCK",
                    "RequestTemplates": {"application/json": '{"statusCode": 200}'},
                    "IntegrationResponses": [
                        {"StatusCode": "200", "ResponseTemplates": {"application/json": '{"from": "the stack"}'}}
                    ],
                },
                "MethodResponses": [{"StatusCode": "200"}],
            },
        },
        "Live": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": "Get",
            "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "live"},
        },
    },
    "Outputs": {
        "AsOnAws": {"Value": {"Fn::Sub": OWN_URL}},
        "BySuffix": {"Value": {"Fn::Sub": OWN_URL.replace("amazonaws.com", "${AWS::URLSuffix}")}},
        "Joined": {
            "Value": {
                "Fn::Join": [
                    "",
                    ["https://", {"Ref": "Api"}, ".execute-api.", {"Ref": "AWS::Region"}, ".amazonaws.com/live/notes"],
                ]
            }
        },
        "QueueUrl": {"Value": {"Ref": "Queue"}},
    },
}


@pytest.fixture(scope="module")
def outputs(aws):
    """The outputs of a stack with a REST API and a queue, by key."""
    client, name = aws("cloudformation"), f"test-{uuid.uuid4().hex[:8]}"
    client.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))
    client.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.2})
    told = client.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    yield {output["OutputKey"]: output["OutputValue"] for output in told}
    client.delete_stack(StackName=name)
    client.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 0.2})


@pytest.mark.parametrize("key", ["AsOnAws", "BySuffix", "Joined"])
def test_address_of_an_api_answers(outputs, engine, key):
    answer = requests.get(outputs[key], timeout=10)

    assert answer.url.startswith(engine.endpoint)
    assert answer.json() == {"from": "the stack"}


def test_queue_url_answers(outputs, engine):
    query = {"Action": "SendMessage", "MessageBody": "by hand"}
    answer = requests.get(outputs["QueueUrl"], params=query, timeout=10)

    assert answer.url.startswith(engine.endpoint)
    assert "<MessageId>" in answer.text


@pytest.mark.parametrize(
    "value",
    [
        "https://example.com/live",
        "https://abc.execute-api.us-east-1.example.com/live",
        "see https://abc.execute-api.us-east-1.amazonaws.com/live",
        "arn:aws:execute-api:us-east-1:000000000000:abc/live",
        "",
    ],
)
def test_other_text_stays(value):
    assert here(value) == value
