"""The AWS SDK's costs that are the same for every call, paid once: what is sent, answered and raised stays as it is.

Each change replaces one function of botocore's, urllib3's or Python's with one that does the same for less, and only
where that function is the one it was written against: a layer may carry another version, which then runs as it is.
``make bench ONLY=orders CONTENDERS=loadstack,variant VARIANT=LOADSTACK_SDK=0`` measures them.
"""

import contextlib
import functools
import hmac
import zlib
from collections.abc import Callable
from hashlib import sha256
from types import FunctionType, MethodType, ModuleType
from typing import Any

from _loadstack_http_headers import plain
from _loadstack_on_import import when_imported
from _loadstack_sdk_send import make_send
from _loadstack_sdk_tls import pool_manager_kwargs

# As much as goes into one segment on the loopback; longer bodies go apart from the head, as always.
_SENT_TOGETHER_BYTES = 1 << 16
_VAR_KEYWORDS = 0x08


def fingerprint(function: Any) -> int:
    """What a function does, as far as its names and constants tell; 0 for what is no function of Python's."""
    code = getattr(getattr(function, "fget", function), "__code__", None)
    if code is None:
        return 0
    constants = [each for each in code.co_consts if isinstance(each, str | bytes | int | float | tuple | None)]
    return zlib.crc32(repr((code.co_varnames, code.co_names, constants)).encode())


def use() -> None:
    """Change the modules that are loaded, and the others when they are."""
    for module, changes in _CHANGES.items():
        when_imported(module, functools.partial(_change, changes))


def missing() -> list[str]:
    """Which changes do not fit the functions that are there: all modules must be loaded, and none changed."""
    import importlib

    return [
        f"{module}.{change.name}: {found}"
        for module, changes in _CHANGES.items()
        for change in changes
        if (found := fingerprint(change.find(importlib.import_module(module))[1])) != change.expected
    ]


class _Change:
    """One function, ``Class.method`` or ``function`` of a module; ``make(original, module)`` gives its replacement."""

    def __init__(self, name: str, expected: int, make: Callable[[Any, Any], Any]) -> None:
        self.name = name
        self.expected = expected
        self._make = make

    def find(self, module: ModuleType) -> tuple[Any, Any]:
        owner: Any = module
        *classes, name = self.name.split(".")
        for each in classes:
            owner = getattr(owner, each, None)
        return owner, getattr(owner, "__dict__", {}).get(name)

    def apply(self, module: ModuleType) -> None:
        owner, original = self.find(module)
        if fingerprint(original) == self.expected:
            with contextlib.suppress(AttributeError):  # what it is made with has another name there
                setattr(owner, self.name.rpartition(".")[2], self._make(original, module))


def _change(changes: list[_Change], module: ModuleType) -> None:
    for change in changes:
        change.apply(module)


def _remembered(original: Any, module: Any) -> Any:
    """For functions of strings, without effects."""
    return functools.lru_cache(1024)(original)


def _component_to_string(original: Any, module: Any) -> Any:
    remembered = functools.lru_cache(1024)(original)

    def to_string(self: Any) -> Any:
        return remembered(self) or original(self)  # cut to nothing: it logs that each time

    return to_string


