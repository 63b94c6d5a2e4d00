"""The roles of an endpoint with their policies, inline and attached, as IAM has them now."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bootstrap.clients import Clients
from bootstrap.observed import Observed
from sandbox.iam.policies import Role, Statement, statements_of

# Roles of AWS's own services, which nobody writes policies for.
_SERVICE_ROLES = "/aws-service-role/"


def roles(clients: Clients) -> Mapping[str, Role]:
    """By name. Raises botocore's errors."""
    found = Observed(clients).roles()
    names = [name for name, role in found.items() if not role["Path"].startswith(_SERVICE_ROLES)]
    return {name: Role(name, tuple(_statements(clients.iam, name))) for name in names}


def _statements(iam: Any, role: str) -> Iterator[Statement]:
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=role):
        for policy in page["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            yield from statements_of(policy, _parsed(document))
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for policy in page["AttachedPolicies"]:
            arn = policy["PolicyArn"]
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
            yield from statements_of(policy["PolicyName"], _parsed(document))


def _parsed(document: Any) -> Mapping[str, Any]:
    """boto3 has parsed it; where it came as a string, it is JSON."""
    found: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    return found
