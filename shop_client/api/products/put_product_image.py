from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.put_product_image_response_202 import PutProductImageResponse202
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    product_id: str,
    *,
    body: File | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/products/{product_id}/image".format(
            product_id=quote(str(product_id), safe=""),
        ),
    }

    if isinstance(body, File):
        _kwargs["content"] = body.payload
        headers["Content-Type"] = "image/jpeg"
    if isinstance(body, File):
        _kwargs["content"] = body.payload
        headers["Content-Type"] = "image/png"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | PutProductImageResponse202 | None:
    if response.status_code == 202:
        response_202 = PutProductImageResponse202.from_dict(response.json())

        return response_202

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
) -> Response[ErrorResponse | PutProductImageResponse202]:
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
    body: File | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | PutProductImageResponse202]:
    """Give the product a picture, a PNG or JPEG of at most 5 MiB.

     API Gateway looks at type, size and first bytes and hands it to S3. The product shows `image` and
    `thumbnailUrl` a moment later; of several uploads the last one. What turns out to be no picture, has
    over 40 megapixels, or belongs to no product is set aside in the bucket, with the reason, and
    nothing is shown of it.

    Args:
        product_id (str):
        x_correlation_id (str | Unset):
        body (File):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | PutProductImageResponse202]
    """

    kwargs = _get_kwargs(
        product_id=product_id,
        body=body,
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
    body: File | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | PutProductImageResponse202 | None:
    """Give the product a picture, a PNG or JPEG of at most 5 MiB.

     API Gateway looks at type, size and first bytes and hands it to S3. The product shows `image` and
    `thumbnailUrl` a moment later; of several uploads the last one. What turns out to be no picture, has
    over 40 megapixels, or belongs to no product is set aside in the bucket, with the reason, and
    nothing is shown of it.

    Args:
        product_id (str):
        x_correlation_id (str | Unset):
        body (File):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | PutProductImageResponse202
    """

    return sync_detailed(
        product_id=product_id,
        client=client,
        body=body,
        x_correlation_id=x_correlation_id,
    ).parsed


async def asyncio_detailed(
    product_id: str,
    *,
    client: AuthenticatedClient,
    body: File | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | PutProductImageResponse202]:
    """Give the product a picture, a PNG or JPEG of at most 5 MiB.

     API Gateway looks at type, size and first bytes and hands it to S3. The product shows `image` and
    `thumbnailUrl` a moment later; of several uploads the last one. What turns out to be no picture, has
    over 40 megapixels, or belongs to no product is set aside in the bucket, with the reason, and
    nothing is shown of it.

    Args:
        product_id (str):
        x_correlation_id (str | Unset):
        body (File):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | PutProductImageResponse202]
    """

    kwargs = _get_kwargs(
        product_id=product_id,
        body=body,
        x_correlation_id=x_correlation_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    product_id: str,
    *,
    client: AuthenticatedClient,
    body: File | Unset = UNSET,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | PutProductImageResponse202 | None:
    """Give the product a picture, a PNG or JPEG of at most 5 MiB.

     API Gateway looks at type, size and first bytes and hands it to S3. The product shows `image` and
    `thumbnailUrl` a moment later; of several uploads the last one. What turns out to be no picture, has
    over 40 megapixels, or belongs to no product is set aside in the bucket, with the reason, and
    nothing is shown of it.

    Args:
        product_id (str):
        x_correlation_id (str | Unset):
        body (File):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | PutProductImageResponse202
    """

    return (
        await asyncio_detailed(
            product_id=product_id,
            client=client,
            body=body,
            x_correlation_id=x_correlation_id,
        )
    ).parsed
