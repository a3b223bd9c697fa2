"""The operations whose pages have rules in prose: those are kept by name.

An operation of another contract that is only called like one of these is none of them.
"""

from __future__ import annotations

KNOWN = {
    "swapImage": ("POST", "/api/open/v3/faceswap/highquality/specifyimage"),
    "swapVideo": ("POST", "/api/open/v3/faceswap/highquality/specifyvideo"),
    "swapImagePro": ("POST", "/api/open/v4/faceswap/faceswapByImage"),
    "swapPlus": ("POST", "/api/open/v4/faceswap/faceswapPlusByImage"),
    "listResults": ("GET", "/api/open/v3/faceswap/result/listbyids"),
    "deleteResults": ("POST", "/api/open/v3/faceswap/result/delbyids"),
    "getCredit": ("GET", "/api/open/v3/faceswap/quota/info"),
    "getToken": ("POST", "/api/open/v3/getToken"),
    "detectFaces": ("POST", "/interface/detect-api/detect_faces"),
    "detectFacesLegacy": ("POST", "/detect"),
}
"""Method and path of each."""
SUBMITS = ("swapImage", "swapVideo", "swapImagePro", "swapPlus")
DETECTIONS = ("detectFaces", "detectFacesLegacy")
