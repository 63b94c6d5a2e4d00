"""REST APIs as AWS runs them.

``payload``, ``gateway_responses``, ``request_validation`` and ``lambda_integrations`` change what LocalStack does;
``authorizers`` and ``throttling`` add what it does not do, and ``hot_route`` takes requests past most of it, each under
a switch of its own.
"""


def use() -> None:
    """Change LocalStack's REST APIs, those that exist already too."""
    from loadstack_engine.api_gateway import gateway_responses, lambda_integrations, payload, request_validation

    payload.use()
    gateway_responses.use()
    request_validation.use()
    lambda_integrations.use()
