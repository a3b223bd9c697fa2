from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.business_error import BusinessError
from ...models.detect_faces_legacy_error import DetectFacesLegacyError
from ...models.detect_faces_legacy_request import DetectFacesLegacyRequest
from ...models.detect_faces_legacy_response import DetectFacesLegacyResponse
from ...types import Response


def _get_kwargs(
    *,
    body: DetectFacesLegacyRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/detect",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse | None:
    if response.status_code == 200:

        def _parse_response_200(
            data: object,
        ) -> BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = DetectFacesLegacyResponse.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_1 = DetectFacesLegacyError.from_dict(data)

                return response_200_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_2 = BusinessError.from_dict(data)

            return response_200_type_2

        response_200 = _parse_response_200(response.json())

        return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: DetectFacesLegacyRequest,
) -> Response[BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse]:
    """Face Detect (legacy)

     Find faces and their landmarks in an image. A future release will deprecate it.

    Args:
        body (DetectFacesLegacyRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: DetectFacesLegacyRequest,
) -> BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse | None:
    """Face Detect (legacy)

     Find faces and their landmarks in an image. A future release will deprecate it.

    Args:
        body (DetectFacesLegacyRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: DetectFacesLegacyRequest,
) -> Response[BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse]:
    """Face Detect (legacy)

     Find faces and their landmarks in an image. A future release will deprecate it.

    Args:
        body (DetectFacesLegacyRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: DetectFacesLegacyRequest,
) -> BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse | None:
    """Face Detect (legacy)

     Find faces and their landmarks in an image. A future release will deprecate it.

    Args:
        body (DetectFacesLegacyRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
