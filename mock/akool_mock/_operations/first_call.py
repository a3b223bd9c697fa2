"""A first request to try: as the terminal and the dashboard show it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from akool_mock._contract.compiled import places
from akool_mock._world.settings import API_KEY

if TYPE_CHECKING:
    from akool_mock._world.world import World


_SWAP = "swapImage"
_FACE = [{"path": "https://example.com/face.jpg"}]
_SAMPLE = {
    "targetImage": _FACE,
    "sourceImage": _FACE,
    "modifyImage": "https://example.com/photo-640x480.jpg",
}


def first_call(world: World, base: str) -> tuple[str | None, str]:
    """What you need to try it: the key (None if you chose it yourself) and a curl line.

    Args:
        world: whose first account calls.
        base: address of the API.
    """
    own = world.settings.api_key != API_KEY
    curl = f"curl -s {world.curl}{base}"
    if _SWAP not in world.operations:  # another contract
        return (None if own else world.settings.api_key), f"{curl}/_mock/health"
    quote, key = ('"', "$AKOOL_API_KEY") if own else ("'", world.settings.api_key)
    headers = f"-H {quote}x-api-key: {key}{quote} -H 'content-type: application/json'"
    body = json.dumps(_SAMPLE, separators=(",", ":"))
    return (None if own else key), f"{curl}{places()[_SWAP][1]} {headers} -d '{body}'"
