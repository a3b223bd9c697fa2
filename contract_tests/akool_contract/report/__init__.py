"""Writes a report: to a terminal, as JSON, as JUnit XML, as one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract.report._html import html
from akool_contract.report._json import json_text
from akool_contract.report._junit import junit
from akool_contract.report._terminal import Progress, show

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from akool_contract._findings.report_model import Report

WRITERS: dict[str, Callable[[Report], str]] = {"json": json_text, "junit": junit, "html": html}

__all__ = ["WRITERS", "Progress", "html", "json_text", "junit", "show", "write"]


def write(report: Report, kind: str, path: Path) -> None:
    """Writes one report file, whole or not at all; raises OSError."""
    text = WRITERS[kind](report)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
