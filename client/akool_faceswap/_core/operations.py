"""The contract's ten operations, each as a `Call` over its generated functions. Pure.

The generated code says method, path, query and body; who calls says how to read the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from akool_faceswap._core.call import Call, Envelope, Operation
from akool_faceswap_api.api.authentication.get_token import _get_kwargs as _get_token
from akool_faceswap_api.api.face_detection.detect_faces import _get_kwargs as _detect_faces
from akool_faceswap_api.api.face_detection.detect_faces_legacy import (
    _get_kwargs as _detect_faces_legacy,
)
from akool_faceswap_api.api.face_swap.delete_results import _get_kwargs as _delete_results
from akool_faceswap_api.api.face_swap.get_credit import _get_kwargs as _get_credit
from akool_faceswap_api.api.face_swap.list_results import _get_kwargs as _list_results
from akool_faceswap_api.api.face_swap.swap_image import _get_kwargs as _swap_image
from akool_faceswap_api.api.face_swap.swap_image_pro import _get_kwargs as _swap_image_pro
from akool_faceswap_api.api.face_swap.swap_plus import _get_kwargs as _swap_plus
from akool_faceswap_api.api.face_swap.swap_video import _get_kwargs as _swap_video

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from akool_faceswap._errors import RawAnswer
    from akool_faceswap_api import models

T = TypeVar("T")
if TYPE_CHECKING:
    Decode: TypeAlias = Callable[[dict[str, Any], RawAnswer], T]
    """The answer's object, and the answer itself, to what the caller gets."""

SWAP_IMAGE = Operation("swapImage", submit=True)
SWAP_VIDEO = Operation("swapVideo", submit=True)
SWAP_IMAGE_PRO = Operation("swapImagePro", submit=True)
SWAP_PLUS = Operation("swapPlus", submit=True)
LIST_RESULTS = Operation("listResults")
DELETE_RESULTS = Operation("deleteResults")
GET_CREDIT = Operation("getCredit")
GET_TOKEN = Operation("getToken", authorized=False)
DETECT_FACES = Operation("detectFaces", envelope=Envelope.DETECTION)
DETECT_FACES_LEGACY = Operation(
    "detectFacesLegacy", envelope=Envelope.DETECTION, server="https://sg3.akool.com"
)

METHODS: Final = {
    SWAP_IMAGE: "swap_image",
    SWAP_VIDEO: "swap_video",
    SWAP_IMAGE_PRO: "swap_image_pro",
    SWAP_PLUS: "swap_plus",
    LIST_RESULTS: "results",
    DELETE_RESULTS: "delete",
    GET_CREDIT: "credit",
    GET_TOKEN: "token",
    DETECT_FACES: "detect_faces",
    DETECT_FACES_LEGACY: "detect_faces_legacy",
}
"""Which method of the clients serves which operation; a test holds it against the contract."""


def swap_image(body: models.SwapImageRequest, decode: Decode[T]) -> Call[T]:
    """`swapImage`."""
    return _call(SWAP_IMAGE, _swap_image(body=body), decode)


def swap_video(body: models.SwapVideoRequest, decode: Decode[T]) -> Call[T]:
    """`swapVideo`."""
    return _call(SWAP_VIDEO, _swap_video(body=body), decode)


def swap_image_pro(body: models.SwapImageProRequest, decode: Decode[T]) -> Call[T]:
    """`swapImagePro`."""
    return _call(SWAP_IMAGE_PRO, _swap_image_pro(body=body), decode)


def swap_plus(body: models.SwapPlusRequest, decode: Decode[T]) -> Call[T]:
    """`swapPlus`."""
    return _call(SWAP_PLUS, _swap_plus(body=body), decode)


def list_results(ids: str, decode: Decode[T]) -> Call[T]:
    """`listResults`."""
    return _call(LIST_RESULTS, _list_results(field_ids=ids), decode)


def delete_results(body: models.DeleteResultsRequest, decode: Decode[T]) -> Call[T]:
    """`deleteResults`."""
    return _call(DELETE_RESULTS, _delete_results(body=body), decode)


def get_credit(decode: Decode[T]) -> Call[T]:
    """`getCredit`."""
    return _call(GET_CREDIT, _get_credit(), decode)


def get_token(body: models.GetTokenRequest, decode: Decode[T]) -> Call[T]:
    """`getToken`."""
    return _call(GET_TOKEN, _get_token(body=body), decode)


def detect_faces(body: models.DetectFacesRequest, decode: Decode[T]) -> Call[T]:
    """`detectFaces`."""
    return _call(DETECT_FACES, _detect_faces(body=body), decode)


def detect_faces_legacy(body: models.DetectFacesLegacyRequest, decode: Decode[T]) -> Call[T]:
    """`detectFacesLegacy`."""
    return _call(DETECT_FACES_LEGACY, _detect_faces_legacy(body=body), decode)


def _call(operation: Operation, kwargs: Mapping[str, Any], decode: Decode[T]) -> Call[T]:
    return Call(
        operation=operation,
        method=kwargs["method"].upper(),
        path=kwargs["url"],
        decode=decode,
        params=kwargs.get("params", {}),
        body=kwargs.get("json"),
    )
