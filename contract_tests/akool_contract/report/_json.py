"""The JSON report: `violations`, `drift`, `not_run`, `coverage`, `timings` and their run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akool_contract._findings.report_model import Report


def json_text(report: Report) -> str:
    """One JSON document, with a stable order of keys."""
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=True) + "\n"
