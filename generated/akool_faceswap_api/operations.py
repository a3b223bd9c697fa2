"""Every operation of the contract as data: where it goes, what it takes, what it does.

Generated from the contract; importing it loads no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from akool_openapi.operations import Envelope


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    """As the wire has it."""
    place: str
    """`path`, `query`, `header` or `cookie`."""
    python_name: str
    """As the generated functions take it."""
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    name: str
    """operationId, or method and path where there is none."""
    python_name: str
    """Its module in `api.operations`, and its method of the raw client."""
    method: str
    """HTTP method, upper case."""
    path: str
    """Path template."""
    effect: str
    """`reads`, `spends`, `deletes` or `changes`."""
    parameters: tuple[Parameter, ...] = ()
    body: str | None = None
    """Class of the JSON body in `models`; None without one, or if it is no single class."""
    answer: str | None = None
    """Class in `models` of a success's body; None if it is no single class."""
    security: tuple[tuple[str, ...], ...] = ()
    """Alternatives, each the security schemes that it needs; empty if it needs none."""
    server: str | None = None
    """Server of its own; None if the contract's."""
    envelope: Envelope | None = field(default=None, repr=False)
    """The operation's or the contract's; None if the HTTP status decides."""
    job: Mapping[str, Any] | None = field(default=None, repr=False)
    """`x-job`."""
    price: Mapping[str, Any] | None = field(default=None, repr=False)
    """`x-price`."""
    retryable_codes: tuple[int, ...] = ()
    """Codes of the envelope after which the same request may succeed, and nothing was done."""

    @property
    def module(self) -> str:
        """Full name of the module with `_get_kwargs` and `_parse_response`; not yet imported."""
        return f"{__package__}.api.operations.{self.python_name}"


