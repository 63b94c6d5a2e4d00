"""What can go wrong with sending back."""

from sandbox.errors import SandboxError


class RedriveError(SandboxError):
    """SQS, Lambda or DynamoDB refused; what was not moved lies where it lay."""
