"""A method for each operation of the contract, typed with the generated models.

Generated from the contract. The methods hand their arguments to `_call`, which a client brings;
importing this loads no model.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from .operations import OPERATIONS, Operation
from .types import UNSET, Unset

if TYPE_CHECKING:
    from .models.business_error import BusinessError
    from .models.delete_results_request import DeleteResultsRequest
    from .models.delete_results_response import DeleteResultsResponse
    from .models.detect_faces_error import DetectFacesError
    from .models.detect_faces_legacy_error import DetectFacesLegacyError
    from .models.detect_faces_legacy_request import DetectFacesLegacyRequest
    from .models.detect_faces_legacy_response import DetectFacesLegacyResponse
    from .models.detect_faces_request import DetectFacesRequest
    from .models.detect_faces_response import DetectFacesResponse
    from .models.get_credit_response import GetCreditResponse
    from .models.get_token_request import GetTokenRequest
    from .models.get_token_response import GetTokenResponse
    from .models.list_results_response import ListResultsResponse
    from .models.swap_image_pro_request import SwapImageProRequest
    from .models.swap_image_pro_response import SwapImageProResponse
    from .models.swap_image_request import SwapImageRequest
    from .models.swap_image_response import SwapImageResponse
    from .models.swap_plus_request import SwapPlusRequest
    from .models.swap_plus_response import SwapPlusResponse
    from .models.swap_video_request import SwapVideoRequest
    from .models.swap_video_response import SwapVideoResponse


class RawOperations(ABC):
    """One method for each operation of the contract."""

    @abstractmethod
    def _call(
        self,
        operation: Operation,
        arguments: dict[str, Any],
        timeout: float | None | Unset,
    ) -> Any:
        """Send the operation.

        Args:
            operation: Which one.
            arguments: What its generated function takes; UNSET is left out by the contract.
            timeout: Seconds for the whole call. None: no timeout. UNSET: the client's timeout.
        """

    def swap_image(
        self, body: SwapImageRequest, *, timeout: float | None | Unset = UNSET
    ) -> SwapImageResponse:
        """`swapImage`: Image Faceswap"""
        answer: SwapImageResponse = self._call(
            OPERATIONS["swapImage"], {"body": body}, timeout
        )
        return answer

    def swap_video(
        self, body: SwapVideoRequest, *, timeout: float | None | Unset = UNSET
    ) -> SwapVideoResponse:
        """`swapVideo`: Video Faceswap"""
        answer: SwapVideoResponse = self._call(
            OPERATIONS["swapVideo"], {"body": body}, timeout
        )
        return answer

    def get_credit(self, *, timeout: float | None | Unset = UNSET) -> GetCreditResponse:
        """`getCredit`: Get User Credit Info"""
        answer: GetCreditResponse = self._call(OPERATIONS["getCredit"], {}, timeout)
        return answer

    def delete_results(
        self, body: DeleteResultsRequest, *, timeout: float | None | Unset = UNSET
    ) -> DeleteResultsResponse:
        """`deleteResults`: Delete Faceswap Results"""
        answer: DeleteResultsResponse = self._call(
            OPERATIONS["deleteResults"], {"body": body}, timeout
        )
        return answer

    def list_results(
        self, field_ids: str, *, timeout: float | None | Unset = UNSET
    ) -> ListResultsResponse:
        """`listResults`: Get Faceswap Result List"""
        answer: ListResultsResponse = self._call(
            OPERATIONS["listResults"], {"field_ids": field_ids}, timeout
        )
        return answer

    def get_token(
        self, body: GetTokenRequest, *, timeout: float | None | Unset = UNSET
    ) -> GetTokenResponse:
        """`getToken`: Get Token"""
        answer: GetTokenResponse = self._call(
            OPERATIONS["getToken"], {"body": body}, timeout
        )
        return answer

    def swap_image_pro(
        self, body: SwapImageProRequest, *, timeout: float | None | Unset = UNSET
    ) -> SwapImageProResponse:
        """`swapImagePro`: Face Swap Pro"""
        answer: SwapImageProResponse = self._call(
            OPERATIONS["swapImagePro"], {"body": body}, timeout
        )
        return answer

    def swap_plus(
        self, body: SwapPlusRequest, *, timeout: float | None | Unset = UNSET
    ) -> SwapPlusResponse:
        """`swapPlus`: Face Swap Plus"""
        answer: SwapPlusResponse = self._call(
            OPERATIONS["swapPlus"], {"body": body}, timeout
        )
        return answer

    def detect_faces_legacy(
        self, body: DetectFacesLegacyRequest, *, timeout: float | None | Unset = UNSET
    ) -> BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse:
        """`detectFacesLegacy`: Face Detect (legacy)"""
        answer: BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse = (
            self._call(OPERATIONS["detectFacesLegacy"], {"body": body}, timeout)
        )
        return answer

    def detect_faces(
        self, body: DetectFacesRequest, *, timeout: float | None | Unset = UNSET
    ) -> BusinessError | DetectFacesError | DetectFacesResponse:
        """`detectFaces`: Detect Faces"""
        answer: BusinessError | DetectFacesError | DetectFacesResponse = self._call(
            OPERATIONS["detectFaces"], {"body": body}, timeout
        )
        return answer


class AsyncRawOperations(ABC):
    """One method for each operation of the contract, for asyncio."""

    @abstractmethod
    async def _call(
        self,
        operation: Operation,
        arguments: dict[str, Any],
        timeout: float | None | Unset,
    ) -> Any:
        """Send the operation.

        Args:
            operation: Which one.
            arguments: What its generated function takes; UNSET is left out by the contract.
            timeout: Seconds for the whole call. None: no timeout. UNSET: the client's timeout.
        """

    async def swap_image(
        self, body: SwapImageRequest, *, timeout: float | None | Unset = UNSET
    ) -> SwapImageResponse:
        """`swapImage`: Image Faceswap"""
        answer: SwapImageResponse = await self._call(
            OPERATIONS["swapImage"], {"body": body}, timeout
        )
        return answer

    async def swap_video(
        self, body: SwapVideoRequest, *, timeout: float | None | Unset = UNSET
    ) -> SwapVideoResponse:
        """`swapVideo`: Video Faceswap"""
        answer: SwapVideoResponse = await self._call(
            OPERATIONS["swapVideo"], {"body": body}, timeout
        )
        return answer

    async def get_credit(
        self, *, timeout: float | None | Unset = UNSET
    ) -> GetCreditResponse:
        """`getCredit`: Get User Credit Info"""
        answer: GetCreditResponse = await self._call(
            OPERATIONS["getCredit"], {}, timeout
        )
        return answer

    async def delete_results(
        self, body: DeleteResultsRequest, *, timeout: float | None | Unset = UNSET
    ) -> DeleteResultsResponse:
        """`deleteResults`: Delete Faceswap Results"""
        answer: DeleteResultsResponse = await self._call(
            OPERATIONS["deleteResults"], {"body": body}, timeout
        )
        return answer

    async def list_results(
        self, field_ids: str, *, timeout: float | None | Unset = UNSET
    ) -> ListResultsResponse:
        """`listResults`: Get Faceswap Result List"""
        answer: ListResultsResponse = await self._call(
            OPERATIONS["listResults"], {"field_ids": field_ids}, timeout
        )
        return answer

    async def get_token(
        self, body: GetTokenRequest, *, timeout: float | None | Unset = UNSET
    ) -> GetTokenResponse:
        """`getToken`: Get Token"""
        answer: GetTokenResponse = await self._call(
            OPERATIONS["getToken"], {"body": body}, timeout
        )
        return answer

    async def swap_image_pro(
        self, body: SwapImageProRequest, *, timeout: float | None | Unset = UNSET
    ) -> SwapImageProResponse:
        """`swapImagePro`: Face Swap Pro"""
        answer: SwapImageProResponse = await self._call(
            OPERATIONS["swapImagePro"], {"body": body}, timeout
        )
        return answer

    async def swap_plus(
        self, body: SwapPlusRequest, *, timeout: float | None | Unset = UNSET
    ) -> SwapPlusResponse:
        """`swapPlus`: Face Swap Plus"""
        answer: SwapPlusResponse = await self._call(
            OPERATIONS["swapPlus"], {"body": body}, timeout
        )
        return answer

    async def detect_faces_legacy(
        self, body: DetectFacesLegacyRequest, *, timeout: float | None | Unset = UNSET
    ) -> BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse:
        """`detectFacesLegacy`: Face Detect (legacy)"""
        answer: (
            BusinessError | DetectFacesLegacyError | DetectFacesLegacyResponse
        ) = await self._call(OPERATIONS["detectFacesLegacy"], {"body": body}, timeout)
        return answer

    async def detect_faces(
        self, body: DetectFacesRequest, *, timeout: float | None | Unset = UNSET
    ) -> BusinessError | DetectFacesError | DetectFacesResponse:
        """`detectFaces`: Detect Faces"""
        answer: (
            BusinessError | DetectFacesError | DetectFacesResponse
        ) = await self._call(OPERATIONS["detectFaces"], {"body": body}, timeout)
        return answer
