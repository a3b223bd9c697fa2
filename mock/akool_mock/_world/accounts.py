"""Accounts, credentials and tokens: who a request comes from.

Authorization beats `x-api-key` even when it is the bad one of the two; a token is an HS256 JWT
with the claims of the vendor's published sample. Docs: https://docs.akool.com/authentication/usage
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import orjson

from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Iterator


BAD_PARAMETER = 1003
EXPIRED = "authorization is not valid or has expired: ask getToken for a new token"
UNKNOWN_KEY = "x-api-key is not the key of an account: copy it again, it does not expire"
BANNED = 1200
_HEADER = b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
_AES_KEY_BYTES = (16, 24, 32)
_CACHED_TOKENS = 1024


class Refusal(Exception):  # noqa: N818 - a business answer, not a fault of the program
    """A business answer other than success: a code of the contract and what to do about it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def bad_parameter(field: str, rule: str) -> Refusal:
    """A 1003 that names the field and the rule."""
    return Refusal(BAD_PARAMETER, f"parameter error: {field}: {rule}")


def no_ids(field: str) -> Refusal:
    """The refusal of a list of ids that is empty."""
    return bad_parameter(field, "must name at least one id, several separated by commas")


class Account:
    """One customer.

    Attributes:
        client_id: clientId, and the key of the account in the control plane.
        api_key: API key, clientSecret and webhook key in one.
        credits: what is left.
        banned: every authenticated call answers 1200.
        user_id: `userId` of its jobs.
        uid: `uid` of its jobs.
    """

    __slots__ = (
        "allowance",
        "api_key",
        "banned",
        "client_id",
        "credits",
        "metered_at",
        "uid",
        "user_id",
    )

    def __init__(self, client_id: str, api_key: str, credits: float) -> None:  # noqa: A002 - the vendor's word
        if len(api_key.encode()) not in _AES_KEY_BYTES:
            raise MockError(
                "an API key has 16, 24 or 32 characters, because webhooks are encrypted with it; "
                f"this one has {len(api_key.encode())}"
            )
        if not client_id:
            raise MockError("a clientId cannot be empty")
        digest = hashlib.sha256(client_id.encode()).hexdigest()
        self.client_id = client_id
        self.api_key = api_key
        self.credits = float(credits)
        self.banned = False
        self.user_id = digest[:24]
        self.uid = int(digest[24:30], 16)
        self.allowance = 0.0
        self.metered_at = float("-inf")

    def __repr__(self) -> str:
        """Never the key."""
        return f"<Account {self.client_id}, {self.credits} credits>"

    @contextlib.contextmanager
    def charged(self, cost: float) -> Iterator[None]:
        """Take credits for what the block does; give them back if it fails.

        Raises:
            Refusal: 1006, there are not enough; nothing is taken.
        """
        if self.credits < cost:
            raise Refusal(
                1006,
                f"quota is not enough: this costs {cost:g} credits and {self.credits:g} are left",
            )
        before = self.credits
        self.credits -= cost
        try:
            yield
        except BaseException:
            self.credits = before
            raise

    def meter(self, now: float, limit: int, window_s: float) -> None:
        """Count one request against a limit per window.

        Raises:
            Refusal: 1005, too many.
        """
        if now - self.metered_at >= window_s:
            self.metered_at, self.allowance = now, float(limit)
        if self.allowance < 1:
            raise Refusal(1005, f"called too often: {limit} requests in {window_s:g} s are allowed")
        self.allowance -= 1


class Accounts:
    """All accounts, found by clientId, key or token.

    Args:
        secret: signs tokens; the same secret reads them after a restart.
        accept_any: unknown keys and tokens belong to the first account.
    """

    def __init__(self, secret: bytes, *, accept_any: bool = False) -> None:
        self._secret = secret
        self.accept_any = accept_any
        self.by_client: dict[str, Account] = {}
        self._by_key: dict[bytes, Account] = {}
        self._tokens: dict[str, tuple[Account, float]] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(self.by_client.values())

    @property
    def first(self) -> Account:
        """The account that was there from the start."""
        return next(iter(self.by_client.values()))

    def add(self, account: Account) -> Account:
        """Add an account.

        Raises:
            MockError: its clientId or key is taken.
        """
        if account.client_id in self.by_client or account.api_key.encode() in self._by_key:
            raise MockError(
                f"there is already an account with this clientId or key: {account.client_id}"
            )
        self.by_client[account.client_id] = account
        self._by_key[account.api_key.encode()] = account
        return account

    def get(self, client_id: str) -> Account:
        """The account of a clientId.

        Raises:
            MockError: there is none.
        """
        try:
            return self.by_client[client_id]
        except KeyError:
            known = ", ".join(self.by_client)
            raise MockError(f"no account with clientId {client_id!r}; there are: {known}") from None

    def authenticate(self, authorization: bytes | None, key: bytes | None, now: float) -> Account:
        """Whose credentials these are.

        Raises:
            Refusal: 1102 for none, 1101 for wrong or expired ones, 1200 for a banned account.
        """
        if authorization:
            account = self._bearer(authorization.decode("latin-1"), now)
        elif key:
            account = self._by_key.get(key)
        else:
            raise Refusal(1102, "authorization is empty: send x-api-key or Authorization: Bearer")
        if account is None:
            if not self.accept_any:
                raise Refusal(1101, EXPIRED if authorization else UNKNOWN_KEY)
            account = self.first
        if account.banned:
            raise Refusal(BANNED, "the account is banned")
        return account

    def _bearer(self, value: str, now: float) -> Account | None:
        scheme, _, token = value.partition(" ")
        if scheme.lower() != "bearer":
            return None
        known = self._tokens.get(token)
        if known is None:
            claims = self._claims(token.strip())
            account = self.by_client.get(str(claims.get("id"))) if claims else None
            if account is None:
                return None
            if len(self._tokens) >= _CACHED_TOKENS:
                self._tokens.clear()
            known = self._tokens[token] = (account, float(claims["exp"]))
        return known[0] if now < known[1] else None

    def login(self, client_id: str, secret: str, now: float, life_s: float) -> str:
        """A token for credentials.

        Raises:
            Refusal: 1101 for wrong ones, 1200 for a banned account.
        """
        account = self.by_client.get(client_id)
        if account is None or not hmac.compare_digest(account.api_key.encode(), secret.encode()):
            if not self.accept_any:
                raise Refusal(1101, "clientId and clientSecret do not belong together")
            account = self.first
        if account.banned:
            raise Refusal(BANNED, "the account is banned")
        claims = {
            "id": account.client_id,
            "type": "user",
            "from": "tob",
            "email": "mock@example.com",
            "firstName": "Mock",
            "uid": account.uid,
            "code": hashlib.sha256(account.client_id.encode()).hexdigest()[-4:],
            "iat": int(now),
            "exp": int(now + life_s),
        }
        signed = _HEADER + b"." + _base64url(orjson.dumps(claims))
        return (signed + b"." + self._signature(signed)).decode()

    def _signature(self, signed: bytes) -> bytes:
        return _base64url(hmac.digest(self._secret, signed, "sha256"))

    def _claims(self, token: str) -> dict[str, Any]:
        signed, _, signature = token.encode("utf-8", "replace").rpartition(b".")
        if not hmac.compare_digest(self._signature(signed), signature):
            return {}
        try:
            payload = signed.split(b".")[1]
            claims = orjson.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        except (IndexError, ValueError, binascii.Error):  # pragma: no cover - we signed it
            return {}
        return claims if isinstance(claims, dict) else {}


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
