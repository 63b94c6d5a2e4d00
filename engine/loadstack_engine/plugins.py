"""The entry points that LocalStack loads (see ``pyproject.toml``); each imports its part only when it is called."""

from typing import TYPE_CHECKING, Any

from localstack.runtime import hooks
from localstack.runtime.server.core import RuntimeServerPlugin
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin

from loadstack_engine.settings import SETTINGS

if TYPE_CHECKING:
    from loadstack_engine.executor import ProcessRuntimeExecutor
    from loadstack_engine.front.server import FrontServer
    from loadstack_engine.loopback_server import LoopbackRuntimeServer


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """``LAMBDA_RUNTIME_EXECUTOR=process``."""

    name = "process"

    def load(self, *args: Any, **kwargs: Any) -> "type[ProcessRuntimeExecutor]":
        from loadstack_engine.executor import ProcessRuntimeExecutor

        return ProcessRuntimeExecutor


class LoopbackServerPlugin(RuntimeServerPlugin):
    """``GATEWAY_SERVER=loopback``."""

    name = "loopback"

    def load(self, *args: Any, **kwargs: Any) -> "LoopbackRuntimeServer":
        from loadstack_engine.loopback_server import LoopbackRuntimeServer

        return LoopbackRuntimeServer()


class FrontServerPlugin(RuntimeServerPlugin):
    """``GATEWAY_SERVER=front``."""

    name = "front"

    def load(self, *args: Any, **kwargs: Any) -> "FrontServer":
        from loadstack_engine.front.server import FrontServer

        return FrontServer()


@hooks.on_infra_start(priority=100)
def share_service_models() -> None:
    """Before anything makes a client."""
    from loadstack_engine import service_models

    if SETTINGS.service_models:
        service_models.use()


@hooks.on_infra_start()
def use_quick_exit() -> None:
    from loadstack_engine import quick_exit

    if SETTINGS.quick_exit:
        quick_exit.use()


@hooks.on_infra_start()
def use_hot_operations() -> None:
    from loadstack_engine import hot_operations

    if SETTINGS.hot_operations:
        hot_operations.use()


@hooks.on_infra_start()
def use_s3_storage() -> None:
    from loadstack_engine import s3_storage

    if SETTINGS.s3_storage:
        s3_storage.use()


@hooks.on_infra_start()
def use_dynamodb_local() -> None:
    from loadstack_engine import dynamodb_local

    if SETTINGS.dynamodb_local_dir is not None:
        dynamodb_local.use(SETTINGS.dynamodb_local_dir)


@hooks.on_infra_start(priority=10)
def use_invocation_path() -> None:
    """Before the hooks that wrap what this replaces."""
    from localstack import config

    from loadstack_engine import alias_weights, invocation_path, role_credentials

    if SETTINGS.invocation_path and ProcessExecutorPlugin.name == config.LAMBDA_RUNTIME_EXECUTOR:
        invocation_path.use()
        alias_weights.use()
        role_credentials.use()


@hooks.on_infra_start()
def use_async_invocations() -> None:
    from loadstack_engine import async_invocations

    if SETTINGS.async_invocations:
        async_invocations.use()


@hooks.on_infra_start()
def use_sqs_event_sources() -> None:
    from loadstack_engine.event_sources.sqs import factory

    if SETTINGS.sqs_event_sources:
        factory.use()


@hooks.on_infra_start()
def use_stream_event_sources() -> None:
    from loadstack_engine.event_sources.streams import factory

    if SETTINGS.stream_event_sources:
        factory.use()


@hooks.on_infra_start()
def use_cloudwatch_metrics() -> None:
    from loadstack_engine.cloudwatch_metrics.collector import COLLECTOR

    if SETTINGS.metric_store:
        from loadstack_engine.cloudwatch_metrics import alarms, evaluation, queries, store

        store.use()
        queries.use()
        alarms.use()
        evaluation.use()
    if SETTINGS.lambda_metrics:
        from loadstack_engine.cloudwatch_metrics import lambda_metrics

        lambda_metrics.use()
    if SETTINGS.sqs_metrics:
        from loadstack_engine.cloudwatch_metrics import sqs_metrics

        sqs_metrics.use()
    if SETTINGS.emf:
        from loadstack_engine.cloudwatch_metrics import emf

        emf.use()
    if SETTINGS.lambda_metrics or SETTINGS.sqs_metrics or SETTINGS.emf:
        from loadstack_engine.cloudwatch_metrics.delivery import deliver

        COLLECTOR.start(deliver)


