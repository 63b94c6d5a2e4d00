import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.sales import Sales
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    params: dict[str, Any] = {}

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_to: str | Unset = UNSET
    if not isinstance(to, Unset):
        json_to = to.isoformat()
    params["to"] = json_to

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/analytics/sales",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | Sales | None:
    if response.status_code == 200:
        response_200 = Sales.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ErrorResponse.from_dict(response.json())

        return response_403

    if response.status_code == 503:
        response_503 = ErrorResponse.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorResponse | Sales]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | Sales]:
    """What was sold, in all or in the minutes that the time `from`, up to `to`, touches.

     Of confirmed orders, each in the minute of its confirmation; one that is cancelled later is no sale
    any more. Follows the orders within seconds. `byMinute`: minutes with a sale, the newest 10,080 at
    most, earliest first; `byProduct`: the 10,000 with the most revenue at most, strongest first.

    Args:
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Sales]
    """

    kwargs = _get_kwargs(
        from_=from_,
        to=to,
        x_correlation_id=x_correlation_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | Sales | None:
    """What was sold, in all or in the minutes that the time `from`, up to `to`, touches.

     Of confirmed orders, each in the minute of its confirmation; one that is cancelled later is no sale
    any more. Follows the orders within seconds. `byMinute`: minutes with a sale, the newest 10,080 at
    most, earliest first; `byProduct`: the 10,000 with the most revenue at most, strongest first.

    Args:
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Sales
    """

    return sync_detailed(
        client=client,
        from_=from_,
        to=to,
        x_correlation_id=x_correlation_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | Sales]:
    """What was sold, in all or in the minutes that the time `from`, up to `to`, touches.

     Of confirmed orders, each in the minute of its confirmation; one that is cancelled later is no sale
    any more. Follows the orders within seconds. `byMinute`: minutes with a sale, the newest 10,080 at
    most, earliest first; `byProduct`: the 10,000 with the most revenue at most, strongest first.

    Args:
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Sales]
    """

    kwargs = _get_kwargs(
        from_=from_,
        to=to,
        x_correlation_id=x_correlation_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | Sales | None:
    """What was sold, in all or in the minutes that the time `from`, up to `to`, touches.

     Of confirmed orders, each in the minute of its confirmation; one that is cancelled later is no sale
    any more. Follows the orders within seconds. `byMinute`: minutes with a sale, the newest 10,080 at
    most, earliest first; `byProduct`: the 10,000 with the most revenue at most, strongest first.

    Args:
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Sales
    """

    return (
        await asyncio_detailed(
            client=client,
            from_=from_,
            to=to,
            x_correlation_id=x_correlation_id,
        )
    ).parsed
