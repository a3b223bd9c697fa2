"""The operations whose pages have rules in prose. These rules are kept by operationId.

An operation of another contract that only has the same name is not one of them.
"""

from __future__ import annotations

import akool_openapi
from akool_openapi.operations import operations

SUBMITS = ("swapImage", "swapVideo", "swapImagePro", "swapPlus")
DETECTIONS = ("detectFaces", "detectFacesLegacy")
_NAMES = {*SUBMITS, *DETECTIONS, "listResults", "deleteResults", "getCredit", "getToken"}
KNOWN = {
    spec.name: (spec.method, spec.path)
    for spec in operations(akool_openapi.load())
    if spec.name in _NAMES
}
"""Method and path of each, as the merged contract has them."""
