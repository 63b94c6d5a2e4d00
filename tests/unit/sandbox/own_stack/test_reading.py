"""Templates are read as CloudFormation reads them, and what is wrong with one is told with its line."""

from pathlib import Path

import pytest

from sandbox.own_stack.errors import TemplateError
from sandbox.own_stack.reading import locate, read

TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Condition: IsProd
    Properties:
      QueueName: !Sub ${AWS::StackName}-q
      Tags: [{Key: arn, Value: !GetAtt Other.Arn}, {Key: both, Value: !Join ["-", [!Ref A, !Ref B]]}]
"""


def written(folder: Path, text: str, name: str = "template.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_short_forms_become_long_ones(tmp_path: Path) -> None:
    template = read(written(tmp_path, TEMPLATE), "t")
    assert template["AWSTemplateFormatVersion"] == "2010-09-09"
    properties = template["Resources"]["Queue"]["Properties"]
    assert properties["QueueName"] == {"Fn::Sub": "${AWS::StackName}-q"}
    assert [each["Value"] for each in properties["Tags"]] == [
        {"Fn::GetAtt": ["Other", "Arn"]},
        {"Fn::Join": ["-", [{"Ref": "A"}, {"Ref": "B"}]]},
    ]


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("Resources:\n  A:\n    Type: X\n   B: 1\n", "t.yaml", "shown:4:4: "),
        ("Resources:\n  A: {Type: X}\n  A: {Type: Y}\n", "t.yaml", "shown:3:3: the key A is there twice."),
        ('{"Resources": {"A": {,}}}', "t.json", "shown:1:22: "),
        ("Resources: !Ref\n\tA", "t.yaml", "shown:2:1: "),
        ("just words", "t.yaml", "shown: is no template: it has no Resources."),
        ("Resources: {}", "t.yaml", "shown: is no template: it has no Resources."),
        ("", "t.json", "shown:1:1: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, name: str, told: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read(written(tmp_path, text, name), "shown")
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Parameters: [Stage]", "Parameters must be a mapping, of names to what they are."),
        ("Parameters: Stage", "Parameters must be a mapping, of names to what they are."),
        ("Rules: [a]", "Rules must be a mapping, of names to what they are."),
        ("Globals: [a]", "Globals must be a mapping, of names to what they are."),
        ("Globals: {Function: [a]}", "Globals.Function must be a mapping."),
        ("Parameters: {Stage: String}", "Parameters.Stage must be a mapping."),
        ("Parameters: {Stage: {AllowedValues: 3}}", "Parameters.Stage.AllowedValues must be a list."),
        ("Parameters: {1: {Type: String}}", "Parameters: the name 1 must be text: put it into quotes."),
    ],
)
def test_a_section_of_another_shape_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read(written(tmp_path, f"{text}\nResources: {{Queue: {{Type: AWS::SQS::Queue}}}}\n"), "shown")
    assert str(caught.value) == f"shown: {told}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{Type: !Ref X}", "Type must be text."),
        ("{Type: [AWS::SQS::Queue]}", "Type must be text."),
        ("{Type: AWS::CloudFormation::Stack, Properties: [1]}", "Properties must be a mapping."),
    ],
)
def test_a_resource_of_another_shape_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read(written(tmp_path, f"Resources: {{Queue: {text}}}\n"), "shown")
    assert str(caught.value) == f"shown: Resources.Queue.{told}"


def test_what_is_left_empty_and_what_a_transform_writes_are_taken(tmp_path: Path) -> None:
    text = "Parameters:\nGlobals: {Function: }\nResources: {A: {Type: X, Properties: }, Fn::ForEach::B: [C, [1], {}]}\n"
    assert list(read(written(tmp_path, text), "shown")["Resources"]) == ["A", "Fn::ForEach::B"]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError, match="shown: cannot be read"):
        read(path, "shown")


def test_a_folder_stands_for_the_template_in_it(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"has no template\.yaml"):
        locate(str(tmp_path))
    written(tmp_path, "{}", "cdk.json")
    with pytest.raises(TemplateError, match=r"no template in its cdk\.out: cdk synth first"):
        locate(str(tmp_path))
    (tmp_path / "cdk.out").mkdir()
    synthesized = written(tmp_path / "cdk.out", "{}", "Counting.template.json")
    assert locate(str(tmp_path)) == synthesized
    other = written(tmp_path / "cdk.out", "{}", "Other.template.json")
    with pytest.raises(TemplateError, match=r"\(cdk\.out/Counting\.template\.json, cdk\.out/Other\.template\.json\)"):
        locate(str(tmp_path))
    other.unlink()
    first = written(tmp_path, "{}", "One.template.json")
    assert locate(str(tmp_path)) == first
    written(tmp_path, "{}", "Two.template.json")
    with pytest.raises(TemplateError, match=r"more than one template \(One\.template\.json, Two\.template\.json\)"):
        locate(str(tmp_path))
    usual = written(tmp_path, TEMPLATE)
    assert locate(str(tmp_path)) == usual


def test_a_template_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"TEMPLATE=.*missing\.yaml: there is no such file"):
        locate(str(tmp_path / "missing.yaml"))
