"""The decision table of credentials: which headers belong to which account."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akool_contract._wire.http import all_headers
from akool_contract.oracle.verdict import BAD_AUTH, BANNED, NO_AUTH, Judgement

if TYPE_CHECKING:
    from akool_contract._wire.http import Request

TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""The form of a bearer token (RFC 6750)."""
REFUSED_STATUSES = frozenset({200, 401, 403})
"""The HTTP status of a refused credential is not documented; the business code is."""


@dataclass(slots=True)
class Credentials:
    """What the run knows of accounts: `keys` and `tokens` map secrets to account names."""

    keys: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    stale_tokens: set[str] = field(default_factory=set)
    banned: set[str] = field(default_factory=set)
    derived: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Wrong credentials made from a good one: value to (the good one, how it was changed)."""
    client_id: str = ""
    client_secret: str = ""
    lenient_keys: bool = False
    """The target accepts any key (a mock with that setting): wrong keys prove nothing."""

    def renew(self, token: str) -> None:
        """Makes a token the main account's; older ones may or may not go on working."""
        for old, owner in list(self.tokens.items()):
            if owner == "main" and old != token:
                del self.tokens[old]
                self.stale_tokens.add(old)
        self.stale_tokens.discard(token)
        self.tokens[token] = "main"

    def real(self) -> set[str]:
        """Secrets that the server knows: it must not repeat them."""
        known = {*self.keys, *self.tokens, *self.stale_tokens, *self.banned, self.client_secret}
        return {secret for secret in known if secret}

    def secrets(self) -> set[str]:
        """All that must never be shown, nearly right keys included: they reveal the right ones."""
        return self.real() | set(self.derived)


def judge_credentials(request: Request, known: Credentials, found: Judgement) -> str:
    """Writes what is wrong with the credentials into `found`; the account they speak for, or ""."""
    before = len(found.broken) + len(found.unclear)
    account = _twice(request, known, found) or _judge(request, known, found)
    if len(found.broken) + len(found.unclear) > before:
        found.statuses |= REFUSED_STATUSES
    return account


def _judge(request: Request, known: Credentials, found: Judgement) -> str:
    authorization, key = (
        request.header("authorization"),
        (request.header("x-api-key") or "").strip(),
    )
    if authorization is None:
        return _key(request, key, known, found)
    value = authorization.strip()
    account = known.keys.get(key, "")
    if not value:
        if account:
            found.open("an empty Authorization next to a good key")
            return account
        found.breaks("auth-required", "Authorization is empty", NO_AUTH, BAD_AUTH)
        return ""
    scheme, _, token = value.partition(" ")
    token = token.strip()
    if scheme.lower() == "bearer" and token:
        return _token(scheme, token, account, known, found)
    if value in known.tokens or not token:
        found.codes |= {NO_AUTH, BAD_AUTH}
        found.open("Authorization without a scheme or without a token")
        return account
    rule = "authorization-first" if account else "auth-valid"
    found.breaks(rule, "Authorization is not a bearer token", BAD_AUTH, NO_AUTH)
    return ""


def _twice(request: Request, known: Credentials, found: Judgement) -> str:
    """The account of a good credential whose header is there more than once; "" otherwise."""
    for name in ("authorization", "x-api-key"):
        values = [value.removeprefix("Bearer ") for value in all_headers(request.headers, name)]
        owners = [known.keys.get(value) or known.tokens.get(value) for value in values]
        if len(values) > 1 and any(owners):
            found.codes |= {NO_AUTH, BAD_AUTH}
            found.open(f"{name} twice: which one counts is not documented")
            return next(owner for owner in owners if owner)
    return ""


def _key(request: Request, key: str, known: Credentials, found: Judgement) -> str:
    if key in known.banned:
        found.breaks("account-not-banned", "the account is banned", BANNED)
        return ""
    if key in known.keys:
        return known.keys[key]
    if key in known.tokens:
        found.open("a token in x-api-key")
    elif key:
        if known.lenient_keys:
            found.open("a mock that takes any key")
        found.breaks("auth-valid", "x-api-key is wrong", BAD_AUTH)
    elif request.header("x-api-key") is not None:
        found.breaks("auth-required", "x-api-key is empty", NO_AUTH, BAD_AUTH)
    else:
        found.breaks("auth-required", "no credentials", NO_AUTH)
    return ""


def _token(scheme: str, token: str, account: str, known: Credentials, found: Judgement) -> str:
    if token in known.tokens:
        if scheme != "Bearer":
            found.open("a scheme in another case")
        return known.tokens[token]
    if token in known.stale_tokens:
        found.open("an older token of the same account")
        return ""
    if token in known.keys or token in known.banned:
        found.open("an API key used as a bearer token")
        return ""
    if known.lenient_keys:
        found.open("a mock that takes any key")
    rule = "authorization-first" if account else "auth-valid"
    # What has not the form of a token may be taken for none.
    codes = (BAD_AUTH,) if TOKEN.fullmatch(token) else (BAD_AUTH, NO_AUTH)
    found.breaks(rule, "the bearer token is wrong or expired", *codes)
    return ""
