from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.business_error import BusinessError
from ...models.list_results_response import ListResultsResponse
from ...types import UNSET, Response


def _get_kwargs(
    *,
    field_ids: str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["_ids"] = field_ids

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/open/v3/faceswap/result/listbyids",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BusinessError | ListResultsResponse | None:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> BusinessError | ListResultsResponse:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = ListResultsResponse.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_1 = BusinessError.from_dict(data)

            return response_200_type_1

        response_200 = _parse_response_200(response.json())

        return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BusinessError | ListResultsResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    field_ids: str,
) -> Response[BusinessError | ListResultsResponse]:
    """Get Faceswap Result List

     Get faceswap results by IDs

    Args:
        field_ids (str):  Example: 64dae65af6e250d4fb2bca63.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BusinessError | ListResultsResponse]
    """

    kwargs = _get_kwargs(
        field_ids=field_ids,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    field_ids: str,
) -> BusinessError | ListResultsResponse | None:
    """Get Faceswap Result List

     Get faceswap results by IDs

    Args:
        field_ids (str):  Example: 64dae65af6e250d4fb2bca63.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BusinessError | ListResultsResponse
    """

    return sync_detailed(
        client=client,
        field_ids=field_ids,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    field_ids: str,
) -> Response[BusinessError | ListResultsResponse]:
    """Get Faceswap Result List

     Get faceswap results by IDs

    Args:
        field_ids (str):  Example: 64dae65af6e250d4fb2bca63.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BusinessError | ListResultsResponse]
    """

    kwargs = _get_kwargs(
        field_ids=field_ids,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    field_ids: str,
) -> BusinessError | ListResultsResponse | None:
    """Get Faceswap Result List

     Get faceswap results by IDs

    Args:
        field_ids (str):  Example: 64dae65af6e250d4fb2bca63.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BusinessError | ListResultsResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            field_ids=field_ids,
        )
    ).parsed
