"""Puts this package in the place of LocalStack's SQS poller."""

from localstack.services.lambda_.event_source_mapping.esm_worker import EsmStateReason, EsmWorker
from localstack.services.lambda_.event_source_mapping.esm_worker_factory import EsmWorkerFactory
from localstack.utils.aws.arns import parse_arn

from loadstack_engine.event_sources.sqs import mapping, queues, validation
from loadstack_engine.event_sources.sqs.dispatcher import Dispatcher
from loadstack_engine.event_sources.worker import MappingWorker


def use() -> None:
    """Give every SQS mapping that is created or updated from now on a worker of this package."""
    queues.use()
    validation.use()
    original = EsmWorkerFactory.get_esm_worker

    def get_esm_worker(factory: EsmWorkerFactory) -> EsmWorker | MappingWorker:
        arn = factory.esm_config.get("EventSourceArn")
        if not arn or parse_arn(arn)["service"] != "sqs":
            return original(factory)
        asked = mapping.of(factory.esm_config)
        return MappingWorker(
            factory.esm_config,
            factory.enabled,
            EsmStateReason.USER_INITIATED,
            lambda finished: Dispatcher(asked, finished),
        )

    EsmWorkerFactory.get_esm_worker = get_esm_worker
