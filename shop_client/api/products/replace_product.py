from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.product import Product
from ...models.product_request import ProductRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    product_id: str,
    *,
    body: ProductRequest,
    if_match: str | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/products/{product_id}".format(
            product_id=quote(str(product_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | Product | None:
    if response.status_code == 200:
        response_200 = Product.from_dict(response.json())

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

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

    if response.status_code == 412:
        response_412 = ErrorResponse.from_dict(response.json())

        return response_412

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
) -> Response[ErrorResponse | Product]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    product_id: str,
    *,
    client: AuthenticatedClient,
    body: ProductRequest,
    if_match: str | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | Product]:
    """Replace a product, its stock too.

     404 when there is none. With the header If-Match (an ETag that was read before), 412 when somebody
    else has replaced it since.

    Args:
        product_id (str):
        if_match (str | Unset):
        x_correlation_id (str | Unset):
        body (ProductRequest): `POST /products`, `PUT /products/{productId}`: all of a product but
            its id. Numbers are strict, as in orders.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Product]
    """

    kwargs = _get_kwargs(
        product_id=product_id,
        body=body,
        if_match=if_match,
        x_correlation_id=x_correlation_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    product_id: str,
    *,
    client: AuthenticatedClient,
    body: ProductRequest,
    if_match: str | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | Product | None:
    """Replace a product, its stock too.

     404 when there is none. With the header If-Match (an ETag that was read before), 412 when somebody
    else has replaced it since.

    Args:
        product_id (str):
        if_match (str | Unset):
        x_correlation_id (str | Unset):
        body (ProductRequest): `POST /products`, `PUT /products/{productId}`: all of a product but
            its id. Numbers are strict, as in orders.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Product
    """

    return sync_detailed(
        product_id=product_id,
        client=client,
        body=body,
        if_match=if_match,
        x_correlation_id=x_correlation_id,
    ).parsed


async def asyncio_detailed(
    product_id: str,
    *,
    client: AuthenticatedClient,
    body: ProductRequest,
    if_match: str | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | Product]:
    """Replace a product, its stock too.

     404 when there is none. With the header If-Match (an ETag that was read before), 412 when somebody
    else has replaced it since.

    Args:
        product_id (str):
        if_match (str | Unset):
        x_correlation_id (str | Unset):
        body (ProductRequest): `POST /products`, `PUT /products/{productId}`: all of a product but
            its id. Numbers are strict, as in orders.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Product]
    """

    kwargs = _get_kwargs(
        product_id=product_id,
        body=body,
        if_match=if_match,
        x_correlation_id=x_correlation_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    product_id: str,
    *,
    client: AuthenticatedClient,
    body: ProductRequest,
    if_match: str | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | Product | None:
    """Replace a product, its stock too.

     404 when there is none. With the header If-Match (an ETag that was read before), 412 when somebody
    else has replaced it since.

    Args:
        product_id (str):
        if_match (str | Unset):
        x_correlation_id (str | Unset):
        body (ProductRequest): `POST /products`, `PUT /products/{productId}`: all of a product but
            its id. Numbers are strict, as in orders.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Product
    """

    return (
        await asyncio_detailed(
            product_id=product_id,
            client=client,
            body=body,
            if_match=if_match,
            x_correlation_id=x_correlation_id,
        )
    ).parsed
