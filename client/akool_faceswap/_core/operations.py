"""The contract's ten operations: what the client knows of each besides its request. Pure.

The generated code says method, path, query and body; who calls says how to read the answer. No
other module names an operation for sending it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from akool_faceswap._core.call import Call, Envelope, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from akool_faceswap._errors import RawAnswer

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


def call(operation: Operation, decode: Decode[T], **arguments: Any) -> Call[T]:  # noqa: ANN401 - those of the generated function
    """The call of an operation.

    Args:
        operation: Which one.
        decode: How its answer is read.
        arguments: Its parameters and its `body`, as the generated function takes them.
    """
    request = _writers()[operation.name](**arguments)
    return Call(
        operation=operation,
        method=request["method"].upper(),
        path=request["url"],
        decode=decode,
        params=request.get("params", {}),
        body=request.get("json"),
    )


@cache
def _writers() -> Mapping[str, Callable[..., dict[str, Any]]]:
    """Operation to the generated function that writes its request.

    Loaded at the first call: the generated models take as long to import as the HTTP library, and a
    program that prints its help or only receives webhooks should not wait for them.
    """
    from akool_faceswap_api.api.operations import (
        delete_results,
        detect_faces,
        detect_faces_legacy,
        get_credit,
        get_token,
        list_results,
        swap_image,
        swap_image_pro,
        swap_plus,
        swap_video,
    )

    modules = {
        SWAP_IMAGE: swap_image,
        SWAP_VIDEO: swap_video,
        SWAP_IMAGE_PRO: swap_image_pro,
        SWAP_PLUS: swap_plus,
        LIST_RESULTS: list_results,
        DELETE_RESULTS: delete_results,
        GET_CREDIT: get_credit,
        GET_TOKEN: get_token,
        DETECT_FACES: detect_faces,
        DETECT_FACES_LEGACY: detect_faces_legacy,
    }
    return {operation.name: module._get_kwargs for operation, module in modules.items()}  # noqa: SLF001 - generated from the same contract
