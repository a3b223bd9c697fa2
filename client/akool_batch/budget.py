"""What a batch costs: the estimate before, the count while it runs. Pure; everything in credits.

The API publishes no prices, so an estimate is an assumption that the user can replace. With a limit
the balance is therefore looked at as the batch goes: after the first row, then after twice as many,
up to every `MAX_UNMEASURED` rows. A balance that falls faster than estimated makes every row
dearer, those already sent included.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akool_batch.swaps import Kind, Swap

if TYPE_CHECKING:
    from collections.abc import Mapping


ASSUMED_PRICES: Mapping[Kind, float] = {
    Kind.IMAGE: 4.0,
    Kind.VIDEO: 10.0,
    Kind.PRO: 4.0,
    Kind.PLUS: 4.0,
}
"""Credits per row as third parties report them; not the vendor's word. Videos: see VIDEO_STEP_S."""
VIDEO_STEP_S = 10.0
"""Seconds of video that the price of a video row buys; each further step begun costs as much."""
MAX_UNMEASURED = 50
"""With a limit, so many rows at most are sent between two looks at the balance."""


def price_of(swap: Swap, prices: Mapping[Kind, float]) -> float:
    """The estimate for one row; a video of unknown length counts as one step."""
    steps = 1
    if swap.seconds is not None and swap.kind in {Kind.VIDEO, Kind.PLUS}:
        steps = max(1, math.ceil(swap.seconds / VIDEO_STEP_S))
    unit = prices[Kind.VIDEO] if swap.kind is Kind.PLUS and swap.seconds else prices[swap.kind]
    return unit * steps


@dataclass(slots=True)
class Budget:
    """Credits spent and allowed."""

    limit: float | None
    earlier: float = 0.0
    """What earlier runs of this batch have spent, or may have."""
    counted: float = 0.0
    """Estimates of the rows that this run has sent and that were not refused."""
    factor: float = 1.0
    """How much dearer the API is than the estimates; never below 1."""
    unmeasured: int = 0
    """Rows sent since the last look at the balance."""
    _window: int = 1

    @property
    def spent(self) -> float:
        """What the batch has spent, as far as is known, over all its runs."""
        return self.earlier + self.counted * self.factor

    @property
    def must_measure(self) -> bool:
        """Whether the balance comes before the next row."""
        return self.limit is not None and self.unmeasured >= self._window

    def allows(self, price: float) -> bool:
        """Whether a row of this estimate fits under the limit."""
        return self.limit is None or self.spent + price * self.factor <= self.limit

    def send(self, price: float) -> None:
        """A row is being sent."""
        self.counted += price
        self.unmeasured += 1

    def take_back(self, price: float) -> None:
        """A row was surely not charged."""
        self.counted -= price

    def measure(self, fallen: float) -> None:
        """Since this run began, with no row under way now, the balance fell by so much."""
        if self.counted > 0:
            self.factor = max(1.0, fallen / self.counted)
        self._window = min(2 * self._window, MAX_UNMEASURED)
        self.unmeasured = 0
