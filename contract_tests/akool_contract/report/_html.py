"""One self-contained HTML page: violations, checks, drift, coverage, latencies. No script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from akool_contract._findings.report_model import State, counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akool_contract._findings.report_model import Report, Violation

STYLE = """
:root{color-scheme:light dark;--fg:#1d2430;--bg:#fff;--soft:#f3f5f8;--line:#d7dce4;--ok:#1a7f4b;
--bad:#c0262d;--skip:#626b7a;--accent:#2f5fd0}
@media(prefers-color-scheme:dark){:root{--fg:#e5e9f0;--bg:#14181f;--soft:#1d232d;--line:#333c4a;
--ok:#4cc38a;--bad:#ff6b6b;--skip:#96a1b3;--accent:#7aa2ff}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);margin:0 auto;
max-width:1100px;padding:2rem 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .6rem}
.verdict{font-weight:600}.ok{color:var(--ok)}.bad{color:var(--bad)}.skip{color:var(--skip)}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{border-bottom:1px solid var(--line);padding:.25rem .45rem;text-align:left;vertical-align:top}
.scroll{overflow:auto;border:1px solid var(--line);border-radius:6px;max-height:75vh}
.matrix td{text-align:center}.matrix th{position:sticky;top:0;background:var(--soft)}
.matrix td:first-child,.matrix th:first-child{position:sticky;left:0;background:var(--soft);
text-align:left;white-space:nowrap}
.card{border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:6px;
padding:.7rem 1rem;margin:.8rem 0}
pre{background:var(--soft);padding:.6rem;border-radius:6px;overflow:auto;white-space:pre-wrap;
word-break:break-all;margin:.4rem 0 0}
dl{display:grid;grid-template-columns:6rem 1fr;gap:.1rem .8rem;margin:.4rem 0}dt{color:var(--skip)}
dd{margin:0;word-break:break-word}
.facts{display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;color:var(--skip);margin-bottom:1rem;
overflow-wrap:anywhere}
.layers td:not(:first-child),.layers th:not(:first-child){text-align:right}
.filters{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;margin:1rem 0}
.plot{width:60%}svg{display:block;width:100%;height:auto}
circle{fill:var(--accent);opacity:.35}rect{fill:var(--fg)}
@media print{body{max-width:none;padding:0;font-size:11px}.filters{display:none}
.scroll{max-height:none;overflow:visible;border:0}.matrix th,.matrix td:first-child{position:static}
.card,tr{break-inside:avoid}thead{display:table-header-group}pre{white-space:pre-wrap}
.matrix th:not(:first-child){writing-mode:vertical-rl;white-space:nowrap}}
"""
WIDTH, EDGE = 600, 6
"""Of a row of latencies, in the units of its drawing: dots at its ends are drawn whole."""


def html(report: Report) -> str:
    """The page's text."""
    places = Places(report)
    sections = [
        _head(report),
        _layers(report),
        places.filters(),
        _section("Violations", _violations(report.new, places)),
        *([_section("Known", _violations(report.known, places))] if report.known else ()),
        *([_section("Gone", _violations(report.gone, places))] if report.gone else ()),
        _section("Checks", _checks(report, places)),
        _section("Operations and checks", _matrix(report, places)),
        _section("Drift", _drift(report)),
        _section("Coverage", _coverage(report)),
        _section("Latency", _latency(report)),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Conformance of {escape(report.target)}</title>"
        f"<style>{STYLE}{places.rules()}</style></head>"
        f"<body>{''.join(sections)}</body></html>\n"
    )


class Places:
    """The filters of the page, by layer, operation and outcome.

    They use style sheets alone: not every place that keeps reports shows pages with scripts.
    """

    def __init__(self, report: Report) -> None:
        broken = [*report.violations, *report.gone]
        named = [*(run.operation for run in report.checks), *(v.operation for v in broken)]
        layers = dict.fromkeys([*report.layers, *(v.layer for v in broken if v.layer)])
        self.operations = [name for name in dict.fromkeys(named) if name]
        self._choices: dict[str, dict[str, str]] = {
            "layer": {layer: layer for layer in layers},
            "operation": {f"o{n}": name for n, name in enumerate(self.operations)},
            "outcome": {state.replace(" ", "-"): state for state in State},
        }
        self._keys = {name: key for key, name in self._choices["operation"].items()}
        self._states = {outcome.check: outcome.state for outcome in report.outcomes}

    def of(self, check: str, layer: str, operations: Iterable[str]) -> str:
        """The attributes of an element that is about a check and some operations."""
        keys = " ".join(self._keys[name] for name in operations if name)
        state = self._states.get(check, State.NOT_RUN).replace(" ", "-")
        return (
            f' data-layer="{escape(layer)}" data-operation="{escape(keys)}" data-outcome="{state}"'
        )

    def column(self, operation: str) -> str:
        """The attribute of a cell that is about one operation."""
        return f' data-operation="{escape(self._keys[operation])}"'

    def filters(self) -> str:
        """What a person picks with."""
        parts = []
        for name, choices in self._choices.items():
            options = "".join(
                f'<option value="{escape(key)}">{escape(text)}</option>'
                for key, text in choices.items()
            )
            parts.append(
                f'<label>{name} <select id="{name}"><option value="">all</option>{options}'
                "</select></label>"
            )
        return f'<form class="filters">{"".join(parts)}</form>'

    def rules(self) -> str:
        """The style that hides what was not picked."""
        return "".join(
            f'body:has(#{name} option[value="{key}"]:checked) '
            f'[data-{name}]:not([data-{name}~="{key}"]){{display:none}}\n'
            for name, choices in self._choices.items()
            for key in choices
        )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of escaped cells."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return _framed(top, body)


def _framed(top: str, body: str, kind: str = "") -> str:
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _head(report: Report) -> str:
    if report.new:
        number = f"{len(report.new)} violation{'s' if len(report.new) > 1 else ''}"
        verdict = f'<span class="bad">{number}</span>'
    elif report.error:
        verdict = '<span class="bad">could not run</span>'
    else:
        verdict = '<span class="ok">conforms</span>'
    error = f'<p class="bad">{escape(report.error)}</p>' if report.error else ""
    facts = [
        *(f"{count} {name}" for name, count in report.totals.items()),
        f"profile {report.profile}",
        f"seed {report.seed}",
        f"{report.requests} requests and {report.polls} polls",
        f"{report.timings.get('total_s', 0):.1f} s",
    ]
    if report.credits_spent:
        facts.append(f"about {report.credits_spent:g} credits spent")
    if report.price_assumed:
        facts.append(f"assumed before the first job was paid: {report.price_assumed}")
    if report.jobs_left:
        facts.append(f"{len(report.jobs_left)} jobs left behind: {', '.join(report.jobs_left)}")
    shown = "".join(f"<span>{escape(fact)}</span>" for fact in facts)
    return (
        f"<header><h1>Conformance of {escape(report.target)}</h1>"
        f'<p class="verdict">{verdict}</p>{error}<div class="facts">{shown}</div></header>'
    )


def _layers(report: Report) -> str:
    """How the checks of each layer ended, and how long they took."""
    seconds = report.timings.get("layers_s", {})
    rows = []
    for layer, ended in report.layers.items():
        counts = counted(ended)
        cells = [escape(layer)]
        cells += [
            f'<span class="{MARKS[state]}">{counts[state]}</span>' if counts[state] else "0"
            for state in State
        ]
        cells += [str(sum(outcome.exercised for outcome in ended))]
        cells += [f"{seconds.get(layer, 0.0):.1f}"]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = ("layer", *(str(state) for state in State), "exercised", "seconds")
    return _framed("".join(f"<th>{name}</th>" for name in head), "".join(rows), "layers")


def _violations(found: list[Violation], places: Places) -> str:
    if not found:
        return "<p>None.</p>"
    cards = []
    for v in found:
        rows = (
            ("clause", v.clause),
            ("cause", v.cause),
            ("expected", v.expected),
            ("seen", v.seen),
        )
        fields = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in rows if text)
        curl = f"<pre>{escape(v.curl)}</pre>" if v.curl else ""
        cards.append(
            f'<div class="card"{places.of(v.check, v.layer, [v.operation])}>'
            f"<strong>{escape(v.check)}</strong> {escape(v.operation)}"
            f"<dl>{fields}</dl>{curl}</div>"
        )
    return "".join(cards)


MARKS = {State.PASSED: "ok", State.FAILED: "bad", State.KNOWN: "skip", State.NOT_RUN: "skip"}


def _checks(report: Report, places: Places) -> str:
    """How each check ended, and of what was not run why."""
    head = ("check", "outcome", "exercised", "finding, or reason", "clause")
    top = "".join(f"<th>{name}</th>" for name in head)
    rows = []
    for o in report.outcomes:
        where = [run.operation for run in report.checks if run.check == o.check]
        told = "; ".join(filter(None, (*o.broken, o.reason)))
        cells = [escape(o.check), f'<span class="{MARKS[o.state]}">{o.state}</span>']
        cells += [str(o.exercised), escape(told), escape(o.clause)]
        inner = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f"<tr{places.of(o.check, o.layer, where)}>{inner}</tr>")
    return _framed(top, "".join(rows))


