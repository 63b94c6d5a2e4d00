"""Writes down how large the latest upload is."""

import os

import boto3

SSM = boto3.client("ssm")


def handler(event, context):
    size = event["Records"][0]["s3"]["object"]["size"]
    SSM.put_parameter(Name=os.environ["PARAMETER"], Value=f"{size} ({os.environ['KIND']})", Overwrite=True)
