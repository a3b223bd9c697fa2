"""The call that gets a token for a pair of credentials: the engine makes it by itself. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_faceswap._core import operations

if TYPE_CHECKING:
    from akool_faceswap._core.call import Call
    from akool_faceswap._errors import RawAnswer


def get_token_call(client_id: str, client_secret: str) -> Call[str]:
    """`getToken`."""
    from akool_faceswap_api import models

    def decode(value: dict[str, Any], _raw: RawAnswer) -> str:
        # Documented at the top; some clients look in `data` too, so it may have been there once.
        token = value.get("token") or value["data"]["token"]
        if not (isinstance(token, str) and token.isascii() and token.isprintable()):
            raise TypeError("the token cannot be sent in a header")
        return token.strip()

    body = models.GetTokenRequest(client_id=client_id, client_secret=client_secret)
    return operations.call("getToken", decode, body=body)
