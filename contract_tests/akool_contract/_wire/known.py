"""The operations whose pages have rules in prose. These rules are kept by operationId.

An operation of another contract that only has the same name is not one of them.
"""

from __future__ import annotations

import akool_openapi
from akool_openapi.operations import operations

V3 = ("swapImage", "swapVideo")
"""Submits whose answer has the result's url."""
SUBMITS = (*V3, "swapImagePro", "swapPlus")
DETECTIONS = ("detectFaces", "detectFacesLegacy")
_NAMES = {*SUBMITS, *DETECTIONS, "listResults", "deleteResults", "getCredit", "getToken"}
_SPECS = [spec for spec in operations(akool_openapi.load()) if spec.name in _NAMES]
KNOWN = {spec.name: (spec.method, spec.path) for spec in _SPECS}
"""Method and path of each, as the merged contract has them."""
NO_AUTH_NEEDED = frozenset(spec.name for spec in _SPECS if spec.data.get("security") == [])
"""Those that the contract opens to everybody."""
