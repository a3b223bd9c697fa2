"""The contract's operations with the generated models: what is sent and what comes is the vendor's.

Deadlines, retries, errors and the safety of submits are those of the clients; answers are read
strictly, so that an answer which breaks the contract is an `UnreadableAnswerError` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from akool_faceswap import _operations
from akool_faceswap._answer import whole_number
from akool_faceswap._status import JobStatus
from akool_faceswap._timing import DEFAULT, Timeout
from akool_faceswap_api import models

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_faceswap._async_engine import AsyncEngine
    from akool_faceswap._engines import Engine
    from akool_faceswap._errors import RawAnswer

M_co = TypeVar("M_co", covariant=True)


class _Model(Protocol[M_co]):
    """A generated model's class."""

    def from_dict(self, src_dict: Mapping[str, Any], /) -> M_co: ...


def _strictly(model: _Model[M_co]) -> Callable[[dict[str, Any], RawAnswer], M_co]:
    return lambda value, _raw: model.from_dict(value)


def _read_results(value: dict[str, Any], _raw: RawAnswer) -> models.ListResultsResponse:
    """Tolerates a status that nobody documented: it is kept under its name, not as an enum."""
    items = value["data"]["result"]
    numbers = [whole_number(item["faceswap_status"]) for item in items]
    known = [n is not None and JobStatus(n).is_documented for n in numbers]
    stand_in = [
        {**item, "faceswap_status": number if ok else int(JobStatus.PROCESSING)}
        for item, number, ok in zip(items, numbers, known, strict=True)
    ]
    answer = models.ListResultsResponse.from_dict({**value, "data": {"result": stand_in}})
    for item, read, ok in zip(items, answer.data.result, known, strict=True):
        if not ok:
            read.additional_properties["faceswap_status"] = item["faceswap_status"]
    return answer


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
        call = _operations.swap_image(body, _strictly(models.SwapImageResponse))
        return self._engine.run(call, timeout)

    def swap_video(
        self,
        body: models.SwapVideoRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapVideoResponse:
        """`swapVideo`."""
        call = _operations.swap_video(body, _strictly(models.SwapVideoResponse))
        return self._engine.run(call, timeout)

    def swap_image_pro(
        self,
        body: models.SwapImageProRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapImageProResponse:
        """`swapImagePro`."""
        call = _operations.swap_image_pro(body, _strictly(models.SwapImageProResponse))
        return self._engine.run(call, timeout)

    def swap_plus(
        self,
        body: models.SwapPlusRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.SwapPlusResponse:
        """`swapPlus`."""
        call = _operations.swap_plus(body, _strictly(models.SwapPlusResponse))
        return self._engine.run(call, timeout)

    def list_results(
        self,
        ids: str,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.ListResultsResponse:
        """`listResults`, of comma-separated ids."""
        call = _operations.list_results(ids, _read_results)
        return self._engine.run(call, timeout)

    def delete_results(
        self,
        body: models.DeleteResultsRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DeleteResultsResponse:
        """`deleteResults`."""
        call = _operations.delete_results(body, _strictly(models.DeleteResultsResponse))
        return self._engine.run(call, timeout)

    def get_credit(
        self,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.GetCreditResponse:
        """`getCredit`."""
        call = _operations.get_credit(_strictly(models.GetCreditResponse))
        return self._engine.run(call, timeout)

    def get_token(
        self,
        body: models.GetTokenRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.GetTokenResponse:
        """`getToken`."""
        call = _operations.get_token(body, _strictly(models.GetTokenResponse))
        return self._engine.run(call, timeout)

    def detect_faces(
        self,
        body: models.DetectFacesRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DetectFacesResponse:
        """`detectFaces`."""
        call = _operations.detect_faces(body, _strictly(models.DetectFacesResponse))
        return self._engine.run(call, timeout)

    def detect_faces_legacy(
        self,
        body: models.DetectFacesLegacyRequest,
        *,
        timeout: Timeout = DEFAULT,
    ) -> models.DetectFacesLegacyResponse:
        """`detectFacesLegacy`."""
        call = _operations.detect_faces_legacy(body, _strictly(models.DetectFacesLegacyResponse))
        return self._engine.run(call, timeout)


class AsyncRaw:
    """`AsyncFaceSwap.raw`: one method for each operation of the contract, under its own name."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def swap_image(
        self,
        body: models.SwapImageRequest,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.SwapImageResponse:
        """`swapImage`."""
        call = _operations.swap_image(body, _strictly(models.SwapImageResponse))
        return await self._engine.run(call, timeout)

    async def swap_video(
        self,
        body: models.SwapVideoRequest,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.SwapVideoResponse:
        """`swapVideo`."""
        call = _operations.swap_video(body, _strictly(models.SwapVideoResponse))
        return await self._engine.run(call, timeout)

    async def swap_image_pro(
        self,
        body: models.SwapImageProRequest,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.SwapImageProResponse:
        """`swapImagePro`."""
        call = _operations.swap_image_pro(body, _strictly(models.SwapImageProResponse))
        return await self._engine.run(call, timeout)

    async def swap_plus(
        self,
        body: models.SwapPlusRequest,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.SwapPlusResponse:
        """`swapPlus`."""
        call = _operations.swap_plus(body, _strictly(models.SwapPlusResponse))
        return await self._engine.run(call, timeout)

    async def list_results(
        self,
        ids: str,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.ListResultsResponse:
        """`listResults`, of comma-separated ids."""
        call = _operations.list_results(ids, _read_results)
        return await self._engine.run(call, timeout)

    async def delete_results(
        self,
        body: models.DeleteResultsRequest,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.DeleteResultsResponse:
        """`deleteResults`."""
        call = _operations.delete_results(body, _strictly(models.DeleteResultsResponse))
        return await self._engine.run(call, timeout)

    async def get_credit(
        self,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.GetCreditResponse:
        """`getCredit`."""
        call = _operations.get_credit(_strictly(models.GetCreditResponse))
        return await self._engine.run(call, timeout)

    async def get_token(
        self,
        body: models.GetTokenRequest,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.GetTokenResponse:
        """`getToken`."""
        call = _operations.get_token(body, _strictly(models.GetTokenResponse))
        return await self._engine.run(call, timeout)

    async def detect_faces(
        self,
        body: models.DetectFacesRequest,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.DetectFacesResponse:
        """`detectFaces`."""
        call = _operations.detect_faces(body, _strictly(models.DetectFacesResponse))
        return await self._engine.run(call, timeout)

    async def detect_faces_legacy(
        self,
        body: models.DetectFacesLegacyRequest,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> models.DetectFacesLegacyResponse:
        """`detectFacesLegacy`."""
        call = _operations.detect_faces_legacy(body, _strictly(models.DetectFacesLegacyResponse))
        return await self._engine.run(call, timeout)
