"""The operations that need more than the contract: which function answers each.

An operation is known by its name and by its method and path: another contract may well use the
same name for something else, and then it is answered like any operation that nobody knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from akool_mock._operations import account, detection, results, swaps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_mock._contract.compiled import Operation
    from akool_mock._http import Response
    from akool_mock._operations.call import Call
    from akool_mock._world.accounts import Refusal
    from akool_mock._world.world import World

    Handler = Callable[[World, Call], dict[str, Any] | Response]

__all__ = ["KNOWN", "SAMPLE", "Known", "known", "refused"]


def refused(refusal: Refusal) -> tuple[dict[str, Any], int]:
    """A refusal in the platform's envelope, with its HTTP status (0: as the settings say)."""
    return {"code": refusal.code, "msg": refusal.message}, 0


class Known(NamedTuple):
    """What is known of an operation: where it is, what answers it, how it refuses."""

    method: str
    path: str
    handler: Handler
    refused: Callable[[Refusal], tuple[dict[str, Any], int]] = refused


_V3 = "/api/open/v3"
_V4 = "/api/open/v4/faceswap"

KNOWN: Mapping[str, Known] = {
    "getToken": Known("POST", f"{_V3}/getToken", account.get_token),
    "getCredit": Known("GET", f"{_V3}/faceswap/quota/info", account.get_credit),
    "swapImage": Known("POST", f"{_V3}/faceswap/highquality/specifyimage", swaps.swap_image),
    "swapVideo": Known("POST", f"{_V3}/faceswap/highquality/specifyvideo", swaps.swap_video),
    "swapImagePro": Known("POST", f"{_V4}/faceswapByImage", swaps.swap_image_pro),
    "swapPlus": Known("POST", f"{_V4}/faceswapPlusByImage", swaps.swap_plus),
    "listResults": Known("GET", f"{_V3}/faceswap/result/listbyids", results.list_results),
    "deleteResults": Known("POST", f"{_V3}/faceswap/result/delbyids", results.delete_results),
    "detectFaces": Known(
        "POST", "/interface/detect-api/detect_faces", detection.detect_faces, detection.refused
    ),
    "detectFacesLegacy": Known(
        "POST", "/detect", detection.detect_faces_legacy, detection.refused_legacy
    ),
}

_FACE = [{"path": "https://example.com/face.jpg"}]
SAMPLE: tuple[str, Mapping[str, Any]] = (
    KNOWN["swapImage"].path,
    {
        "targetImage": _FACE,
        "sourceImage": _FACE,
        "modifyImage": "https://example.com/photo-640x480.jpg",
    },
)
"""Path and body of a request to try first."""


def known(operation: Operation) -> Known | None:
    """What is known of an operation of any contract; None if it is not one of ours."""
    found = KNOWN.get(operation.id)
    if found is None or (found.method, found.path) != (operation.method, operation.path):
        return None
    return found
