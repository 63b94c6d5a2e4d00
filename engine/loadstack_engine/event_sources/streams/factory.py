"""Puts this package in the place of LocalStack's stream pollers."""

from localstack.services.dynamodbstreams.v2.provider import DynamoDBStreamsProvider
from localstack.services.lambda_.event_source_mapping.esm_worker import EsmStateReason, EsmWorker
from localstack.services.lambda_.event_source_mapping.esm_worker_factory import EsmWorkerFactory
from localstack.utils.aws.arns import parse_arn

from loadstack_engine.event_sources.streams import mapping
from loadstack_engine.event_sources.streams.dynamodb import DynamoDbStream
from loadstack_engine.event_sources.streams.kinesis import KinesisStream
from loadstack_engine.event_sources.streams.reader import Reader
from loadstack_engine.event_sources.streams.records import Stream
from loadstack_engine.event_sources.worker import MappingWorker
from loadstack_engine.in_process import provider_of


def use() -> None:
    """Give every mapping of a stream that is created or updated from now on a worker of this package.

    But for DynamoDB streams of LocalStack's first provider, which keeps them in Kinesis.
    """
    original = EsmWorkerFactory.get_esm_worker

    def get_esm_worker(factory: EsmWorkerFactory) -> EsmWorker | MappingWorker:
        arn = factory.esm_config.get("EventSourceArn")
        service = parse_arn(arn)["service"] if arn else None
        if service == "kinesis" or (service == "dynamodb" and _is_second_provider()):
            return _worker(factory, service)
        return original(factory)

    EsmWorkerFactory.get_esm_worker = get_esm_worker


def _is_second_provider() -> bool:
    return isinstance(provider_of("dynamodbstreams"), DynamoDBStreamsProvider)


def _worker(factory: EsmWorkerFactory, service: str) -> MappingWorker:
    asked = mapping.of(factory.esm_config)

    def stream() -> Stream:
        if service == "kinesis":
            return KinesisStream(asked.stream_arn, factory.function_role_arn)
        return DynamoDbStream(asked.stream_arn)

    return MappingWorker(
        factory.esm_config,
        factory.enabled,
        EsmStateReason.USER_ACTION,
        lambda finished: Reader(asked, stream, finished),
    )
