"""What a caller asks about itself: a token for its credentials, and what is left of its credits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akool_mock._operations.call import Call
    from akool_mock._world.world import World


def get_token(world: World, call: Call) -> dict[str, Any]:
    """POST getToken: returns a token at the top level, without msg and data, as on the page."""
    body = call.body
    token = world.accounts.login(
        body["clientId"], body["clientSecret"], call.now, world.settings.token_s
    )
    return {"code": 1000, "token": token}


def get_credit(_world: World, call: Call) -> dict[str, Any]:
    """GET quota/info: returns the credits that the account has left."""
    left = call.account.credits
    return {"code": 1000, "msg": "OK", "data": {"credit": int(left) if left.is_integer() else left}}
