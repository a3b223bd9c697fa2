"""Get docs pages from files and over HTTP, suspiciously: bounded, and never a login page instead.

Redirects are followed only within the host that was asked: a docs page that sends its reader
elsewhere is not that page.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx2

from akool_pipeline.errors import PipelineError
from akool_pipeline.sources.pages import MAX_BYTES

TIMEOUT_SECONDS: Final = 30.0
"""Patience for one page, from the first byte that is sent to the last that is read."""
_MAX_REDIRECTS: Final = 5
_LOGIN: Final = re.compile(
    r"(?i)(?:^|[/.?&=_-])(?:log-?in|sign-?in|sso|oauth2?|auth)(?:$|[/.?&=_-])"
)


class GoneError(PipelineError):
    """The page does not exist any more."""


class UnreachableError(PipelineError):
    """The page could not be had; it may still exist."""


def is_url(source: str) -> bool:
    """Whether `source` is an address rather than a file name."""
    return source.startswith(("http://", "https://"))


def read_source(source: str) -> bytes:
    """A page's bytes, from an address or a file.

    Raises:
        PipelineError: It cannot be had, or is too large.
    """
    if is_url(source):
        return fetch(source)
    try:
        with Path(source).open("rb") as stream:
            page = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PipelineError(f"cannot be read: {error.strerror}", file=source) from error
    if len(page) > MAX_BYTES:
        raise PipelineError(f"is larger than {MAX_BYTES} bytes: not a docs page", file=source)
    return page


def fetch(
    url: str,
    transport: httpx2.AsyncBaseTransport | None = None,
    patience: float = TIMEOUT_SECONDS,
) -> bytes:
    """The page at `url`.

    Args:
        url: Address of the page's Markdown form.
        transport: Stands in for the network.
        patience: Seconds for the whole page, redirects included, however it comes in.

    Raises:
        GoneError: HTTP 404 or 410.
        UnreachableError: No answer in time, or one that is not the page: another status, a
            redirect to another host or to a login page, a web page instead of Markdown, too many
            bytes.
    """
    asked = _without_secrets(url)

    async def in_time() -> bytes:
        # A timeout of the client's own begins anew with every byte: a server that drips would
        # keep it for ever.
        async with asyncio.timeout(patience):
            return await _follow(url, asked, transport)

    try:
        return asyncio.run(in_time())
    except TimeoutError as error:
        raise UnreachableError(f"did not arrive within {patience:g} seconds", file=asked) from error
    except httpx2.HTTPError as error:
        raise UnreachableError(f"cannot be fetched: {error}", file=asked) from error
    except (httpx2.InvalidURL, ValueError) as error:
        raise UnreachableError(f"is not an address: {error}", file=asked) from error


async def _follow(url: str, asked: str, transport: httpx2.AsyncBaseTransport | None) -> bytes:
    shown = asked
    async with httpx2.AsyncClient(transport=transport, timeout=None) as client:
        for _ in range(_MAX_REDIRECTS + 1):
            async with client.stream("GET", url) as response:
                if response.has_redirect_location:
                    url = _redirected(asked, url, response.headers["location"])
                    shown = _without_secrets(url)
                    continue
                return await _body(asked, shown, response)
    raise UnreachableError(f"redirects more than {_MAX_REDIRECTS} times", file=asked)


def _redirected(asked: str, url: str, location: str) -> str:
    target = urljoin(url, location)
    one, other = urlsplit(url), urlsplit(target)
    shown = _without_secrets(target)
    if _LOGIN.search(other.path) or _LOGIN.search(other.netloc.split(".")[0]):
        raise UnreachableError(
            f"redirects to a login page ({shown}): save the page and import the file", file=asked
        )
    if one.hostname != other.hostname or other.scheme not in {"http", "https"}:
        raise UnreachableError(
            f"redirects to another host ({shown}): correct the address in pages.toml", file=asked
        )
    return target


async def _body(asked: str, shown: str, response: httpx2.Response) -> bytes:
    if response.status_code in {404, 410}:
        raise GoneError(f"is gone (HTTP {response.status_code})", file=asked)
    if response.status_code != 200:  # noqa: PLR2004 - HTTP's own number
        raise UnreachableError(f"answers HTTP {response.status_code}", file=asked)
    page = bytearray()
    async for chunk in response.aiter_bytes():
        page += chunk
        if len(page) > MAX_BYTES:
            raise UnreachableError(f"is larger than {MAX_BYTES} bytes: not a docs page", file=asked)
    is_html = response.headers.get("content-type", "").startswith("text/html")
    if is_html or page[:200].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise UnreachableError(
            f"answers a web page, perhaps a login ({shown}): use the address of the .md form",
            file=asked,
        )
    return bytes(page)


def _without_secrets(url: str) -> str:
    """`url` without user info, query and fragment, which may hold what must not be printed."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
