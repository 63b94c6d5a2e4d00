"""IAM roles, each with one inline policy."""

import json

from bootstrap import policies
from bootstrap.context import Context, Outcome
from bootstrap.resources import Role


def ensure(context: Context, role: Role) -> Outcome:
    iam = context.clients.iam
    trust, permissions = policies.trust(role), policies.document(role.statements, context.resolve)
    found = context.observed.roles().get(role.name)
    if found is None:
        iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=role.name, PolicyName=policies.NAME, PolicyDocument=json.dumps(permissions))
        return Outcome.CREATED
    same_trust = found.get("AssumeRolePolicyDocument") == trust
    same_permissions = _inline_policy(context, role) == permissions
    if not same_trust:
        iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=json.dumps(trust))
    if not same_permissions:
        iam.put_role_policy(RoleName=role.name, PolicyName=policies.NAME, PolicyDocument=json.dumps(permissions))
    return Outcome.UNCHANGED if same_trust and same_permissions else Outcome.UPDATED


def _inline_policy(context: Context, role: Role) -> object:
    """The policy document; None when there is none."""
    iam = context.clients.iam
    try:
        return iam.get_role_policy(RoleName=role.name, PolicyName=policies.NAME)["PolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        return None
