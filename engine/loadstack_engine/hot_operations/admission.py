"""Which requests may go past LocalStack's chain: those for which its handlers would do nothing more than we do."""

import logging
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from localstack import config
from localstack.aws import handlers
from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.aws.handlers.response import ResponseMetadataEnricher
from localstack.services.s3.cors import s3_cors_request_handler
from localstack.utils.aws.arns import get_partition
from localstack.utils.urls import localstack_host

from loadstack_engine.front.messages import HttpRequest

_REQUEST_LOG = logging.getLogger("localstack.request.aws")
_SCHEME = "AWS4-HMAC-SHA256 Credential="
# Each makes a handler of the chain do something: CORS, internal calls, decoding, another protocol or answer format.
_UNUSUAL = ("origin", "referer", "x-localstack-data", "content-encoding", "smithy-protocol")


@dataclass(frozen=True)
class Caller:
    """Who calls, by the signature's credential scope."""

    account_id: str
    region: str
    partition: str
    service: str


def caller_of(request: HttpRequest) -> Caller | None:
    """Who signed this request; None where it has to take LocalStack's way."""
    fields = request.fields
    for name in _UNUSUAL:
        if name in fields:
            return None
    if fields.get("accept", "*/*") != "*/*" or not _is_plain_host(fields.get("host", "")):
        return None
    return _caller(fields.get("authorization", "").partition(",")[0])


def is_untouched(service: str) -> bool:
    """Whether nobody watches or changes requests of this service: no log of requests, no handlers of others.

    LocalStack's own are told apart: S3's, which looks at S3's requests only, and the one that marks every answer.
    """
    return not (
        _REQUEST_LOG.isEnabledFor(logging.INFO)
        or config.is_collect_metrics_mode()
        or any(each is not s3_cors_request_handler for each in handlers.serve_custom_service_request_handlers.handlers)
        or handlers.serve_custom_exception_handlers.handlers
        or handlers.run_custom_finalizers.handlers
        or service in handlers.modify_service_response.handlers
        or any(type(each) is not ResponseMetadataEnricher for each in handlers.run_custom_response_handlers.handlers)
    )


@lru_cache(maxsize=1024)
def _caller(credential: str) -> Caller | None:
    parts = credential.removeprefix(_SCHEME).split("/")
    if not credential.startswith(_SCHEME) or len(parts) != 5 or not all(parts):
        return None
    access_key_id, _, region, service, _ = parts
    if region not in handlers.rewrite_region.region_rewriter_strategy.available_regions:
        return None
    return Caller(get_account_id_from_access_key_id(access_key_id), region, get_partition(region), service)


@lru_cache(maxsize=1024)
def _is_plain_host(host: str) -> bool:
    """An address, a name without a domain, or LocalStack's own: other names may mean a bucket, an API or a function."""
    end = host.find("]") + 1
    name = (host[:end] + host[end:].partition(":")[0]).strip("[]")
    if ("." not in name and ":" not in name) or name == localstack_host().host:
        return bool(name)
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
