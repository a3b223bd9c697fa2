"""Keeps secrets out of everything that is written: reports, curl lines, recordings.

A secret can be spelled in many ways: JSON, URLs and HTML have escapes for any character, and they
can be nested. So a text is decoded several times over, and a secret is masked at its place in the
original text.
"""

from __future__ import annotations

import html
import re
import shlex
from bisect import bisect_right
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from akool_contract._wire.http import Headers, Request

    Place = Callable[[int], int]
    Escape = tuple[int, int, int, int]
    """Start and end in the decoded text, then start and end in the text before."""

SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "set-cookie"})
MASK = "***"
TOKEN = re.compile(r'(\\*"(?:token|clientSecret)\\*"\s*:\s*\\*")[^"\\]*')
ESCAPE = re.compile(
    r"[\\%&](?:"  # first, so that the search passes over all else
    r"(?<=\\)(?:u(?P<json>[0-9a-fA-F]{4})|x(?P<byte>[0-9a-fA-F]{2})|(?P<plain>[\"'\\/]))"
    r"|(?<=%)(?P<url>[0-7][0-9a-fA-F]|[89a-fA-F][0-9a-fA-F](?:%[89a-fA-F][0-9a-fA-F])*)"
    r"|(?<=&)(?P<html>(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});))"
)
MAX_WRAPS = 4
"""Levels of nested escapes that are decoded."""
ENOUGH = 8
"""So many characters of a long secret tell too much, if a text was cut there."""
LONG, SHORT = 12, 3
"""Long secrets are masked from their beginning on; short ones only if they stand alone."""

Span = tuple[int, int, str]
"""Where a secret stands in a text, and which."""


class Redactor:
    """Finds every known secret, in every spelling, and replaces it.

    Args:
        secrets: what must not be seen.
        names: what to write instead, by secret; left out: three stars.
    """

    def __init__(self, secrets: Iterable[str] = (), names: Mapping[str, str] | None = None) -> None:
        self._names = dict(names or {})
        self._secrets: list[str] = []
        self.learn([*secrets, *self._names])

    def learn(self, secrets: Iterable[str], names: Mapping[str, str] | None = None) -> None:
        """Adds secrets; the longer ones are looked for first."""
        for secret, name in (names or {}).items():
            self._names.setdefault(secret, name)
        known = {*self._secrets, *(names or {}), *(secret for secret in secrets if secret)}
        self._secrets = sorted(known, key=lambda secret: (-len(secret), secret))

    def text(self, text: str) -> str:
        """`text` without secrets, and without the beginning of one where it was cut."""
        return TOKEN.sub(rf"\1{MASK}", self._replaced(text, cut=True))

    def whole(self, text: str) -> str:
        """`text` with the name of each secret in its place; only whole ones, none was cut."""
        return self._replaced(text, cut=False)

    def _replaced(self, text: str, *, cut: bool) -> str:
        spans: list[Span] = []
        for level, place in _readings(text):
            for secret in self._secrets:
                for start, end in _found(level, secret, cut=cut):
                    spans.append((place(start), place(end), self._names.get(secret, MASK)))
        if not spans:
            return text
        parts, done = [], 0
        for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start >= done:
                parts += [text[done:start], name]
            done = max(done, end)
        return "".join([*parts, text[done:]])

    def headers(self, headers: Headers) -> Headers:
        """Headers without secrets: credential headers are masked whole."""
        return tuple(
            (name, MASK if name.lower() in SECRET_HEADERS else self.text(value))
            for name, value in headers
        )

    def curl(self, request: Request) -> str:
        """A shell line that repeats the request; credentials come from the environment."""
        parts = ["curl", "-sS", "-i"]
        if request.method != "GET":
            parts += ["-X", request.method]
        parts.append(shlex.quote(self.text(request.url)))
        for name, value in request.headers:
            if name.lower() in ("host", "user-agent", "accept", "accept-encoding", "connection"):
                continue
            parts += ["-H", self._header(name, value)]
        if request.body:
            body = self.text(request.body.decode("utf-8", "replace"))
            parts += ["--data-binary", shlex.quote(body)]
        return " ".join(parts)

    def _header(self, name: str, value: str) -> str:
        known = value.removeprefix("Bearer ")
        if known in self._secrets:
            variable = "AKOOL_TOKEN" if name.lower() == "authorization" else "AKOOL_API_KEY"
            prefix = "Bearer " if value.startswith("Bearer ") else ""
            return f'"{name}: {prefix}${variable}"'
        return shlex.quote(f"{name}: {self.text(value)}")


def _readings(text: str) -> Iterator[tuple[str, Place]]:
    """The text as it is, and with one level of escapes after the other decoded.

    Each comes with a function from a position in it to the position in `text`.
    """
    place: Place = int
    yield text, place
    for _ in range(MAX_WRAPS):
        parts: list[str] = []
        escapes: list[Escape] = []
        done = length = 0
        for match in ESCAPE.finditer(text):
            meant = _meant(match)
            start, end = match.span()
            parts += [text[done:start], meant]
            length += start - done
            escapes.append((length, length + len(meant), start, end))
            length += len(meant)
            done = end
        if not escapes:
            return
        parts.append(text[done:])
        text, place = "".join(parts), partial(_outside, escapes, place)
        yield text, place


def _outside(escapes: list[Escape], outer: Place, place: int) -> int:
    """A position of decoded text in the text before; what an escape meant is where it begins."""
    number = bisect_right(escapes, place, key=itemgetter(0)) - 1
    if number < 0:
        return outer(place)
    _, after, start, end = escapes[number]
    return outer(start if place < after else end + place - after)


def _meant(match: re.Match[str]) -> str:
    """The character of an escape; the escape itself if it is not valid."""
    kind = match.lastgroup or ""
    value = match[kind]
    if kind in ("json", "byte"):
        return chr(int(value, 16))
    if kind == "url":
        return bytes.fromhex(value.replace("%", "")).decode("utf-8", "replace")
    return html.unescape(f"&{value}") if kind == "html" else value


def _found(text: str, secret: str, *, cut: bool) -> Iterator[tuple[int, int]]:
    """Where a secret stands, or the beginning of a long one if that may have been `cut`."""
    head = secret[:ENOUGH] if cut and len(secret) >= LONG else secret
    start = text.find(head)
    while start >= 0:
        end = start + len(head)
        while end - start < len(secret) and text[end : end + 1] == secret[end - start]:
            end += 1
        alone = not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
        if len(secret) > SHORT or alone:
            yield start, end
        start = text.find(head, end)
