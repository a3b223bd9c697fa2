"""What a handler gets: one request that was authenticated, validated and passed through faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_mock._contract.compiled import Operation
    from akool_mock._world.accounts import Account
    from akool_mock._world.directives import Directives


class ErrorAnswer(Exception):  # noqa: N818 - an answer, not a fault of the program
    """An operation's own error: a JSON body with an HTTP status of its own."""

    def __init__(self, status: int, payload: dict[str, Any]) -> None:
        super().__init__(f"{status}: {payload}")
        self.status = status
        self.payload = payload


class Call:
    """One accepted request on its way through a handler.

    Attributes:
        operation: what is called.
        account: who calls; the first account where no credentials are asked for.
        body: JSON that keeps the operation's schema.
        query: parameters by name, wherever they stood.
        directives: faults asked for.
        now: mock time.
        base: address before a result's file name.
    """

    __slots__ = ("account", "base", "body", "directives", "now", "operation", "query")

    def __init__(  # noqa: PLR0913, PLR0917 - what a handler may look at
        self,
        operation: Operation,
        account: Account,
        body: Any,  # noqa: ANN401 - JSON
        query: Mapping[str, Any],
        directives: Directives,
        now: float,
        base: str,
    ) -> None:
        self.operation = operation
        self.account = account
        self.body = body
        self.query = query
        self.directives = directives
        self.now = now
        self.base = base