def _matrix(report: Report, places: Places) -> str:
    broken = {(violation.check, violation.operation) for violation in report.new}
    counts = {(run.check, run.operation): run.outcomes for run in report.checks}
    held = {(entry.check, entry.operation) for entry in report.not_run}

    def cell(check: str, operation: str) -> str:
        if (check, operation) in broken:
            return '<span class="bad">FAIL</span>'
        if counts.get((check, operation)):
            return f'<span class="ok">{counts[check, operation]}</span>'
        return '<span class="skip">not run</span>' if (check, operation) in held else ""

    def cells(kind: str, texts: Iterable[str]) -> str:
        pairs = zip(places.operations, texts, strict=True)
        return "".join(f"<{kind}{places.column(name)}>{text}</{kind}>" for name, text in pairs)

    rows = []
    for o in report.outcomes:
        where = [name for name in places.operations if cell(o.check, name)]
        if where:
            inner = cells("td", [cell(o.check, name) for name in places.operations])
            attributes = places.of(o.check, o.layer, where)
            rows.append(f"<tr{attributes}><td>{escape(o.check)}</td>{inner}</tr>")
    top = "<th>check</th>" + cells("th", map(escape, places.operations))
    return "<p>How often each was exercised.</p>" + _framed(top, "".join(rows), "matrix")


