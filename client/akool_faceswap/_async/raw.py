"""`client.raw`: the contract's operations with the generated models; the vendor's own words.

Deadlines, retries, errors and the safety of submits are those of the client. Answers are read
strictly, so that one which breaks the contract is an `UnreadableAnswerError` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_faceswap._core import operations
from akool_faceswap._core.requests import _read_results, _strictly
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
        call = operations.swap_image(body, _strictly(models.SwapImageResponse))
        return await self._engine.run(call, timeout)

    async def swap_video(
        self,
        body: models.SwapVideoRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapVideoResponse:
        """`swapVideo`."""
        call = operations.swap_video(body, _strictly(models.SwapVideoResponse))
        return await self._engine.run(call, timeout)

    async def swap_image_pro(
        self,
        body: models.SwapImageProRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapImageProResponse:
        """`swapImagePro`."""
        call = operations.swap_image_pro(body, _strictly(models.SwapImageProResponse))
        return await self._engine.run(call, timeout)

    async def swap_plus(
        self,
        body: models.SwapPlusRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapPlusResponse:
        """`swapPlus`."""
        call = operations.swap_plus(body, _strictly(models.SwapPlusResponse))
        return await self._engine.run(call, timeout)

    async def list_results(
        self,
        ids: str,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.ListResultsResponse:
        """`listResults`, of comma-separated ids."""
        call = operations.list_results(ids, _read_results)
        return await self._engine.run(call, timeout)

    async def delete_results(
        self,
        body: models.DeleteResultsRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DeleteResultsResponse:
        """`deleteResults`."""
        call = operations.delete_results(body, _strictly(models.DeleteResultsResponse))
        return await self._engine.run(call, timeout)

    async def get_credit(
        self,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.GetCreditResponse:
        """`getCredit`."""
        call = operations.get_credit(_strictly(models.GetCreditResponse))
        return await self._engine.run(call, timeout)

    async def get_token(
        self,
        body: models.GetTokenRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.GetTokenResponse:
        """`getToken`."""
        call = operations.get_token(body, _strictly(models.GetTokenResponse))
        return await self._engine.run(call, timeout)

    async def detect_faces(
        self,
        body: models.DetectFacesRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DetectFacesResponse:
        """`detectFaces`."""
        call = operations.detect_faces(body, _strictly(models.DetectFacesResponse))
        return await self._engine.run(call, timeout)

    async def detect_faces_legacy(
        self,
        body: models.DetectFacesLegacyRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DetectFacesLegacyResponse:
        """`detectFacesLegacy`."""
        call = operations.detect_faces_legacy(body, _strictly(models.DetectFacesLegacyResponse))
        return await self._engine.run(call, timeout)
