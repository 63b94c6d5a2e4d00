"""Header lines of HTTP without the mail parser, where they are plain."""

import re
from functools import lru_cache

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@lru_cache(1024)
def is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def plain(lines: bytes) -> list[tuple[str, str]] | None:
    """Names and values, as Python's parser has them; None where a line is folded, bare, or ends otherwise than CRLF,
    and for a type that makes that parser look further."""
    headers = []
    for line in lines.decode("iso-8859-1").split("\r\n")[:-1]:
        name, colon, value = line.partition(":")
        if not colon or "\n" in value or "\r" in value or not is_name(name):
            return None
        value = value.lstrip(" \t")
        if name.lower() == "content-type" and value.lower().startswith(("multipart", "message")):
            return None
        headers.append((name, value))
    return headers
