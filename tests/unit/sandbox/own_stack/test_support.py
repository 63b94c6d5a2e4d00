"""What cannot be made or run here is told, each in a line."""

from sandbox.own_stack.support import nested, supported_types, unsupported

SUPPORTED = frozenset({"aws::sqs::queue", "aws::lambda::function"})


def test_types_that_nothing_makes_are_told() -> None:
    template = {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Pool": {"Type": "AWS::Cognito::UserPool"},
            "Made": {"Type": "Custom::Thing"},
            "Metadata": {"Type": "AWS::CDK::Metadata"},
        }
    }
    assert unsupported(template, SUPPORTED) == [
        "Pool: AWS::Cognito::UserPool is not supported here",
        "Made: AWS::CloudFormation::CustomResource is not supported here",
    ]


def test_functions_that_are_no_python_are_told() -> None:
    def function(**properties: object) -> dict[str, object]:
        return {"Type": "AWS::Lambda::Function", "Properties": properties}

    template = {
        "Resources": {
            "Python": function(Runtime="python3.12"),
            "Chosen": function(Runtime={"Ref": "Runtime"}),
            "Node": function(Runtime="nodejs22.x"),
            "Image": function(PackageType="Image", Code={"ImageUri": "x"}),
        }
    }
    assert unsupported(template, SUPPORTED) == [
        "Node: a function in nodejs22.x cannot run here: functions are Python 3.13 processes",
        "Image: functions from container images are not supported here: they run as processes, without Docker",
    ]


def test_the_engines_own_types_are_known() -> None:
    from loadstack_engine.cloudformation.new_types import NEW_TYPES

    known = supported_types()
    assert "aws::dynamodb::table" in known
    assert {name.lower() for name in NEW_TYPES} <= known
    custom = {
        "Resources": {"Made": {"Type": "Custom::Thing"}, "Other": {"Type": "AWS::CloudFormation::CustomResource"}}
    }
    assert unsupported(custom, known) == []


def test_a_nested_stack_in_a_file_is_told() -> None:
    def stack(**properties: object) -> dict[str, object]:
        return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}

    template = {
        "Resources": {
            "Local": stack(TemplateURL="parts/one.yaml"),
            "Remote": stack(TemplateURL="https://s3.amazonaws.com/bucket/two.yaml"),
            "Chosen": stack(TemplateURL={"Ref": "Url"}),
            "Application": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "app.yaml"}},
        }
    }
    assert nested(template) == [
        "Local: a nested stack in a file (parts/one.yaml) is not packaged here: bring it up by itself",
        "Application: a nested stack in a file (app.yaml) is not packaged here: bring it up by itself",
    ]
