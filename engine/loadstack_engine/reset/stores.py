"""Services that keep their data within LocalStack's process: each function empties one."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from localstack import config
from localstack.config import INTERNAL_RESOURCE_ACCOUNT

from loadstack_engine.api_gateway.authorizer_cache import CACHE
from loadstack_engine.api_gateway.quotas import QUOTAS
from loadstack_engine.api_gateway.token_buckets import BUCKETS
from loadstack_engine.cloudwatch_metrics.collector import COLLECTOR
from loadstack_engine.in_process import provider_of
from loadstack_engine.log_writer import WRITER

# Streams that services make by themselves, one for each execution environment, say; others were made by somebody.
_GROUPS_OF_SERVICES = "/aws/"


def purge_queues() -> None:
    """Messages visible, in flight and delayed, and the identifiers of FIFO messages that were sent before."""
    from localstack.services.sqs.models import sqs_stores

    for _, _, store in sqs_stores.iter_stores():
        for queue in list(store.queues.values()):
            queue.clear()


def stop_executions() -> None:
    """Running executions of state machines are stopped, and all are forgotten."""
    from localstack.services.stepfunctions.backend.store import sfn_stores

    from loadstack_engine.step_functions.memory import OVER

    for _, _, store in sfn_stores.iter_stores():
        for execution in list(store.executions.values()):
            if execution.exec_status == "RUNNING":
                execution.stop(datetime.now(UTC), "Reset", "All data was reset")
        store.executions.clear()
    OVER.clear()


def empty_buckets() -> None:
    """Objects, all their versions, and uploads in parts. Not LocalStack's own buckets: there is the functions' code."""
    from localstack.services.s3.models import S3Object, s3_stores

    storage = provider_of("s3")._storage_backend
    buckets = {
        bucket.name: bucket
        for account_id, _, store in s3_stores.iter_stores()
        if account_id != INTERNAL_RESOURCE_ACCOUNT
        for bucket in list(store.buckets.values())
    }
    for bucket in buckets.values():
        objects, bucket.objects = bucket.objects, type(bucket.objects)()
        stored = [each for each in objects.values(with_versions=True) if isinstance(each, S3Object)]
        storage.remove(bucket.name, stored)
        multiparts, bucket.multiparts = bucket.multiparts, {}
        for multipart in multiparts.values():
            storage.remove_multipart(bucket.name, multipart)


def empty_log_groups() -> None:
    """Log events. Streams of groups that services write go as well; they come back with the next line."""
    from moto.logs.models import LogStream, logs_backends

    WRITER.flush()
    for account in list(logs_backends.values()):
        for backend in list(account.values()):
            for group in list(backend.groups.values()):
                names = [] if group.name.startswith(_GROUPS_OF_SERVICES) else list(group.streams)
                group.streams = {name: LogStream(group, name) for name in names}


def forget_metrics() -> None:
    """Datapoints, and the history of alarms; alarms and dashboards stay."""
    from localstack.services.cloudwatch.models import cloudwatch_stores

    COLLECTOR.clear()
    provider_of("cloudwatch").cloudwatch_database.clear_tables()
    for _, _, store in cloudwatch_stores.iter_stores():
        store.histories.clear()


def empty_archives() -> None:
    """Events of archives; archives and replays stay."""
    from localstack.services.events.models import events_stores

    for _, _, store in events_stores.iter_stores():
        for archive in list(store.archives.values()):
            archive.events.clear()
            archive.size_bytes = 0


def forget_requests() -> None:
    """Results of authorizers, which may rest on data that is gone, and what usage plans and throttling have counted."""
    CACHE.clear()
    BUCKETS.clear()
    QUOTAS.clear()


def forget_mail() -> None:
    """What SES sent: ``/_aws/ses``, its files, and the send statistics."""
    from localstack.services.ses.provider import EMAILS
    from moto.ses.models import ses_backends

    EMAILS.clear()
    shutil.rmtree(Path(config.dirs.data or config.dirs.tmp) / "ses", ignore_errors=True)
    for account in list(ses_backends.values()):
        for backend in list(account.values()):
            backend.sent_messages.clear()
            backend.sent_message_count = 0


def forget_messages() -> None:
    """What SNS sent to phones and to platform endpoints: ``/_aws/sns``."""
    from localstack.services.sns.models import sns_stores

    for _, _, store in sns_stores.iter_stores():
        store.platform_endpoint_messages.clear()
        store.sms_messages.clear()
