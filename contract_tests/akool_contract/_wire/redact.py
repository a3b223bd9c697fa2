"""Keeps secrets out of everything that is written: reports, curl lines, recordings."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akool_contract._wire.http import Headers, Request

SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "set-cookie"})
MASK = "***"
TOKEN = re.compile(r'("(?:token|clientSecret)"\s*:\s*")[^"]*(")')


class Redactor:
    """Replaces every known secret, and whatever stands where secrets stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: list[str] = []
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Adds secrets; longer ones are replaced first, so that none leaves a tail."""
        known = {*self._secrets, *(secret for secret in secrets if len(secret) > 3)}  # noqa: PLR2004 - shorter would mask words
        self._secrets = sorted(known, key=len, reverse=True)

    def text(self, text: str) -> str:
        """`text` without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
            quoted = json.dumps(secret)[1:-1]
            text = text.replace(quoted, MASK)
        return TOKEN.sub(rf"\1{MASK}\2", text)

    def headers(self, headers: Headers) -> Headers:
        """Headers without secrets: credentials are masked whatever they are."""
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
