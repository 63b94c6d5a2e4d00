"""What bears a condition is made when it begins to hold, and deleted when it holds no more."""

import json
from typing import Any

import pytest

from tests.conftest import Aws
from tests.waiting import until

pytestmark = pytest.mark.slow

NAME = "cloudformation-conditions"
QUEUE = {"Fn::GetAtt": ["Extra", "Arn"]}
STATEMENT = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
TEMPLATE = {
    "Parameters": {"With": {"Type": "String"}},
    "Conditions": {"IsWith": {"Fn::Equals": [{"Ref": "With"}, "yes"]}},
    "Resources": {
        "Extra": {"Type": "AWS::SQS::Queue", "Condition": "IsWith", "Properties": {"QueueName": "conditions-extra"}},
        "ExtraPolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Condition": "IsWith",
            "Properties": {
                "Queues": [{"Ref": "Extra"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [{**STATEMENT, "Resource": QUEUE}]},
            },
        },
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "TopicName": "conditions",
                "Tags": [
                    {"Key": "tells", "Value": {"Fn::If": ["IsWith", {"Fn::GetAtt": ["Extra", "QueueName"]}, "nobody"]}}
                ],
            },
        },
    },
    "Outputs": {"ExtraArn": {"Condition": "IsWith", "Value": QUEUE}},
}
TOPIC = "arn:aws:sns:us-east-1:000000000000:conditions"
EXTRA = "arn:aws:sqs:us-east-1:000000000000:conditions-extra"


def _apply(aws: Aws, with_extra: str, *, first: bool = False) -> Any:
    """The stack once it is made, or changed, with what it tells."""
    cloudformation = aws("cloudformation")
    what = cloudformation.create_stack if first else cloudformation.update_stack
    parameters = [{"ParameterKey": "With", "ParameterValue": with_extra}]
    what(StackName=NAME, TemplateBody=json.dumps(TEMPLATE), Parameters=parameters)

    def settled() -> Any:
        (stack,) = cloudformation.describe_stacks(StackName=NAME)["Stacks"]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    return until(settled)


def _queues(aws: Aws) -> list[str]:
    urls = aws("sqs").list_queues(QueueNamePrefix="conditions-extra").get("QueueUrls", [])
    return [url.rsplit("/", 1)[1] for url in urls]


def _told(aws: Aws) -> list[str]:
    return [tag["Value"] for tag in aws("sns").list_tags_for_resource(ResourceArn=TOPIC)["Tags"]]


def test_condition_that_changes_makes_and_deletes_what_bears_it(aws: Aws) -> None:
    try:
        assert _apply(aws, "no", first=True)["StackStatus"] == "CREATE_COMPLETE"
        assert (_queues(aws), _told(aws)) == ([], ["nobody"])

        stack = _apply(aws, "yes")
        assert stack["StackStatus"] == "UPDATE_COMPLETE", stack
        assert (_queues(aws), _told(aws)) == (["conditions-extra"], ["conditions-extra"])
        assert [each["OutputValue"] for each in stack["Outputs"]] == [EXTRA]
        url = aws("sqs").get_queue_url(QueueName="conditions-extra")["QueueUrl"]
        policy = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        assert json.loads(policy)["Statement"][0]["Resource"] == EXTRA

        stack = _apply(aws, "no")
        assert stack["StackStatus"] == "UPDATE_COMPLETE", stack
        assert (_queues(aws), _told(aws)) == ([], ["nobody"])
        assert stack.get("Outputs", []) == []
    finally:
        aws("cloudformation").delete_stack(StackName=NAME)