def _alias_init(original: Any, module: Any) -> Any:
    """Aliases of event names are looked up once for all clients, where they have the usual table."""
    shared: dict[str, str] = {}

    def __init__(self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        if self._event_aliases == module.EVENT_ALIASES:
            self._alias_name_cache = shared

    return __init__


def _accepts_kwargs(original: Any, module: Any) -> Any:
    def accepts_kwargs(func: Any) -> Any:
        function = func.__func__ if type(func) is MethodType else func
        if type(function) is not FunctionType or "__signature__" in function.__dict__:
            return original(func)
        code = function.__code__
        if not code.co_flags & _VAR_KEYWORDS:
            return None
        varargs = bool(code.co_flags & 0x04)
        return code.co_varnames[code.co_argcount + code.co_kwonlyargcount + varargs]

    return accepts_kwargs


def _header_keys(original: Any, module: Any) -> Any:
    """The three methods of a header dictionary make a key object each time; the names are always the same few."""
    make = functools.lru_cache(1024)(module._HeaderKey)
    unusual = module._HeaderKey

    def key(name: Any) -> Any:
        return make(name) if type(name) is str else unusual(name)

    def __setitem__(self: Any, name: Any, value: Any) -> None:
        self._dict[key(name)] = value

    def __getitem__(self: Any, name: Any) -> Any:
        return self._dict[key(name)]

    return __setitem__ if original.__name__ == "__setitem__" else __getitem__


def _request_body(original: Any, module: Any) -> Any:
    """The signer asks for the body, which used to prepare the headers too, and throw them away."""

    def body(self: Any) -> Any:
        preparer = self._request_preparer
        if type(preparer) is not module.AWSRequestPreparer:
            return original.fget(self)
        found = preparer._prepare_body(self)
        return found.encode("utf-8") if isinstance(found, str) else found

    return property(body)


def _headers_to_sign(original: Any, module: Any) -> Any:
    left_out = frozenset(module.SIGNED_HEADERS_BLACKLIST)

    def headers_to_sign(self: Any, request: Any) -> Any:
        if type(request.headers) is not module.HTTPHeaders:
            return original(self, request)
        chosen = module.HTTPHeaders()
        hosts = False
        for name, value in request.headers._headers:
            if isinstance(value, str) and not value.isascii():
                return original(self, request)
            lower = name.lower()
            if lower not in left_out:
                chosen._headers.append((lower, value))
                hosts = hosts or lower == "host"
        if not hosts:
            chosen._headers.append(("host", module._host_from_url(request.url)))
        return chosen

    return headers_to_sign


def _signature(original: Any, module: Any) -> Any:
    sign = module.SigV4Auth._sign

    @functools.lru_cache(64)
    def signing_key(secret: str, *parts: str) -> bytes:
        key = f"AWS4{secret}".encode()
        for part in (*parts, "aws4_request"):
            key = hmac.new(key, part.encode("utf-8"), sha256).digest()
        return key

    def signature(self: Any, string_to_sign: str, request: Any) -> Any:
        if type(self)._sign is not sign:
            return original(self, string_to_sign, request)
        day = request.context["timestamp"][0:8]
        key = signing_key(self.credentials.secret_key, day, self._region_name, self._service_name)
        return sign(self, key, string_to_sign, hex=True)

    return signature


def _request(original: Any, module: Any) -> Any:
    """Mark the head of a request as one that may wait for the body: :func:`_send` then sends both at once."""

    def request(self: Any, method: Any, url: Any, body: Any = None, headers: Any = None, *args: Any, **kw: Any) -> Any:
        together = isinstance(body, bytes) and 0 < len(body) <= _SENT_TOGETHER_BYTES
        self._loadstack_head = [] if together and (headers or {}).get("Expect") is None else None
        try:
            answer = original(self, method, url, body, headers, *args, **kw)
            if self._loadstack_head:  # no body came after it
                self.send(b"")
            return answer
        finally:
            self._loadstack_head = None

    return request


def _send(original: Any, module: Any) -> Any:
    def send(self: Any, data: Any) -> Any:
        head = getattr(self, "_loadstack_head", None)
        if head is None:
            return original(self, data)
        if not head:
            head.append(data)
            return None
        self._loadstack_head = None
        return original(self, head[0] + data)

    return send


def _parse_headers(original: Any, module: Any) -> Any:
    """Plain headers without the mail parser. A header that is not plain goes to it."""

    def parse_headers(fp: Any, _class: Any = module.HTTPMessage) -> Any:
        lines = module._read_headers(fp)
        parsed = _plain(lines, module.HTTPMessage) if _class is module.HTTPMessage else None
        return module._parse_header_lines(lines, _class) if parsed is None else parsed

    return parse_headers


def _plain(lines: list[bytes], make: Callable[[], Any]) -> Any:
    if lines[-1] != b"\r\n" or (headers := plain(b"".join(lines[:-1]))) is None:
        return None
    message = make()
    message._headers = headers
    message._payload = ""
    return message


_CHANGES = {
    "botocore.useragent": [
        _Change("sanitize_user_agent_string_component", 0x45C55626, _remembered),
        _Change("UserAgentComponent.to_string", 0xB0718A03, _component_to_string),
    ],
    "botocore.hooks": [
        _Change("EventAliaser.__init__", 0x27EC34EB, _alias_init),
        _Change("accepts_kwargs", 0xCF52E93D, _accepts_kwargs),
    ],
    "botocore.awsrequest": [
        _Change("HeadersDict.__setitem__", 0x450AB821, _header_keys),
        _Change("HeadersDict.__getitem__", 0xB3D13A0D, _header_keys),
        _Change("AWSRequest.body", 0x208B38A5, _request_body),
        _Change("AWSConnection.request", 0x31FCC432, _request),
        _Change("AWSConnection.send", 0xE3239B18, _send),
    ],
    "botocore.auth": [
        _Change("_host_from_url", 0xA4C52EA4, _remembered),
        _Change("SigV4Auth.headers_to_sign", 0x10822E4D, _headers_to_sign),
        _Change("SigV4Auth.signature", 0x2415AF59, _signature),
    ],
    "botocore.httpsession": [
        _Change("URLLib3Session.send", 0x7CD73079, make_send),
        _Change("URLLib3Session._get_pool_manager_kwargs", 0x997ABD67, pool_manager_kwargs),
    ],
    "urllib3.poolmanager": [_Change("parse_url", 0x6C02D147, _remembered)],
    "http.client": [_Change("parse_headers", 0x30DA31FD, _parse_headers)],
}
