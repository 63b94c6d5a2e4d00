"""Templates as YAML: for people, and with nothing lost. SAM's own parser reads them here."""

import re
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from bootstrap.template.text import render

DATA: dict[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Conditions": {"OnAws": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::AccountId"}, "000000000000"]}]}},
    "Resources": {
        "One": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "Name": {"Fn::Sub": "${AWS::Region}-x"},
                "Same": ["a", ["b"]],
                "Again": ["a", ["b"]],
                "Number": "012",
                "Yes": "yes",
                "Quoted": "'text/plain'",
                "Multiple": "first\n  second\n",
                "Long": "word " * 60 + "end",
                "Empty": {},
            },
        },
        "Two": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "If": {"Fn::If": ["OnAws", {"Fn::GetAtt": ["One", "Arn"]}, {"Ref": "AWS::NoValue"}]},
                "Text": {"Fn::Sub": ["a ${b}\nc\n", {"b": {"Fn::Sub": "  ${One.Arn}\n d"}}]},
                "Hash": {"Fn::Sub": "${One}# no comment: ${AWS::Region}"},
            },
        },
    },
}


def test_text_is_the_data_again() -> None:
    assert yaml_parse(render(DATA, "Generated.", {"One": "first"})) == DATA


def test_text_is_for_people() -> None:
    text = render(DATA, "Generated.\nDo not edit.", {"Two": "second"})
    assert text.startswith("# Generated.\n# Do not edit.\n\nAWSTemplateFormatVersion: '2010-09-09'\n")
    assert "\n  One:\n    Type: AWS::SQS::Queue\n    Properties:\n      Name: !Sub ${AWS::Region}-x\n" in text
    assert "\n        - !GetAtt One.Arn\n        - !Ref AWS::NoValue\n" in text
    assert "\n      Multiple: |\n        first\n          second\n" in text
    assert re.search(r"\n\n  # -- second -+\n\n  Two:\n", text)
    assert "&id" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]
