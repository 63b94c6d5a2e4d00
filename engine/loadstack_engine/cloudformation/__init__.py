"""CloudFormation that can be relied on: what LocalStack 4.14.0's does half, or not, without a word.

- Types that it lacks: ``new_types.py`` and ``custom_resources.py``, through LocalStack's own plugins (``plugins.py``).
- Properties that it leaves out when it creates a resource, and updates, which nearly no type of its knows: the stack
  says ``UPDATE_COMPLETE``, and the resource is as it was. ``own.py``, ``apis.py``, ``buckets.py``, ``roles.py``,
  ``tables.py``.
- A stack that fails stays half, and an update that fails loses what it had not come to: ``rollback.py``.
- A resource that is not there at once is looked at again a second later; here after 50 ms: ``loops.py``.
- Parameters that are lists or numbers are taken apart in the new template alone: ``parameters.py``.
- ``Default: false`` is not equal to ``"false"``, nor the number 3 to ``"3"``: ``texts.py``.
- A condition that turns round takes resources away too: ``conditions.py``.
- A resource is made anew only where what cannot be changed has changed: ``replacement.py``.
- A type that nobody knows is told, in the log, in ``make status`` and in the stack's events: ``unsupported.py``.
"""

from localstack.services.plugins import Service, ServicePluginAdapter

_CLOUDFORMATION = "cloudformation"


def use() -> None:
    """When CloudFormation is loaded, not before: its modules are a third of a second of processor time."""
    create_service = ServicePluginAdapter.create_service

    def create(plugin: ServicePluginAdapter) -> Service:
        service = create_service(plugin)
        if plugin.api == _CLOUDFORMATION:
            from loadstack_engine.cloudformation import (
                conditions,
                loading,
                loops,
                parameters,
                replacement,
                rollback,
                texts,
            )

            conditions.use()
            loading.use()
            loops.use()
            parameters.use()
            replacement.use()
            rollback.use()
            texts.use()
        return service

    ServicePluginAdapter.create_service = create
