"""JUnit XML: one suite per layer, one case per check and operation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

if TYPE_CHECKING:
    from akool_contract._findings.report_model import Report, Violation

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    """XML 1.0 has no control characters: they become question marks."""
    return FORBIDDEN.sub("?", text)


def junit(report: Report) -> str:
    """The XML text."""
    root = Element("testsuites", name="akool-faceswap verify")
    broken = {violation.key: violation for violation in report.violations}
    layers = dict.fromkeys([run.layer for run in report.checks] + ["not run"])
    for layer in layers:
        suite = SubElement(root, "testsuite", name=layer, hostname=_clean(report.target))
        if layer == "not run":
            _not_run(suite, report)
        for run in report.checks:
            if run.layer == layer:
                case = _case(suite, run.check, run.operation)
                violation = broken.get((run.check, run.operation))
                if violation:
                    _failure(case, violation)
        _count(suite, report, layer)
    if report.error:
        suite = SubElement(root, "testsuite", name="run", tests="1", errors="1")
        SubElement(_case(suite, "run", "target"), "error", message=_clean(report.error))
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, check: str, operation: str) -> Element:
    return SubElement(suite, "testcase", classname=_clean(check), name=_clean(operation or check))


def _failure(case: Element, violation: Violation) -> None:
    text = (
        f"{violation.clause}\nexpected: {violation.expected}\nseen: {violation.seen}\n"
        f"repeat: {violation.curl}"
    )
    message = f"expected {violation.expected}, seen {violation.seen}"
    node = SubElement(case, "failure", type=violation.check, message=_clean(message)[:500])
    node.text = _clean(text)


def _not_run(suite: Element, report: Report) -> None:
    for entry in report.not_run:
        case = _case(suite, entry.check, entry.operation)
        SubElement(case, "skipped", message=_clean(entry.reason))


def _count(suite: Element, report: Report, layer: str) -> None:
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("errors", "0")
    suite.set("time", str(report.timings.get("layers_s", {}).get(layer, 0)))
