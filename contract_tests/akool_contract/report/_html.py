"""One self-contained HTML page: matrix, violations, drift, coverage, latencies. No script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akool_contract._findings.report_model import Report

STYLE = """
:root{color-scheme:light dark;--fg:#1d2430;--bg:#fff;--soft:#f3f5f8;--line:#d7dce4;--ok:#1a7f4b;
--bad:#c0262d;--skip:#8a93a3;--accent:#2f5fd0}
@media(prefers-color-scheme:dark){:root{--fg:#e5e9f0;--bg:#14181f;--soft:#1d232d;--line:#333c4a;
--ok:#4cc38a;--bad:#ff6b6b;--skip:#7c8798;--accent:#7aa2ff}}
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
.facts{display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;color:var(--skip)}
svg text{fill:var(--fg);font:12px system-ui,sans-serif}
"""


def html(report: Report) -> str:
    """The page's text."""
    sections = [
        _head(report),
        _section("Violations", _violations(report)),
        _section("Operations and checks", _matrix(report)),
        _section("Drift", _drift(report)),
        _section("Not run", _not_run(report)),
        _section("Coverage", _coverage(report)),
        _section("Latency", _latency(report)),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Conformance of {escape(report.target)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(sections)}</body></html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table of escaped cells; a cell may be marked up by a `Cell`."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(text: str) -> str:
    marks = {"ok": "ok", "FAIL": "bad", "not run": "skip"}
    safe = escape(text)
    return f'<span class="{marks[text]}">{safe}</span>' if text in marks else safe


def _head(report: Report) -> str:
    if report.violations:
        verdict = f'<span class="bad">{len(report.violations)} violations</span>'
    elif report.error:
        verdict = '<span class="bad">could not run</span>'
    else:
        verdict = '<span class="ok">conforms</span>'
    error = f'<p class="bad">{escape(report.error)}</p>' if report.error else ""
    layers = report.timings.get("layers_s", {})
    facts = [
        f"profile {report.profile}",
        f"seed {report.seed}",
        f"{report.requests} requests",
        f"{report.timings.get('total_s', 0)} s",
        *(f"{layer} {spent} s" for layer, spent in layers.items()),
    ]
    if report.credits_spent:
        facts.append(f"about {report.credits_spent:g} credits spent")
    shown = "".join(f"<span>{escape(fact)}</span>" for fact in facts)
    return (
        f"<header><h1>Conformance of {escape(report.target)}</h1>"
        f'<p class="verdict">{verdict}</p>{error}<div class="facts">{shown}</div></header>'
    )


def _violations(report: Report) -> str:
    if not report.violations:
        return "<p>None.</p>"
    cards = []
    for v in report.violations:
        rows = (("clause", v.clause), ("expected", v.expected), ("seen", v.seen))
        fields = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in rows)
        curl = f"<pre>{escape(v.curl)}</pre>" if v.curl else ""
        cards.append(
            f'<div class="card"><strong>{escape(v.check)}</strong> {escape(v.operation)}'
            f"<dl>{fields}</dl>{curl}</div>"
        )
    return "".join(cards)


def _matrix(report: Report) -> str:
    broken = {violation.key for violation in report.violations}
    ran = {(run.check, run.operation) for run in report.checks}
    held = {entry.check for entry in report.not_run if not entry.operation}
    held_at = {(entry.check, entry.operation) for entry in report.not_run}
    operations = list(dict.fromkeys(run.operation for run in report.checks))
    checks = sorted({run.check for run in report.checks} | {e.check for e in report.not_run})

    def state(check: str, operation: str) -> str:
        if (check, operation) in broken:
            return "FAIL"
        if (check, operation) in ran:
            return "ok"
        return "not run" if check in held or (check, operation) in held_at else ""

    rows = ([check, *(state(check, operation) for operation in operations)] for check in checks)
    return _table(["check", *operations], rows, "matrix")


def _drift(report: Report) -> str:
    if not report.drift:
        return "<p>None.</p>"
    rows = ((d.kind, d.operation, d.what, d.seen) for d in report.drift)
    return _table(["kind", "operation", "what", "seen"], rows)


def _not_run(report: Report) -> str:
    if not report.not_run:
        return "<p>Everything that applies was run.</p>"
    rows = ((e.check, e.operation, e.reason) for e in report.not_run)
    return _table(["check", "operation", "reason"], rows)


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
    """One row per operation: every answer a dot, the median a bar, on a common scale in ms."""
    rows = [(name, values) for name, values in report.latencies.items() if values]
    if not rows:
        return "<p>No answers.</p>"
    left, width, step = 170, 880, 26
    longest = max(max(values) for _, values in rows) or 1e-9
    height = step * len(rows) + 30
    scale = (width - left - 70) / longest
    parts = []
    for index, (name, values) in enumerate(rows):
        y = 20 + index * step
        ordered = sorted(values)
        median = ordered[len(ordered) // 2]
        parts.append(f'<text x="0" y="{y + 4}">{escape(name)}</text>')
        shown = ordered[:: max(1, len(ordered) // 150)]
        parts += [
            f'<circle cx="{left + v * scale:.1f}" cy="{y}" r="2.5" fill="var(--accent)" '
            'opacity="0.35"/>'
            for v in (*shown, ordered[-1])
        ]
        x = left + median * scale
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 8}" y2="{y + 8}" stroke="var(--fg)" '
            f'stroke-width="2"/><text x="{left + ordered[-1] * scale + 8:.1f}" y="{y + 4}">'
            f"{median * 1000:.2g} / {ordered[-1] * 1000:.3g} ms</text>"
        )
    return (
        f'<div class="scroll"><svg viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" '
        f'role="img" aria-label="latency by operation">{"".join(parts)}</svg></div>'
        "<p>Every answer a dot; bar: median; numbers: median / slowest.</p>"
    )
