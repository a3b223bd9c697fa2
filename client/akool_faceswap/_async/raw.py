"""`client.raw`: the contract's operations with the generated models; the vendor's own words.

Deadlines, retries, errors and the safety of submits are those of the client. Answers are read
strictly, so that one which breaks the contract is an `UnreadableAnswerError` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_faceswap._core import operations
from akool_faceswap._core.requests import read_results, strictly
from akool_faceswap._core.timing import DEFAULT, Timeout
from akool_faceswap_api import models

if TYPE_CHECKING:
    from akool_faceswap._async.engine import AsyncEngine


class AsyncRaw:
    """`client.raw`: one method for each operation of the contract, under its own name."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def swap_image(
        self,
        body: models.SwapImageRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapImageResponse:
        """`swapImage`."""
        call = operations.call(operations.SWAP_IMAGE, strictly(models.SwapImageResponse), body=body)
        return await self._engine.run(call, timeout)

    async def swap_video(
        self,
        body: models.SwapVideoRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapVideoResponse:
        """`swapVideo`."""
        call = operations.call(operations.SWAP_VIDEO, strictly(models.SwapVideoResponse), body=body)
        return await self._engine.run(call, timeout)

    async def swap_image_pro(
        self,
        body: models.SwapImageProRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapImageProResponse:
        """`swapImagePro`."""
        call = operations.call(
            operations.SWAP_IMAGE_PRO, strictly(models.SwapImageProResponse), body=body
        )
        return await self._engine.run(call, timeout)

    async def swap_plus(
        self,
        body: models.SwapPlusRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapPlusResponse:
        """`swapPlus`."""
        call = operations.call(operations.SWAP_PLUS, strictly(models.SwapPlusResponse), body=body)
        return await self._engine.run(call, timeout)

    async def list_results(
        self,
        ids: str,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.ListResultsResponse:
        """`listResults`, of comma-separated ids."""
        call = operations.call(operations.LIST_RESULTS, read_results, field_ids=ids)
        return await self._engine.run(call, timeout)

    async def delete_results(
        self,
        body: models.DeleteResultsRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DeleteResultsResponse:
        """`deleteResults`."""
        call = operations.call(
            operations.DELETE_RESULTS, strictly(models.DeleteResultsResponse), body=body
        )
        return await self._engine.run(call, timeout)

    async def get_credit(
        self,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.GetCreditResponse:
        """`getCredit`."""
        call = operations.call(operations.GET_CREDIT, strictly(models.GetCreditResponse))
        return await self._engine.run(call, timeout)

    async def get_token(
        self,
        body: models.GetTokenRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.GetTokenResponse:
        """`getToken`."""
        call = operations.call(operations.GET_TOKEN, strictly(models.GetTokenResponse), body=body)
        return await self._engine.run(call, timeout)

    async def detect_faces(
        self,
        body: models.DetectFacesRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DetectFacesResponse:
        """`detectFaces`."""
        call = operations.call(
            operations.DETECT_FACES, strictly(models.DetectFacesResponse), body=body
        )
        return await self._engine.run(call, timeout)

    async def detect_faces_legacy(
        self,
        body: models.DetectFacesLegacyRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DetectFacesLegacyResponse:
        """`detectFacesLegacy`."""
        call = operations.call(
            operations.DETECT_FACES_LEGACY, strictly(models.DetectFacesLegacyResponse), body=body
        )
        return await self._engine.run(call, timeout)
