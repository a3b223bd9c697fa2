"""What can go wrong with Prism.

    PrismError
    ├── NodeMissing         no Node.js, or none that is new enough
    ├── InstallFailed       prism-cli could not be installed
    ├── ContractRefused     Prism cannot serve this contract; what it served before, it serves still
    ├── PrismFailed         the process did not start, or ended by itself; carries its log
    └── ContractViolated    traffic through the proxy broke the contract; carries the exchanges

Each message is one line that says what to do. `PrismFailed` shows the log after it, for a failed
test's output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akool_mock.prism._violations import Exchange


NO_NODE_NEEDED = "The simulator, which is the default engine, needs no Node."


class PrismError(MockError):
    """Prism could not be used, or found a fault; the message says which and what to do."""


class NodeMissing(PrismError):  # noqa: N818 - reads as what happened
    """There is no Node.js, or none that is new enough."""


class InstallFailed(PrismError):  # noqa: N818 - reads as what happened
    """The locked prism-cli could not be installed."""


class ContractRefused(PrismError):  # noqa: N818 - reads as what happened
    """Prism cannot serve this contract. A running server keeps the one that it has."""


class PrismFailed(PrismError):  # noqa: N818 - reads as what happened
    """The Prism process did not start or is gone.

    Attributes:
        log: the last lines that it wrote.
    """

    def __init__(self, message: str, log: Sequence[str] = ()) -> None:
        self.log = tuple(log)
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        """The message, then the log."""
        return "\n".join((self.message, *(f"  prism | {line}" for line in self.log)))


class ContractViolated(PrismError, AssertionError):  # noqa: N818 - reads as what happened
    """Requests or answers that went through the proxy broke the contract.

    Attributes:
        exchanges: each faulty exchange with its violations.
    """

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self.exchanges = tuple(exchanges)
        super().__init__("the contract was broken:\n" + "\n".join(map(str, exchanges)))
