"""Routes of analytics: the sales, for admins, and the page that shows them, which has none of its own."""

import os
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from analytics.files import PAGE, read
from analytics.models import Sales
from analytics.period import Period
from analytics.sales import sold
from analytics.store import DynamoFigures, Figures
from common import aws
from common.errors import NotFoundError
from common.http import ADMIN, resolver

app = resolver()


@cache
def figures() -> Figures:
    """The store, made once in an environment; tests override it."""
    return DynamoFigures(aws.dynamodb(), os.environ["SALES_TABLE"], os.environ["SALES_FIGURES_TABLE"])


FigureStore = Annotated[Figures, Depends(figures)]
FileName = Annotated[str, Path(min_length=1, max_length=64)]
_MOMENT = {"format": "date-time"}
From = Annotated[
    str | None,
    Query(alias="from", description="ISO 8601 with a zone; absent: all before `to`", json_schema_extra=_MOMENT),
]
To = Annotated[
    str | None, Query(description="ISO 8601 with a zone; absent: all since `from`", json_schema_extra=_MOMENT)
]


@app.get("/analytics/sales", security=ADMIN)
def get_sales(store: FigureStore, start: From = None, to: To = None) -> Sales:
    """What was sold, in all or in the minutes that the time `from`, up to `to`, touches.

    Of confirmed orders, each in the minute of its confirmation; one that is cancelled later is no sale any more.
    Follows the orders within seconds. `byMinute`: minutes with a sale, the newest 10,080 at most, earliest first;
    `byProduct`: the 10,000 with the most revenue at most, strongest first.
    """
    return sold(store, Period.of(start, to))


@app.get("/analytics/dashboard", include_in_schema=False)
def show_dashboard() -> Response[str]:
    """The page with live sales; it asks for an admin's sign-in."""
    return _file(PAGE)


@app.get("/analytics/dashboard/<name>", include_in_schema=False)
def get_file(name: FileName) -> Response[str]:
    """What the page consists of: script and style sheet. 404 for anything else."""
    return _file(name)


def _file(name: str) -> Response[str]:
    found = read(name)
    if found is None:
        raise NotFoundError("There is no such file.")
    return Response(200, found.content_type, found.text, found.headers)
