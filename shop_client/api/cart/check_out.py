from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.checked_out import CheckedOut
from ...models.checkout_request import CheckoutRequest
from ...models.error_response import ErrorResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: CheckoutRequest,
    x_correlation_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/cart/checkout",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CheckedOut | ErrorResponse | None:
    if response.status_code == 202:
        response_202 = CheckedOut.from_dict(response.json())

        return response_202

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 409:
        response_409 = ErrorResponse.from_dict(response.json())

        return response_409

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
) -> Response[CheckedOut | ErrorResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: CheckoutRequest,
    x_correlation_id: str | Unset = UNSET,
) -> Response[CheckedOut | ErrorResponse]:
    """Make an order of the cart at today's prices, and empty it.

     409 when it is empty, or another checkout was first. GET /orders/{orderId} knows the order a moment
    later.

    Args:
        x_correlation_id (str | Unset):
        body (CheckoutRequest): `POST /cart/checkout`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CheckedOut | ErrorResponse]
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
    body: CheckoutRequest,
    x_correlation_id: str | Unset = UNSET,
) -> CheckedOut | ErrorResponse | None:
    """Make an order of the cart at today's prices, and empty it.

     409 when it is empty, or another checkout was first. GET /orders/{orderId} knows the order a moment
    later.

    Args:
        x_correlation_id (str | Unset):
        body (CheckoutRequest): `POST /cart/checkout`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CheckedOut | ErrorResponse
    """

    return sync_detailed(
        client=client,
        body=body,
        x_correlation_id=x_correlation_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: CheckoutRequest,
    x_correlation_id: str | Unset = UNSET,
) -> Response[CheckedOut | ErrorResponse]:
    """Make an order of the cart at today's prices, and empty it.

     409 when it is empty, or another checkout was first. GET /orders/{orderId} knows the order a moment
    later.

    Args:
        x_correlation_id (str | Unset):
        body (CheckoutRequest): `POST /cart/checkout`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CheckedOut | ErrorResponse]
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
    body: CheckoutRequest,
    x_correlation_id: str | Unset = UNSET,
) -> CheckedOut | ErrorResponse | None:
    """Make an order of the cart at today's prices, and empty it.

     409 when it is empty, or another checkout was first. GET /orders/{orderId} knows the order a moment
    later.

    Args:
        x_correlation_id (str | Unset):
        body (CheckoutRequest): `POST /cart/checkout`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CheckedOut | ErrorResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            x_correlation_id=x_correlation_id,
        )
    ).parsed
