"""Whether a built contract agrees with itself: names, examples, references, extensions."""

from __future__ import annotations

from typing import Any

from akool_pipeline.checking import examples, extensions, references, required
from akool_pipeline.checking.findings import Finding

__all__ = ["Finding", "check"]


def check(data: dict[str, Any]) -> list[Finding]:
    """All that does not agree in a valid OpenAPI document, in the document's order.

    References are looked into only once the extensions have the form that their schemas demand.
    """
    malformed = list(extensions.check(data))
    found = [*malformed, *required.check(data), *examples.check(data)]
    found += [] if malformed else references.check(data)
    return list(dict.fromkeys(sorted(found, key=lambda finding: finding.pointer)))
