"""Who calls, and where: arguments first, then environment. Pure.

    AKOOL_API_KEY                            the API key
    AKOOL_CLIENT_ID, AKOOL_CLIENT_SECRET     a pair that is changed for a token at first use
    AKOOL_BASE_URL                           another server for every operation, for example a mock
    AKOOL_LOG                                `info` or `debug`: log to stderr

Docs: https://docs.akool.com/authentication/usage
"""

from __future__ import annotations

import copy
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from akool_faceswap._core.call import Credential
from akool_faceswap._errors import AkoolError, ConfigurationError
from akool_faceswap_api.operations import SERVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


DEFAULT_SERVER = SERVER or ""
"""The contract's."""
_SCHEME = "Bearer "


class TokenBox:
    """The current token, and the error of the last attempt to get one."""

    def __init__(self, config: Config) -> None:
        self.fixed = Credential("x-api-key", config.api_key) if config.api_key else None
        """The API key, when there is one: nothing is ever fetched then."""
        self._token: Credential | None = None
        self._failures = 0
        self._error: AkoolError | None = None

    def current(self, stale: Credential | None) -> Credential | None:
        """A credential other than the stale one, when there is one already."""
        if self.fixed is not None:
            return self.fixed
        return self._token if self._token is not stale else None

    @property
    def secret(self) -> str | None:
        """The token itself, to be struck out of texts."""
        return None if self._token is None else self._token.value.removeprefix(_SCHEME)

    def mark(self) -> int:
        """Call before queueing for the lock, and hand the mark to `after_queueing`."""
        return self._failures

    def after_queueing(self, stale: Credential | None, mark: int) -> Credential | None:
        """What another caller fetched meanwhile; None when it is this caller's turn.

        Raises:
            AkoolError: Another caller's fetch failed meanwhile: it was tried for all who queued.
        """
        if self._error is not None and self._failures != mark:
            raise copy.copy(self._error)
        return self.current(stale)

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """Remember a failure inside the block, for those who queue."""
        try:
            yield
        except AkoolError as error:
            self._failures += 1
            self._error = error
            raise

    def store(self, token: str) -> Credential:
        """Keep a fresh token."""
        self._token = Credential("authorization", _SCHEME + token, renewable=True)
        return self._token


MIN_SECRET_CHARS = 6
"""Shorter texts are not searched for when secrets are struck out: they would strike out words."""
STRUCK_OUT = "[secret]"


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one client. Its repr carries no secret."""

    api_key: str | None = field(repr=False)
    client_id: str | None
    client_secret: str | None = field(repr=False)
    base_url: str | None

    @property
    def pair(self) -> tuple[str, str]:
        """ClientId and clientSecret."""
        if self.client_id is None or self.client_secret is None:
            raise ConfigurationError(
                "A token needs the pair: set AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET; in code, "
                "pass client_id= and client_secret="
            )
        return self.client_id, self.client_secret

    @property
    def is_local(self) -> bool:
        """Whether it calls this machine."""
        host = urlsplit(self.base_url or "").hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    def described(self) -> str:
        """Where it calls and how it authorizes, without the secrets."""
        how = "API key" if self.api_key else f"client id {self.client_id}"
        return f"{self.base_url or DEFAULT_SERVER} with {how}"


def resolve(
    api_key: str | None,
    client_id: str | None,
    client_secret: str | None,
    base_url: str | None,
    environ: Mapping[str, str],
) -> Config:
    """Settings from arguments, and from the environment where those are left out.

    An API key wins over the pair: it saves the token. Arguments of either kind win over the
    environment of both.

    Raises:
        ConfigurationError: No credentials, half a pair, or something that cannot be sent.
    """
    if api_key is None and client_id is None and client_secret is None:
        api_key = environ.get("AKOOL_API_KEY") or None
        client_id = environ.get("AKOOL_CLIENT_ID") or None
        client_secret = environ.get("AKOOL_CLIENT_SECRET") or None
    for name, value in (
        ("api_key", api_key),
        ("client_id", client_id),
        ("client_secret", client_secret),
    ):
        _require_sendable(name, value)
    if api_key is None and (client_id is None or client_secret is None):
        raise ConfigurationError(
            "No credentials: set AKOOL_API_KEY, or AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET; in "
            "code, pass api_key=, or client_id= and client_secret="
        )
    return Config(api_key, client_id, client_secret, _server(base_url, environ))


def _require_sendable(name: str, value: str | None) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise ConfigurationError(
            f"{name} must be printable ASCII text without line breaks; copy it again"
        )
    if value != value.strip():
        raise ConfigurationError(f"{name} has spaces around it; copy it again")


def _server(base_url: str | None, environ: Mapping[str, str]) -> str | None:
    url = base_url if base_url is not None else environ.get("AKOOL_BASE_URL") or None
    if url is None:
        return None
    try:
        parts = urlsplit(str(url))
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        (parts.hostname or "").encode("idna")  # labels that are empty or too long
    except ValueError:
        usable = False
    else:
        usable = usable and not (parts.username or parts.query or parts.fragment)
    text = str(url)
    if not usable or not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError(
            "base_url (AKOOL_BASE_URL) must be http(s)://host[:port][/path], without user, query "
            "or fragment"
        )
    return text.rstrip("/")


def redactor(*secrets: str | None) -> Callable[[str], str]:
    """A function that strikes these out of a text, however they are spelt in it.

    A server may repeat a key inside an address or a document: percent-encoded, with the escapes of
    JSON, Python or HTML, in part or twice. A text that is longer than anybody reads is cut.
    """
    known = [secret for secret in secrets if secret and len(secret) >= MIN_SECRET_CHARS]

    def redact(text: str) -> str:
        whole = len(text) <= MAX_TEXT_CHARS
        text = text[:MAX_TEXT_CHARS]
        for secret in known:
            if any(mark in text for mark in _ESCAPES):
                text = _spellings(secret).sub(STRUCK_OUT, text)
            else:
                text = text.replace(secret, STRUCK_OUT)
        # What was cut may have been a secret's second half.
        longest = max(map(len, known), default=0) * MAX_SPELLING_CHARS
        return text if whole else text[:MAX_TEXT_CHARS][: -longest or None]

    return redact


_ESCAPES = ("%", "\\", "&", "+")
_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
MAX_TEXT_CHARS = 1 << 16
MAX_SPELLING_CHARS = len("&amp;amp;amp;#0000126;")
"""Of one letter, at its longest."""


@lru_cache(maxsize=64)
def _spellings(secret: str) -> re.Pattern[str]:
    """Finds a secret in any mixture of escapes."""
    return re.compile("".join(map(_spelling, secret)))


def _spelling(char: str) -> str:
    """One letter of it, as it is or escaped up to four times over."""
    number = ord(char)
    hexadecimal = "".join(f"[{digit}{digit.upper()}]" for digit in f"{number:02x}")
    ways = [
        rf"%(?:25){{0,3}}{hexadecimal}",
        rf"\\{{1,4}}(?:u00{hexadecimal}|x{hexadecimal}|{re.escape(char)})",
        f"&(?:amp;){{0,3}}#(?:0{{0,4}}{number}|[xX]0{{0,4}}{hexadecimal});",
    ]
    if char in _NAMED:
        ways.append(f"&(?:amp;){{0,3}}{_NAMED[char]};")
    if char == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join([*ways, re.escape(char)])})"
