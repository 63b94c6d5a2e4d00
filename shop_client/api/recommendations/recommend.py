from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.recommendations import Recommendations
from ...types import UNSET, Response, Unset


def _get_kwargs(
    product_id: str,
    *,
    x_correlation_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/products/{product_id}/recommendations".format(
            product_id=quote(str(product_id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | Recommendations | None:
    if response.status_code == 200:
        response_200 = Recommendations.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

    if response.status_code == 503:
        response_503 = ErrorResponse.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorResponse | Recommendations]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    product_id: str,
    *,
    client: AuthenticatedClient | Client,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | Recommendations]:
    """What is bought together with a product, strongest first, 20 at most.

     404 when there is no such product. The score is 1 for two products that no order has one of alone.
    Where nothing was bought together with it, the best sellers of its category come, with the score 0;
    of a category of more than 1,000 products the 1,000 with the lowest ids are looked at.

    Args:
        product_id (str):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Recommendations]
    """

    kwargs = _get_kwargs(
        product_id=product_id,
        x_correlation_id=x_correlation_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    product_id: str,
    *,
    client: AuthenticatedClient | Client,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | Recommendations | None:
    """What is bought together with a product, strongest first, 20 at most.

     404 when there is no such product. The score is 1 for two products that no order has one of alone.
    Where nothing was bought together with it, the best sellers of its category come, with the score 0;
    of a category of more than 1,000 products the 1,000 with the lowest ids are looked at.

    Args:
        product_id (str):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Recommendations
    """

    return sync_detailed(
        product_id=product_id,
        client=client,
        x_correlation_id=x_correlation_id,
    ).parsed


async def asyncio_detailed(
    product_id: str,
    *,
    client: AuthenticatedClient | Client,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | Recommendations]:
    """What is bought together with a product, strongest first, 20 at most.

     404 when there is no such product. The score is 1 for two products that no order has one of alone.
    Where nothing was bought together with it, the best sellers of its category come, with the score 0;
    of a category of more than 1,000 products the 1,000 with the lowest ids are looked at.

    Args:
        product_id (str):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Recommendations]
    """

    kwargs = _get_kwargs(
        product_id=product_id,
        x_correlation_id=x_correlation_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    product_id: str,
    *,
    client: AuthenticatedClient | Client,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | Recommendations | None:
    """What is bought together with a product, strongest first, 20 at most.

     404 when there is no such product. The score is 1 for two products that no order has one of alone.
    Where nothing was bought together with it, the best sellers of its category come, with the score 0;
    of a category of more than 1,000 products the 1,000 with the lowest ids are looked at.

    Args:
        product_id (str):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Recommendations
    """

    return (
        await asyncio_detailed(
            product_id=product_id,
            client=client,
            x_correlation_id=x_correlation_id,
        )
    ).parsed
