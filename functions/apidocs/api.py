"""Routes of apidocs, open to all; they stand in no description themselves."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from apidocs.files import PAGE, read
from common.errors import NotFoundError
from common.http import resolver

app = resolver()

FileName = Annotated[str, Path(min_length=1, max_length=64)]


@app.get("/docs", include_in_schema=False)
def show_page() -> Response[str]:
    """Swagger UI with the description of this API."""
    return _answer(PAGE)


@app.get("/docs/<name>", include_in_schema=False, cache_control="max-age=3600")
def get_file(name: FileName) -> Response[str]:
    """What the page consists of: openapi.yaml, script and style sheet. 404 for anything else."""
    return _answer(name)


def _answer(name: str) -> Response[str]:
    found = read(name)
    if found is None:
        raise NotFoundError("There is no such file.")
    return Response(200, found.content_type, found.text)
