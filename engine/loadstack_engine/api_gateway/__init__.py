"""REST APIs as AWS runs them: bodies, gateway responses, and Lambda functions called within the process."""

from loadstack_engine.api_gateway import gateway_responses, lambda_integrations, payload


def use() -> None:
    """Change LocalStack's REST APIs, those that exist already too."""
    payload.use()
    gateway_responses.use()
    lambda_integrations.use()
