"""Where a run goes, from `HOST` and `ENDPOINT`: the Shop API, and the AWS endpoint that the probe listens at.

HOST=http://127.0.0.1:4566                     an AWS endpoint; the API is where LocalStack has it
HOST=http://127.0.0.1:4566/restapis/x/dev/y    the Shop API itself; the endpoint is the same machine and port,
                                               or ENDPOINT
HOST=https://x.execute-api.eu-west-1.amazonaws.com/dev
                                               the Shop API on AWS; the endpoint is AWS itself, in that region
HOST=https://shop.example.com ENDPOINT=https://eu-west-1.amazonaws.com
                                               the same behind a domain of one's own
ENDPOINT=http://127.0.0.1:4600                 as HOST alone
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from loadtests.errors import UsageError

DEFAULT_HOST: Final = "http://127.0.0.1:4566"
DEFAULT_REGION: Final = "us-east-1"
API_PATH: Final = "/_aws/execute-api/shop/dev"

_AWS = re.compile(r"(?:.+\.)?(?P<region>[a-z]{2}(?:-[a-z]+)+-\d+)\.amazonaws\.com(?:\.cn)?")
_NETLOC = re.compile(r"([^\[\]]*|(.*@)?\[[^\[\]]*\](:\d*)?)$")
"""Brackets are about an IPv6 address; `urlsplit` drops what stands between them and the port."""

_LOCAL_NAMES: Final = ("localhost", "localhost.localstack.cloud")
"""The second is LocalStack's public name for 127.0.0.1; so are all names below either."""


@dataclass(frozen=True, slots=True)
class Address:
    """`api` has no slash at its end. `endpoint` is None for AWS itself, which boto3 finds by the region."""

    api: str
    endpoint: str | None
    region: str = DEFAULT_REGION

    @property
    def name(self) -> str:
        """For messages: the endpoint, or `AWS eu-west-1`."""
        return self.endpoint or f"AWS {self.region}"

    @property
    def is_local(self) -> bool:
        """Whether all of it is this machine, by its names alone: none is looked up."""
        return self.endpoint is not None and _is_local(self.api) and _is_local(self.endpoint)


def resolve(host: str, endpoint: str | None = None) -> Address:
    """Read the two settings. Raises UsageError, naming the setting, for what is no address."""
    parts = read("HOST", host)
    if endpoint is not None:
        read("ENDPOINT", endpoint)
        return _beside(host.rstrip("/"), endpoint.rstrip("/"))
    path = parts.path.strip("/")
    if _AWS.fullmatch(parts.hostname or "") and not path:
        raise UsageError(f"HOST={host} has no stage: give the API's whole address, such as {host.rstrip('/')}/dev")
    if (parts.hostname or "").endswith(".amazonaws.com") or path:
        return _beside(host.rstrip("/"), f"{parts.scheme}://{parts.netloc}")
    return Address(host.rstrip("/") + API_PATH, host.rstrip("/"))


def require_allowed(address: Address, allowed: bool) -> None:
    """Raise UsageError for an address that is not this machine's, unless somebody allowed it."""
    if not allowed and not address.is_local:
        where = address.api if not _is_local(address.api) else address.name
        raise UsageError(f"{where} is not this machine: load for somebody else's machine wants ALLOW_REMOTE=yes")


def _beside(api: str, endpoint: str) -> Address:
    """The API as it is; an endpoint at amazonaws.com stands for AWS itself in the region of its name."""
    aws = _AWS.fullmatch(urlsplit(endpoint).hostname or "")
    if aws:
        return Address(api, None, aws["region"])
    if (urlsplit(endpoint).hostname or "").endswith(".amazonaws.com"):
        raise UsageError(
            f"{endpoint} names no region: give one that does, as in ENDPOINT=https://eu-west-1.amazonaws.com"
        )
    return Address(api, endpoint)


def read(name: str, value: str) -> SplitResult:
    """Take an address apart. Raises UsageError, naming the setting, for what is none."""
    try:
        parts = urlsplit(value)
        port_is_bad = parts.port == 0
    except ValueError:
        port_is_bad = True
        parts = urlsplit("")
    if port_is_bad or parts.scheme not in ("http", "https") or not parts.hostname or not _NETLOC.match(parts.netloc):
        raise UsageError(f"{name}={value} is no address: give one such as {DEFAULT_HOST}")
    if any(each in "?#@\\" or each.isspace() for each in value):  # also an empty query, fragment or user
        raise UsageError(f"{name}={value} is more than an address: leave out spaces, user, query and fragment")
    return parts


def _is_local(url: str) -> bool:
    hostname = (urlsplit(url).hostname or "").rstrip(".")
    try:
        ip = ipaddress.ip_address(hostname)
    except ValueError:
        return any(hostname == name or hostname.endswith(f".{name}") for name in _LOCAL_NAMES)
    return ip.is_loopback or ip.is_unspecified