SERVER: Final[str | None] = "https://openapi.akool.com"
"""The contract's server, for every operation that names no other."""
OPERATIONS: Final[Mapping[str, Operation]] = {
    "swapImage": Operation(
        name="swapImage",
        python_name="swap_image",
        method="POST",
        path="/api/open/v3/faceswap/highquality/specifyimage",
        effect="spends",
        body="SwapImageRequest",
        answer="SwapImageResponse",
        security=(("ApiKeyAuth",), ("BearerAuth",)),
        envelope=Envelope(
            success="/code", value=1000, code="/code", text="/msg", data="/data"
        ),
        job={
            "id": "$response.body#/data/_id",
            "poll": {
                "operationId": "listResults",
                "parameter": "$request.query._ids",
                "separator": ",",
                "job": "$response.body#/data/result",
            },
            "fields": {
                "id": "/_id",
                "status": "/faceswap_status",
                "result": "/url",
                "reason": "/alg_msg",
                "created": "/createdAt",
            },
            "statuses": {
                "queued": [1],
                "running": [2],
                "succeeded": [3],
                "failed": [4],
            },
            "resultLifetimeSeconds": 604800,
            "delete": {
                "operationId": "deleteResults",
                "parameter": "$request.body#/_ids",
                "separator": ",",
            },
        },
        price={"credits": 4},
        retryable_codes=(1005,),
    ),
    "swapVideo": Operation(
        name="swapVideo",
        python_name="swap_video",
        method="POST",
        path="/api/open/v3/faceswap/highquality/specifyvideo",
        effect="spends",
        body="SwapVideoRequest",
        answer="SwapVideoResponse",
        security=(("ApiKeyAuth",), ("BearerAuth",)),
        envelope=Envelope(
            success="/code", value=1000, code="/code", text="/msg", data="/data"
        ),
        job={
            "id": "$response.body#/data/_id",
            "poll": {
                "operationId": "listResults",
                "parameter": "$request.query._ids",
                "separator": ",",
                "job": "$response.body#/data/result",
            },
            "fields": {
                "id": "/_id",
                "status": "/faceswap_status",
                "result": "/url",
                "reason": "/alg_msg",
                "created": "/createdAt",
            },
            "statuses": {
                "queued": [1],
                "running": [2],
                "succeeded": [3],
                "failed": [4],
            },
            "resultLifetimeSeconds": 604800,
            "delete": {
                "operationId": "deleteResults",
                "parameter": "$request.body#/_ids",
                "separator": ",",
            },
        },
        price={"credits": 10, "perSeconds": 10},
        retryable_codes=(1005,),
    ),
    "getCredit": Operation(
        name="getCredit",
        python_name="get_credit",
        method="GET",
        path="/api/open/v3/faceswap/quota/info",
        effect="reads",
        answer="GetCreditResponse",
        security=(("ApiKeyAuth",), ("BearerAuth",)),
        envelope=Envelope(
            success="/code", value=1000, code="/code", text="/msg", data="/data"
        ),
        retryable_codes=(1005,),
    ),
    "deleteResults": Operation(
        name="deleteResults",
        python_name="delete_results",
        method="POST",
        path="/api/open/v3/faceswap/result/delbyids",
        effect="deletes",
        body="DeleteResultsRequest",
        answer="DeleteResultsResponse",
        security=(("ApiKeyAuth",), ("BearerAuth",)),
        envelope=Envelope(
            success="/code", value=1000, code="/code", text="/msg", data="/data"
        ),
        retryable_codes=(1005,),
    ),
    "listResults": Operation(
        name="listResults",
        python_name="list_results",
        method="GET",
        path="/api/open/v3/faceswap/result/listbyids",
        effect="reads",
        parameters=(Parameter("_ids", "query", "field_ids", required=True),),
        answer="ListResultsResponse",
        security=(("ApiKeyAuth",), ("BearerAuth",)),
        envelope=Envelope(
            success="/code", value=1000, code="/code", text="/msg", data="/data"
        ),
        retryable_codes=(1005,),
    ),
    "getToken": Operation(
        name="getToken",
        python_name="get_token",
        method="POST",
        path="/api/open/v3/getToken",
        effect="reads",
        body="GetTokenRequest",
        answer="GetTokenResponse",
        envelope=Envelope(
            success="/code", value=1000, code="/code", text="/msg", data=""
        ),
    ),
    "swapImagePro": Operation(
        name="swapImagePro",
        python_name="swap_image_pro",
        method="POST",
        path="/api/open/v4/faceswap/faceswapByImage",
        effect="spends",
        body="SwapImageProRequest",
        answer="SwapImageProResponse",
        security=(("ApiKeyAuth",), ("BearerAuth",)),
        envelope=Envelope(
            success="/code", value=1000, code="/code", text="/msg", data="/data"
        ),
        job={
            "id": "$response.body#/data/_id",
            "poll": {
                "operationId": "listResults",
                "parameter": "$request.query._ids",
                "separator": ",",
                "job": "$response.body#/data/result",
            },
            "fields": {
                "id": "/_id",
                "status": "/faceswap_status",
                "result": "/url",
                "reason": "/alg_msg",
                "created": "/createdAt",
            },
            "statuses": {
                "queued": [1],
                "running": [2],
                "succeeded": [3],
                "failed": [4],
            },
            "resultLifetimeSeconds": 604800,
            "delete": {
                "operationId": "deleteResults",
                "parameter": "$request.body#/_ids",
                "separator": ",",
            },
        },
        price={"credits": 4},
        retryable_codes=(1005,),
    ),
    "swapPlus": Operation(
        name="swapPlus",
        python_name="swap_plus",
        method="POST",
        path="/api/open/v4/faceswap/faceswapPlusByImage",
        effect="spends",
        body="SwapPlusRequest",
        answer="SwapPlusResponse",
        security=(("ApiKeyAuth",), ("BearerAuth",)),
        envelope=Envelope(
            success="/code", value=1000, code="/code", text="/msg", data="/data"
        ),
        job={
            "id": "$response.body#/data/_id",
            "poll": {
                "operationId": "listResults",
                "parameter": "$request.query._ids",
                "separator": ",",
                "job": "$response.body#/data/result",
            },
            "fields": {
                "id": "/_id",
                "status": "/faceswap_status",
                "result": "/url",
                "reason": "/alg_msg",
                "created": "/createdAt",
            },
            "statuses": {
                "queued": [1],
                "running": [2],
                "succeeded": [3],
                "failed": [4],
            },
            "resultLifetimeSeconds": 604800,
            "delete": {
                "operationId": "deleteResults",
                "parameter": "$request.body#/_ids",
                "separator": ",",
            },
        },
        price={"credits": 4},
        retryable_codes=(1005,),
    ),
    "detectFacesLegacy": Operation(
        name="detectFacesLegacy",
        python_name="detect_faces_legacy",
        method="POST",
        path="/detect",
        effect="reads",
        body="DetectFacesLegacyRequest",
        security=(("ApiKeyAuth",), ("BearerAuth",)),
        server="https://sg3.akool.com",
        envelope=Envelope(
            success="/error_code",
            value=0,
            code="/error_code",
            text="/error_msg",
            data="",
        ),
    ),
    "detectFaces": Operation(
        name="detectFaces",
        python_name="detect_faces",
        method="POST",
        path="/interface/detect-api/detect_faces",
        effect="reads",
        body="DetectFacesRequest",
        security=(("ApiKeyAuth",), ("BearerAuth",)),
        envelope=Envelope(
            success="/error_code",
            value=0,
            code="/error_code",
            text="/error_msg",
            data="",
        ),
    ),
}
LEFT_OUT: Final[Mapping[str, str]] = {}
"""Parts of the contract that Python does not have, each with the reason."""
