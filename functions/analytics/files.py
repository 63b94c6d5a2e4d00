"""The live page's files."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PAGE = "dashboard.html"
_TYPES = {PAGE: "text/html", "dashboard.js": "text/javascript", "dashboard.css": "text/css"}
# Scripts and styles from here alone: what a product is called cannot become one.
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:"
    ),
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    text: str
    content_type: str
    headers: Mapping[str, str]


@cache
def read(name: str) -> File | None:
    """One of the files, read once in an environment; None for any other name."""
    if name not in _TYPES:
        return None
    text = files("analytics").joinpath(name).read_text(encoding="utf-8")
    return File(text, f"{_TYPES[name]}; charset=utf-8", _HEADERS)