def _drift(report: Report) -> str:
    if not report.drift:
        return "<p>None.</p>"
    rows = ((d.kind, d.operation, d.what, d.seen) for d in report.drift)
    return _table(["kind", "operation", "what", "seen"], rows)


def _coverage(report: Report) -> str:
    operations: dict[str, Any] = report.coverage.get("operations", {})
    rows = (
        (
            name,
            str(entry["requests"]),
            str(entry["accepted"]),
            ", ".join(f"{code} ({count})" for code, count in sorted(entry["codes"].items())),
            ", ".join(entry["fields_seen"]),
            ", ".join(entry["fields_unseen"]),
        )
        for name, entry in operations.items()
    )
    seen = report.coverage.get("operations_seen", 0)
    total = report.coverage.get("operations_documented", 0)
    table = _table(
        ["operation", "requests", "accepted", "codes", "fields seen", "fields never seen"], rows
    )
    return f"<p>{seen} of {total} documented operations.</p>{table}"


def _latency(report: Report) -> str:
    """One row per operation: every answer a dot, the median a bar, on a common scale."""
    rows = [(name, sorted(values)) for name, values in report.latencies.items() if values]
    if not rows:
        return "<p>No answers.</p>"
    scale = (WIDTH - 2 * EDGE) / (max(values[-1] for _, values in rows) or 1e-9)
    lines = []
    for name, values in rows:
        median = values[len(values) // 2]
        shown = (*values[:: max(1, len(values) // 150)], values[-1])
        dots = "".join(
            f'<circle cx="{EDGE + value * scale:.1f}" cy="10" r="2.5"/>' for value in shown
        )
        bar = f'<rect x="{EDGE - 1 + median * scale:.1f}" y="2" width="2" height="16"/>'
        lines.append(
            f"<tr><td>{escape(name)}</td><td>{len(values)}</td>"
            f"<td>{median * 1000:.2g}</td><td>{values[-1] * 1000:.3g}</td>"
            f'<td class="plot"><svg viewBox="0 0 {WIDTH} 20" role="img" '
            f'aria-label="latency of {escape(name)}">{dots}{bar}</svg></td></tr>'
        )
    head = ("operation", "answers", "median ms", "slowest ms", "every answer a dot; bar: median")
    return _framed("".join(f"<th>{name}</th>" for name in head), "".join(lines))
