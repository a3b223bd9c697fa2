"""Reads requests to the control plane, and decides which of them may be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from akool_mock._http import base_of, host_name, is_loopback
from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from akool_mock._http import Request
    from akool_mock._world.world import World


LIMIT = 1000
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


class Query:
    """A parsed control request: the name in its path, its query and its body."""

    __slots__ = ("base", "named", "sent", "texts")

    def __init__(self, named: str, texts: dict[str, str], sent: dict[str, Any], base: str) -> None:
        self.named = named
        self.texts = texts
        self.sent = sent
        self.base = base

    def number(self, name: str, default: int) -> int:
        """A whole number of the query string.

        Raises:
            MockError: it is not a whole number.
        """
        try:
            return int(self.texts.get(name, default))
        except ValueError:
            raise MockError(f"{name} is a whole number, not {self.texts[name]!r}") from None

    def limit(self, usual: int) -> int:
        """The parameter `limit`, at most `LIMIT`.

        Raises:
            MockError: it is not a number from 0 up.
        """
        wanted = self.number("limit", usual)
        if wanted < 0:
            raise MockError(f"limit: from 0 up, not {wanted}")
        return min(wanted, LIMIT)

    def field(self, name: str, kind: type, default: Any = None) -> Any:  # noqa: ANN401 - typed by `kind`
        """A field that was sent, of that type.

        Raises:
            MockError: it is missing and has no default, or is of another type.
        """
        value = self.sent.get(name, default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            said = f"not {value!r}" if name in self.sent else "and missing"
            raise MockError(f"{name}: {_KINDS[kind]} is needed, {said}")
        return value


def is_ours(world: World, request: Request) -> bool:
    """Whether it comes from our own page under our own host name, or from no web page."""
    host = (request.header(b"host") or b"").decode("latin-1")
    here = world.origin.partition("://")[2]
    if (
        host
        and host != here
        and not is_loopback(host_name(host))
        and host_name(host) not in world.hosts
    ):
        return False
    origin = request.header(b"origin")
    if origin is not None and origin.decode("latin-1").partition("://")[2] != host:
        return False
    site = request.header(b"sec-fetch-site")
    return site in (None, b"same-origin", b"none")


def query_of(world: World, request: Request, named: str) -> Query:
    """Read a request.

    Raises:
        MockError: its body is not a JSON object.
    """
    texts = {name: values[-1] for name, values in parse_qs(request.query.decode("latin-1")).items()}
    sent: Any = {}
    if request.body:
        try:
            sent = orjson.loads(request.body)
        except ValueError:
            raise MockError("the body is not JSON") from None
    if not isinstance(sent, dict):
        raise MockError("the body is a JSON object")
    base = base_of(request, world.origin, trust_proxy=world.settings.trust_proxy)
    return Query(named, texts, sent, base)
