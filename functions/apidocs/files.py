"""The page's files: ours from this folder, Swagger UI's from Powertools, so that nothing is fetched from elsewhere."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PAGE = "page.html"
_SWAGGER_UI = "aws_lambda_powertools.event_handler.openapi.swagger_ui"
_FILES = {
    PAGE: ("apidocs", "text/html"),
    "openapi.yaml": ("apidocs", "application/yaml"),
    "swagger-ui-bundle.min.js": (_SWAGGER_UI, "text/javascript"),
    "swagger-ui.min.css": (_SWAGGER_UI, "text/css"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    text: str
    content_type: str


@cache
def read(name: str) -> File | None:
    """One of the files, read once in an environment; None for any other name."""
    if name not in _FILES:
        return None
    package, content_type = _FILES[name]
    return File(files(package).joinpath(name).read_text(encoding="utf-8"), f"{content_type}; charset=utf-8")
