"""The token of a clientId and clientSecret: fetched once, by one caller for all. Pure.

The shells hold a lock around a fetch. What a caller finds when it gets the lock decides what it
does: this module is that decision, so that threads and tasks behave alike. Docs:
https://docs.akool.com/authentication/usage
"""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING

from akool_faceswap._errors import AkoolError
from akool_faceswap._exchange import Credential

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_faceswap._config import Config

_SCHEME = "Bearer "


class TokenBox:
    """The current token, and what became of the last attempt to get one."""

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
