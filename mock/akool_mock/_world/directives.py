"""The vocabulary of faults: what can go wrong, and how to ask for it.

One vocabulary serves the request header, rules of the control plane, scenario files and magic file
names: `name=value` pairs. `DIRECTIVES` is that vocabulary; docs/mock.md prints it and a test holds
the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


HEADER = b"x-akool-mock"
"""Request header that carries directives for this one request."""

_MAGIC = re.compile(r"(?:^|[^A-Za-z0-9])mock\.([A-Za-z0-9=.x_-]*=[A-Za-z0-9=.x_-]*)")
_MAX_MS = 86_400_000 * 365


@dataclass(frozen=True, slots=True)
class Directives:
    """The faults asked for on one request and on the job that it creates; by default none."""

    latency_s: float = 0.0
    jitter_s: float = 0.0
    http: int = 0
    http_after: int = 0
    code: int = 0
    reset: str = ""
    body: str = ""
    content_type: str = ""
    job: str = ""
    status: int = 0
    queue_s: float = -1.0
    processing_s: float = -1.0
    list_lag_s: float = 0.0
    webhook: str = ""
    late_s: float = 60.0
    faces: int = -1
    size: tuple[int, int] = (0, 0)
    length_s: float = 0.0
    poll: tuple[tuple[str, str], ...] = ()

    def over(self, other: Directives) -> Directives:
        """These directives, with those of `other` where these are not set."""
        if self == NONE:
            return other
        if other == NONE:
            return self
        said = {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if getattr(self, item.name) != item.default
        }
        return replace(other, **said)


class Directive(NamedTuple):
    """One word of the vocabulary: the field it sets, how its value reads, and what it does."""

    field: str
    values: str
    effect: str
    read: Callable[[str], Any]


def _ms(text: str) -> float:
    value = int(text)
    if not 0 <= value <= _MAX_MS:
        raise ValueError
    return value / 1000


def _within(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError
        return value

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    return read


def _size(text: str) -> tuple[int, int]:
    width, height = (int(part) for part in text.split("x"))
    if not (1 <= width <= 4096 and 1 <= height <= 4096):  # noqa: PLR2004 - a picture, not an attack
        raise ValueError
    return width, height


DIRECTIVES: Mapping[str, Directive] = {
    "latency": Directive(
        "latency_s", "milliseconds", "the answer is delayed by N milliseconds", _ms
    ),
    "jitter": Directive(
        "jitter_s",
        "milliseconds",
        "a random delay of up to N milliseconds more, drawn from the seed",
        _ms,
    ),
    "http": Directive(
        "http",
        "300 to 599",
        "this HTTP status from a gateway; nothing was processed",
        _within(300, 599),
    ),
    "http-after": Directive(
        "http_after",
        "300 to 599",
        "this HTTP status from a gateway, after the request was processed",
        _within(300, 599),
    ),
    "code": Directive(
        "code", "1001 to 9999", "this business code; nothing was processed", _within(1001, 9999)
    ),
    "reset": Directive(
        "reset",
        "before, after",
        "connection reset before or after the request was processed",
        _one_of("before", "after"),
    ),
    "body": Directive(
        "body",
        "truncated, malformed, empty",
        "processed, but the answer is cut short, is not JSON, or is empty",
        _one_of("truncated", "malformed", "empty"),
    ),
    "type": Directive(
        "content_type",
        "html, text, none",
        "processed, but with a wrong or no content type",
        _one_of("html", "text", "none"),
    ),
    "job": Directive(
        "job",
        "queued, stuck, failed",
        "the job stays in state 1, stays in state 2, or ends in state 4",
        _one_of("queued", "stuck", "failed"),
    ),
    "status": Directive(
        "status", "0 to 99", "the job ends in this state, documented or not", _within(0, 99)
    ),
    "queue": Directive("queue_s", "milliseconds", "time the job spends in state 1", _ms),
    "processing": Directive("processing_s", "milliseconds", "time the job spends in state 2", _ms),
    "list-lag": Directive(
        "list_lag_s",
        "milliseconds",
        "the result list shows the job, and each of its states, N milliseconds late",
        _ms,
    ),
    "webhook": Directive(
        "webhook",
        "lost, late, doubled, disordered, unsigned",
        "what happens to the job's webhooks",
        _one_of("lost", "late", "doubled", "disordered", "unsigned"),
    ),
    "late": Directive("late_s", "milliseconds", "how late a late webhook is (default: 60000)", _ms),
    "faces": Directive("faces", "0 to 50", "detection finds N faces", _within(0, 50)),
    "size": Directive("size", "WIDTHxHEIGHT", "size of the picture in pixels", _size),
    "length": Directive("length_s", "milliseconds", "length of the video", _ms),
}
"""The vocabulary. With `poll-` before it, a word applies to the first request that names a job."""

NONE = Directives()


def parse(text: str, *, separators: str = ",;") -> Directives:
    """Directives from `name=value` pairs.

    Raises:
        MockError: a name is unknown, or a value is not allowed.
    """
    said: dict[str, Any] = {}
    poll: list[tuple[str, str]] = []
    for part in re.split(f"[{re.escape(separators)}]", text):
        name, _, value = part.strip().partition("=")
        if not name:
            continue
        word = name.removeprefix("poll-")
        if word not in DIRECTIVES:
            raise MockError(f"no fault named {name!r}; there are: {', '.join(DIRECTIVES)}")
        directive = DIRECTIVES[word]
        try:
            meant = directive.read(value)
        except ValueError:
            raise MockError(f"fault {name}: {value!r} is not one of: {directive.values}") from None
        if word == name:
            said[directive.field] = meant
        else:
            poll.append((word, value))
    return replace(NONE, **said, poll=tuple(poll)) if said or poll else NONE


@lru_cache(maxsize=4096)
def from_name(url: str) -> Directives:
    """Directives in an address, such as `.../mock.http=502.latency=300.jpg`.

    Raises:
        MockError: a word of the vocabulary has a value that is not allowed. Unknown words are
            ignored.
    """
    found = _MAGIC.search(unquote(url))
    if found is None:
        return NONE
    known = [
        part
        for part in found[1].split(".")
        if part.partition("=")[0].removeprefix("poll-") in DIRECTIVES
    ]
    return parse(",".join(known))


def texts_in(body: object) -> Iterator[str]:
    """Every text in a JSON value, in order."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            waiting.extend(reversed(node.values()))
        elif isinstance(node, list):
            waiting.extend(reversed(node))