@hooks.on_infra_shutdown(priority=-10)
def flush_cloudwatch_metrics() -> None:
    """After the hooks that write logs: there may be metrics in them."""
    from loadstack_engine.cloudwatch_metrics.collector import COLLECTOR

    COLLECTOR.stop()


@hooks.on_infra_start()
def use_lambda_logs() -> None:
    """The lines come from our executor."""
    from localstack import config

    from loadstack_engine import log_writer

    if SETTINGS.lambda_logs and ProcessExecutorPlugin.name == config.LAMBDA_RUNTIME_EXECUTOR:
        log_writer.use()


@hooks.on_infra_shutdown()
def flush_lambda_logs() -> None:
    from loadstack_engine import log_writer

    log_writer.WRITER.stop()


@hooks.on_infra_start()
def use_api_gateway() -> None:
    from loadstack_engine import api_gateway
    from loadstack_engine.api_gateway import authorizers, hot_route, throttling

    if SETTINGS.api_gateway:
        api_gateway.use()
    if SETTINGS.authorizers:
        authorizers.use()
    if SETTINGS.throttling:
        throttling.use()
    if SETTINGS.api_gateway and SETTINGS.hot_rest_apis:
        hot_route.use()


@hooks.on_infra_start()
def use_event_bridge() -> None:
    from loadstack_engine.event_bridge import archives, listed_rules, retries, schedules, targets

    listed_rules.use()
    if SETTINGS.event_targets:
        targets.use()
    if SETTINGS.event_retries:
        retries.use()
    if SETTINGS.event_archives:
        archives.use()
    if SETTINGS.event_schedules:
        schedules.use()


@hooks.on_infra_start()
def use_scheduler() -> None:
    if SETTINGS.scheduler:
        from loadstack_engine.scheduler import backend

        backend.use()


@hooks.on_infra_start()
def use_step_functions() -> None:
    if SETTINGS.step_functions:
        from loadstack_engine import step_functions

        step_functions.use()


@hooks.on_infra_start()
def use_usage() -> None:
    from loadstack_engine import usage

    if SETTINGS.usage:
        usage.use()


@hooks.on_infra_start()
def use_iam() -> None:
    if SETTINGS.iam:
        from loadstack_engine import iam

        iam.use()


@hooks.on_infra_start()
def use_sns_subscribers() -> None:
    from loadstack_engine import sns_subscribers

    if SETTINGS.sns_subscribers:
        sns_subscribers.use()


@hooks.on_infra_shutdown()
def stop_agenda() -> None:
    from loadstack_engine.agenda import AGENDA

    AGENDA.stop()


@hooks.on_infra_start()
def use_stack_addresses() -> None:
    from loadstack_engine import stack_addresses

    if SETTINGS.stack_addresses:
        stack_addresses.use()


@hooks.on_infra_start()
def use_cloudformation() -> None:
    from loadstack_engine import cloudformation

    if SETTINGS.cloudformation:
        cloudformation.use()


@hooks.on_infra_start()
def count_throttles() -> None:
    from loadstack_engine import throttles

    throttles.use()


@hooks.on_infra_start()
def add_routes() -> None:
    from loadstack_engine import routes

    routes.add()


@hooks.on_infra_start(priority=-20)
def freeze_heap() -> None:
    """After loading has begun."""
    from loadstack_engine import frozen_heap

    if SETTINGS.frozen_heap:
        frozen_heap.use()


@hooks.on_infra_start(priority=-10)
def preload_services() -> None:
    """After the hooks that change the services."""
    from loadstack_engine.preload import PRELOAD

    if SETTINGS.preload:
        PRELOAD.start(SETTINGS.preload)
