"""Which calls IAM would judge, by the role that makes them: ``/_loadstack/iam/calls``.

LocalStack judges none. A function's own calls are told by its process (``runtime/_loadstack_calls.py``); those that
services make with a role, API Gateway's integrations, Step Functions, EventBridge and its Scheduler, are recorded here.
What Lambda does with a function's role, polling and logging, follows from the configuration, and is not recorded.
"""

from types import ModuleType

from loadstack_engine.runtime._loadstack_on_import import when_imported


def use() -> None:
    """Record what nothing of ours has a hand in otherwise."""
    from loadstack_engine.iam import integrations_of_apis

    integrations_of_apis.use()
    when_imported("localstack.services.stepfunctions.asl.utils.boto_client", _watch_tasks)


def _watch_tasks(module: ModuleType) -> None:
    from loadstack_engine.iam import services

    make = module.boto_client_for

    def boto_client_for(service: str, region: str, state_credentials: object) -> object:
        client = make(service=service, region=region, state_credentials=state_credentials)
        return services.watched(client, getattr(state_credentials, "role_arn", ""), "states")

    module.boto_client_for = boto_client_for  # type: ignore[attr-defined]
