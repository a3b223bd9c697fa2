"""Who is asking: keys, tokens and their precedence, as documented."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._wire.http import Request
    from akool_contract_proof.reference.variant import Variant

TOKEN_LIFE_S = 400 * 86400


class AuthError(Exception):
    """A refusal for the caller's credentials."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(msg)
        self.code = code


@dataclass(slots=True, eq=False)
class Account:
    """A customer. The API key is the client secret."""

    client_id: str
    key: str
    uid: int
    user_id: str
    credit: float
    banned: bool = False


class Accounts:
    """Two working accounts, an empty one and a banned one, with fixed credentials."""

    def __init__(self, variant: Variant, clock: Callable[[], float], credit: float) -> None:
        self.variant, self.clock = variant, clock
        self.main = self._make(1, credit)
        self.second = self._make(2, credit)
        self.empty = self._make(3, 45.0)
        self.banned = self._make(4, credit)
        self.banned.banned = True
        self.all = (self.main, self.second, self.empty, self.banned)
        self._issued: dict[str, str] = {}
        self._serial = 0

    @staticmethod
    def _make(number: int, credit: float) -> Account:
        client_id = base64.b64encode(f"client-number-{number:02d}".encode()).decode()
        key = base64.b64encode(f"reference-secret-{number:07d}".encode()).decode()
        return Account(
            client_id, key, 378300 + number, f"64d985c5571729d3e29994{number:02d}", credit
        )

    def who(self, request: Request) -> Account:
        """The account that the request speaks for; raises AuthError."""
        authorization, key = request.header("authorization"), request.header("x-api-key")
        if authorization == "" and self.variant.empty_authorization_ignored:
            authorization = None
        if authorization is not None:
            account = self._bearer(authorization)
        elif key:
            account = next((a for a in self.all if hmac.compare_digest(a.key, _ascii(key))), None)
        else:
            raise AuthError(1102, "Authorization cannot be empty")
        if account is None:
            raise AuthError(1101, "Invalid authorization or The request token has expired")
        if account.banned:
            raise AuthError(1200, "The account has been banned")
        return account

    def _bearer(self, authorization: str) -> Account | None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return None
        token = token.strip()
        for account in self.all:
            if self.variant.key_as_bearer and token == account.key:
                return account
            if self.variant.opaque_token:
                if self._issued.get(token) == account.client_id:
                    return account
            elif self._valid(token, account):
                return account
        return None

    def _valid(self, token: str, account: Account) -> bool:
        head, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature, _sign(head, account.key)):
            return False
        payload = _decode(head.partition(".")[2])
        if self.variant.one_token_only and self._issued.get(account.client_id) != token:
            return False
        return payload.get("id") == account.client_id and payload.get("exp", 0) > self.clock()

    def token(self, client_id: object, secret: object) -> str:
        """A new bearer token; raises AuthError."""
        if not client_id or not secret:
            raise AuthError(1102, "Authorization cannot be empty")
        for account in self.all:
            if client_id == account.client_id and secret == account.key:
                if account.banned:
                    raise AuthError(1200, "The account has been banned")
                return self._new_token(account)
        raise AuthError(1101, "Invalid authorization")

    def _new_token(self, account: Account) -> str:
        now = int(self.clock())
        payload = {"id": account.client_id, "type": "user", "iat": now, "exp": now + TOKEN_LIFE_S}
        self._serial += 1
        payload["jti"] = self._serial  # two tokens of one second differ
        head = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(payload)}"
        token = f"{head}.{_sign(head, account.key)}"
        if self.variant.opaque_token:
            token = hashlib.sha256(token.encode()).hexdigest()
            self._issued[token] = account.client_id
        else:
            self._issued[account.client_id] = token
        return token


def _ascii(text: str) -> str:
    return text if text.isascii() else "?"


def _encode(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _decode(text: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _sign(head: str, key: str) -> str:
    digest = hmac.new(key.encode(), head.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
