"""Which REST API a request is for, by the addresses that LocalStack gives them."""

import re
from dataclasses import dataclass
from urllib.parse import urlparse

_NAME = r"[A-Za-z0-9_-]+"
_BY_PATH = re.compile(rf"/_aws/execute-api/(?P<api>{_NAME})/(?P<stage>{_NAME})(?P<rest>(?:[/?].*)?)", re.DOTALL)
_BY_OLD_PATH = re.compile(
    rf"/restapis/(?P<api>{_NAME})/(?P<stage>{_NAME})/_user_request_(?P<rest>(?:[/?].*)?)", re.DOTALL
)
_BY_HOST = re.compile(rf"/(?P<stage>{_NAME})(?P<rest>(?:[/?].*)?)", re.DOTALL)
_HOST = re.compile(rf"(?P<api>{_NAME})\.execute-api\..*")


@dataclass(frozen=True, slots=True)
class Address:
    """``path`` and ``raw_path`` are percent-encoded and without the stage; they differ in leading slashes."""

    api_id: str
    stage: str
    path: str
    raw_path: str


def address_of(target: str, host: str) -> Address | None:
    """None for what is for no REST API, and for addresses so odd that LocalStack's own routes had better judge.

    ``target`` is the request's, with its query, ``host`` the header's value.
    """
    if target.startswith("/_aws/execute-api/"):
        match, api = _BY_PATH.fullmatch(target), None
    elif target.startswith("/restapis/"):
        match, api = _BY_OLD_PATH.fullmatch(target), None
    elif ".execute-api." in host and "-vpce-" not in host and (named := _HOST.fullmatch(host)):
        match, api = _BY_HOST.fullmatch(target), named["api"]
    else:
        return None
    if match is None or "_user_request_" in match["rest"] or (".execute-api." in host and api is None):
        return None
    raw_path = _path_of(match["rest"])
    path = "/" + raw_path.lstrip("/") if raw_path.startswith("//") else raw_path
    return Address((api or match["api"]).lower(), match["stage"], path, raw_path)


def _path_of(rest: str) -> str:
    """Without the query; of a rest that does not begin with ``//``, what ``urlparse`` calls the path."""
    if rest.startswith("//") or not (";" in rest or "#" in rest):
        return rest.partition("?")[0]
    return urlparse(rest).path
