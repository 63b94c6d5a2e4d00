from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.async_order_request import AsyncOrderRequest
from ...models.error_response import ErrorResponse
from ...models.post_async_orders_response_202 import PostAsyncOrdersResponse202
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: AsyncOrderRequest,
    x_correlation_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/async/orders",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | PostAsyncOrdersResponse202 | None:
    if response.status_code == 202:
        response_202 = PostAsyncOrdersResponse202.from_dict(response.json())

        return response_202

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 413:
        response_413 = ErrorResponse.from_dict(response.json())

        return response_413

    if response.status_code == 503:
        response_503 = ErrorResponse.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorResponse | PostAsyncOrdersResponse202]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: AsyncOrderRequest,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | PostAsyncOrdersResponse202]:
    """Hand it to the queue order-intake; no service is asked.

     API Gateway checks the body. What is wrong with it otherwise is found behind the queue. What becomes
    of it has the id that is answered: the order's `orderId` is this `messageId`.

    Args:
        x_correlation_id (str | Unset):
        body (AsyncOrderRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | PostAsyncOrdersResponse202]
    """

    kwargs = _get_kwargs(
        body=body,
        x_correlation_id=x_correlation_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: AsyncOrderRequest,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | PostAsyncOrdersResponse202 | None:
    """Hand it to the queue order-intake; no service is asked.

     API Gateway checks the body. What is wrong with it otherwise is found behind the queue. What becomes
    of it has the id that is answered: the order's `orderId` is this `messageId`.

    Args:
        x_correlation_id (str | Unset):
        body (AsyncOrderRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | PostAsyncOrdersResponse202
    """

    return sync_detailed(
        client=client,
        body=body,
        x_correlation_id=x_correlation_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: AsyncOrderRequest,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | PostAsyncOrdersResponse202]:
    """Hand it to the queue order-intake; no service is asked.

     API Gateway checks the body. What is wrong with it otherwise is found behind the queue. What becomes
    of it has the id that is answered: the order's `orderId` is this `messageId`.

    Args:
        x_correlation_id (str | Unset):
        body (AsyncOrderRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | PostAsyncOrdersResponse202]
    """

    kwargs = _get_kwargs(
        body=body,
        x_correlation_id=x_correlation_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: AsyncOrderRequest,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | PostAsyncOrdersResponse202 | None:
    """Hand it to the queue order-intake; no service is asked.

     API Gateway checks the body. What is wrong with it otherwise is found behind the queue. What becomes
    of it has the id that is answered: the order's `orderId` is this `messageId`.

    Args:
        x_correlation_id (str | Unset):
        body (AsyncOrderRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | PostAsyncOrdersResponse202
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            x_correlation_id=x_correlation_id,
        )
    ).parsed
