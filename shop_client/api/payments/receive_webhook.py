from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.taken import Taken
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    stripe_signature: str,
    x_correlation_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Stripe-Signature"] = stripe_signature

    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/payments/webhooks/stripe",
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | Taken | None:
    if response.status_code == 200:
        response_200 = Taken.from_dict(response.json())

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
) -> Response[ErrorResponse | Taken]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    stripe_signature: str,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | Taken]:
    """What Stripe tells of an order's payment intent.

     The body is Stripe's event, signed in `Stripe-Signature`. 404 where no gateway is used, 503 while it
    does not answer: Stripe tells again.

    Args:
        stripe_signature (str):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Taken]
    """

    kwargs = _get_kwargs(
        stripe_signature=stripe_signature,
        x_correlation_id=x_correlation_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    stripe_signature: str,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | Taken | None:
    """What Stripe tells of an order's payment intent.

     The body is Stripe's event, signed in `Stripe-Signature`. 404 where no gateway is used, 503 while it
    does not answer: Stripe tells again.

    Args:
        stripe_signature (str):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Taken
    """

    return sync_detailed(
        client=client,
        stripe_signature=stripe_signature,
        x_correlation_id=x_correlation_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    stripe_signature: str,
    x_correlation_id: str | Unset = UNSET,
) -> Response[ErrorResponse | Taken]:
    """What Stripe tells of an order's payment intent.

     The body is Stripe's event, signed in `Stripe-Signature`. 404 where no gateway is used, 503 while it
    does not answer: Stripe tells again.

    Args:
        stripe_signature (str):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Taken]
    """

    kwargs = _get_kwargs(
        stripe_signature=stripe_signature,
        x_correlation_id=x_correlation_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    stripe_signature: str,
    x_correlation_id: str | Unset = UNSET,
) -> ErrorResponse | Taken | None:
    """What Stripe tells of an order's payment intent.

     The body is Stripe's event, signed in `Stripe-Signature`. 404 where no gateway is used, 503 while it
    does not answer: Stripe tells again.

    Args:
        stripe_signature (str):
        x_correlation_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Taken
    """

    return (
        await asyncio_detailed(
            client=client,
            stripe_signature=stripe_signature,
            x_correlation_id=x_correlation_id,
        )
    ).parsed
