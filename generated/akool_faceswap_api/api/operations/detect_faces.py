from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.business_error import BusinessError
from ...models.detect_faces_error import DetectFacesError
from ...models.detect_faces_request import DetectFacesRequest
from ...models.detect_faces_response import DetectFacesResponse
from ...types import Response


def _get_kwargs(
    *,
    body: DetectFacesRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/interface/detect-api/detect_faces",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BusinessError | DetectFacesError | DetectFacesResponse | None:
    if response.status_code == 200:

        def _parse_response_200(
            data: object,
        ) -> BusinessError | DetectFacesError | DetectFacesResponse:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = DetectFacesResponse.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_1 = DetectFacesError.from_dict(data)

                return response_200_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_2 = BusinessError.from_dict(data)

            return response_200_type_2

        response_200 = _parse_response_200(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = DetectFacesError.from_dict(response.json())

        return response_400

    if response.status_code == 500:
        response_500 = DetectFacesError.from_dict(response.json())

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BusinessError | DetectFacesError | DetectFacesResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: DetectFacesRequest,
) -> Response[BusinessError | DetectFacesError | DetectFacesResponse]:
    """Detect Faces

     Find faces and their landmarks in an image or a video

    Args:
        body (DetectFacesRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BusinessError | DetectFacesError | DetectFacesResponse | DetectFacesError]
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
    body: DetectFacesRequest,
) -> BusinessError | DetectFacesError | DetectFacesResponse | None:
    """Detect Faces

     Find faces and their landmarks in an image or a video

    Args:
        body (DetectFacesRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BusinessError | DetectFacesError | DetectFacesResponse | DetectFacesError
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: DetectFacesRequest,
) -> Response[BusinessError | DetectFacesError | DetectFacesResponse]:
    """Detect Faces

     Find faces and their landmarks in an image or a video

    Args:
        body (DetectFacesRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BusinessError | DetectFacesError | DetectFacesResponse | DetectFacesError]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: DetectFacesRequest,
) -> BusinessError | DetectFacesError | DetectFacesResponse | None:
    """Detect Faces

     Find faces and their landmarks in an image or a video

    Args:
        body (DetectFacesRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BusinessError | DetectFacesError | DetectFacesResponse | DetectFacesError
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
