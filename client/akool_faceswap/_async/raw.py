"""`client.raw`: the contract's operations with the generated models; the vendor's own words.

Deadlines, retries, errors and the safety of submits are those of the client. Answers are read
strictly, so that one which breaks the contract is an `UnreadableAnswerError` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_faceswap._core.requests import raw_call
from akool_faceswap._core.timing import DEFAULT, Timeout
from akool_faceswap_api.raw import AsyncRawOperations
from akool_faceswap_api.types import Unset

if TYPE_CHECKING:
    from akool_faceswap._async.engine import AsyncEngine
    from akool_faceswap_api.operations import Operation


class AsyncRaw(AsyncRawOperations):
    """`client.raw`: one method for each operation of the contract, under its own name."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def _call(
        self, operation: Operation, arguments: dict[str, Any], timeout: Timeout | Unset
    ) -> Any:  # noqa: ANN401 - the generated methods know the types
        limit = DEFAULT if isinstance(timeout, Unset) else timeout
        return await self._engine.run(raw_call(operation, arguments), limit)
