"""JUnit XML: one suite for each layer, one case for each check; valid for strict readers too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from akool_contract._findings.report_model import State

if TYPE_CHECKING:
    from akool_contract._findings.report_model import CheckOutcome, Report, Violation

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    """XML 1.0 has no control characters: they become question marks."""
    return FORBIDDEN.sub("?", text)


def junit(report: Report) -> str:
    """The XML text."""
    root = Element("testsuites")
    for number, (layer, ended) in enumerate(report.layers.items()):
        suite = _suite(root, report, number, layer)
        suite.set("time", str(report.timings.get("layers_s", {}).get(layer, 0)))
        for outcome in ended:
            _case(suite, report, outcome)
        _count(suite)
    if report.error:
        suite = _suite(root, report, len(root), "run")
        case = SubElement(suite, "testcase", classname="run", name="target", time="0")
        SubElement(case, "error", type="run", message=_clean(report.error))
        _count(suite)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, report: Report, number: int, name: str) -> Element:
    """A suite with all attributes and elements that strict readers require, in their order."""
    suite = SubElement(
        root,
        "testsuite",
        name=name,
        id=str(number),
        package="akool_contract",
        hostname=_clean(report.target) or "unknown",
        timestamp=report.timings.get("started", "1970-01-01T00:00:00"),
        time="0",
    )
    properties = SubElement(suite, "properties")
    facts = {
        "profile": report.profile,
        "seed": str(report.seed),
        "credits-spent": f"{report.credits_spent:g}",
        "jobs-left": _clean(" ".join(report.jobs_left)),
    }
    for key, value in facts.items():
        SubElement(properties, "property", name=key, value=value)
    return suite


def _case(suite: Element, report: Report, outcome: CheckOutcome) -> None:
    case = SubElement(
        suite, "testcase", classname=outcome.layer, name=_clean(outcome.check), time="0"
    )
    if outcome.state is State.NOT_RUN:
        SubElement(case, "skipped", message=_clean(outcome.reason))
    elif outcome.state is State.KNOWN:
        SubElement(case, "skipped", message=_clean(f"known: {'; '.join(outcome.broken)}"))
    elif outcome.state is State.FAILED:
        own = [v for v in report.new if v.check == outcome.check]
        message = "; ".join(outcome.broken)
        node = SubElement(case, "failure", type=outcome.check, message=_clean(message)[:500])
        node.text = _clean("\n\n".join([outcome.clause, *map(_told, own)]))


def _told(violation: Violation) -> str:
    return (
        f"{violation.operation}: {violation.cause}\nexpected: {violation.expected}\n"
        f"seen: {violation.seen}\nrepeat: {violation.curl}"
    )


def _count(suite: Element) -> None:
    cases = suite.findall("testcase")
    for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("tests", str(len(cases)))
    SubElement(suite, "system-out")
    SubElement(suite, "system-err")
