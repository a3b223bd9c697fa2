"""Prism's opinion of an exchange, as values. Pure: text in, values out.

Prism hands it over in the response header `sl-violations`: a JSON list, cut when it is longer than
8 KB. It marks a status that the contract does not have as a mere warning; here each entry counts,
whatever its mark.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

Side = Literal["request", "response"]

CUT = "Too many violations! "


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a request or an answer breaks the contract.

    Attributes:
        side: which of the two.
        location: where in it: `body`, `query`, `header` and so on, then the path inside.
        code: the rule's name (`type`, `required`, `format`, ...); `401` for missing credentials,
            `status` for a status or media type that the contract does not have, `cut` for "and
            more", `unusable` when Prism answered by itself: it could not read the request, or
            upstream's answer.
        message: Prism's sentence.
    """

    side: Side
    location: tuple[str, ...]
    code: str
    message: str

    def __str__(self) -> str:
        """One line for people."""
        where = ".".join(self.location)
        return f"{self.side}{' ' + where if where else ''}: {self.message} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request through the proxy, and what Prism says about it.

    Attributes:
        method: HTTP method.
        path: without the query, which may hold identifiers.
        status: HTTP status from upstream.
        violations: empty if there are none.
    """

    method: str
    path: str
    status: int
    violations: tuple[Violation, ...] = ()

    def of(self, side: Side | None) -> Exchange:
        """The same exchange, with the violations of one side only."""
        kept = tuple(v for v in self.violations if side in (None, v.side))
        return Exchange(self.method, self.path, self.status, kept)

    def __str__(self) -> str:
        """A line for the exchange, one for each violation."""
        head = f"{self.method} {self.path} -> {self.status}"
        return "\n".join((head, *(f"  {entry}" for entry in self.violations)))


def violation(raw: object) -> Violation:
    """One entry of Prism's list."""
    fields: dict[str, Any] = raw if isinstance(raw, dict) else {"message": str(raw)}
    location = [str(part) for part in fields.get("location") or ()]
    side: Side = "response" if location[:1] == ["response"] else "request"
    return Violation(
        side=side,
        location=tuple(location[1:]),
        code=str(fields.get("code") or "status"),
        message=str(fields.get("message", "")),
    )


def _entries(text: str) -> list[Violation]:
    """The entries of a JSON list that may end in the middle of one."""
    decoder, found = json.JSONDecoder(), list[Violation]()
    rest = text.removeprefix("[")
    while rest.startswith("{"):
        try:
            raw, end = decoder.raw_decode(rest)
        except ValueError:
            break
        found.append(violation(raw))
        rest = rest[end:].lstrip(", ")
    return found


def parse_violations(header: str | None) -> tuple[Violation, ...]:
    """The violations in a header `sl-violations`; none if there is no such header.

    Use this for an answer that came through any Prism; `Prism.exchanges` has them complete. If the
    header is cut short or cannot be read, you get what can be read and one more violation that says
    so. So there are never fewer faults than Prism saw.
    """
    if not header:
        return ()
    found = _entries(header.removeprefix(CUT))
    if header.startswith(CUT):
        more = Violation("response", (), "cut", "and more: Prism's list was cut at 8 KB")
        return (*found, more)
    if not found:
        return (Violation("response", (), "cut", f"Prism's list cannot be read: {header[:200]}"),)
    return tuple(found)
