"""The two ways of making the shop's stack. Standard library only: the set-up asks as well."""

from enum import StrEnum


class Way(StrEnum):
    """Who creates the resources: our deployers, call by call; or CloudFormation, from `template.yaml`."""

    API = "api"
    TEMPLATE = "template"
