"""What AWS would bill for what the functions, APIs, queues, topics and state machines did: ``/_loadstack/usage``.

Counted where it happens, by what causes it: a function's own calls in its process (``runtime/_loadstack_usage.py``),
what services do for it (pollers, deliveries, integrations) in LocalStack. What others call, a load generator's probe or
a deployment, is in none of these figures.
"""

from types import ModuleType

from loadstack_engine.runtime._loadstack_on_import import when_imported


def use() -> None:
    """Count what nothing of ours has a hand in otherwise."""
    from loadstack_engine.usage import integrations_of_apis, requests_of_apis

    requests_of_apis.use()
    integrations_of_apis.use()
    when_imported("localstack.services.stepfunctions.provider", _count_transitions)


def _count_transitions(_: ModuleType) -> None:
    from loadstack_engine.usage import state_machines

    state_machines.use()
