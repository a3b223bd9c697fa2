"""The contract's operations with the generated models: what is sent and what comes is the vendor's.

Deadlines, retries, errors and the safety of submits are those of the clients; answers are read
strictly, so that an answer which breaks the contract is an `UnreadableAnswerError` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_faceswap._core import operations
from akool_faceswap._core.requests import _read_results, _strictly
from akool_faceswap._core.timing import DEFAULT, Timeout
from akool_faceswap_api import models

if TYPE_CHECKING:
    from akool_faceswap._sync.engine import Engine


class Raw:
    """`FaceSwap.raw`: one method for each operation of the contract, under its own name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def swap_image(
        self,
        body: models.SwapImageRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapImageResponse:
        """`swapImage`."""
        call = operations.swap_image(body, _strictly(models.SwapImageResponse))
        return self._engine.run(call, timeout)

    def swap_video(
        self,
        body: models.SwapVideoRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapVideoResponse:
        """`swapVideo`."""
        call = operations.swap_video(body, _strictly(models.SwapVideoResponse))
        return self._engine.run(call, timeout)

    def swap_image_pro(
        self,
        body: models.SwapImageProRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapImageProResponse:
        """`swapImagePro`."""
        call = operations.swap_image_pro(body, _strictly(models.SwapImageProResponse))
        return self._engine.run(call, timeout)

    def swap_plus(
        self,
        body: models.SwapPlusRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapPlusResponse:
        """`swapPlus`."""
        call = operations.swap_plus(body, _strictly(models.SwapPlusResponse))
        return self._engine.run(call, timeout)

    def list_results(
        self,
        ids: str,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.ListResultsResponse:
        """`listResults`, of comma-separated ids."""
        call = operations.list_results(ids, _read_results)
        return self._engine.run(call, timeout)

    def delete_results(
        self,
        body: models.DeleteResultsRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DeleteResultsResponse:
        """`deleteResults`."""
        call = operations.delete_results(body, _strictly(models.DeleteResultsResponse))
        return self._engine.run(call, timeout)

    def get_credit(
        self,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.GetCreditResponse:
        """`getCredit`."""
        call = operations.get_credit(_strictly(models.GetCreditResponse))
        return self._engine.run(call, timeout)

    def get_token(
        self,
        body: models.GetTokenRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.GetTokenResponse:
        """`getToken`."""
        call = operations.get_token(body, _strictly(models.GetTokenResponse))
        return self._engine.run(call, timeout)

    def detect_faces(
        self,
        body: models.DetectFacesRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DetectFacesResponse:
        """`detectFaces`."""
        call = operations.detect_faces(body, _strictly(models.DetectFacesResponse))
        return self._engine.run(call, timeout)

    def detect_faces_legacy(
        self,
        body: models.DetectFacesLegacyRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DetectFacesLegacyResponse:
        """`detectFacesLegacy`."""
        call = operations.detect_faces_legacy(body, _strictly(models.DetectFacesLegacyResponse))
        return self._engine.run(call, timeout)
