"""What a batch costs: an estimate before, a count while it runs. Pure; all in credits.

The API publishes no prices, so an estimate is an assumption that the user can replace. With a
limit, the batch therefore reads the balance as it runs: after the first row, then after twice as
many, up to every `MAX_UNMEASURED` rows. A balance that falls faster than estimated makes every row
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
"""Credits per row, as third parties report them; the vendor does not. Videos: see VIDEO_STEP_S."""
VIDEO_STEP_S = 10.0
"""Seconds of video for one price; each further step begun costs the same."""
MAX_UNMEASURED = 50
"""With a limit, the most rows that are sent between two readings of the balance."""


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
    """How much more the API charges than estimated; never below 1."""
    unmeasured: int = 0
    """Rows sent since the balance was last read."""
    _window: int = 1

    @property
    def spent(self) -> float:
        """What the batch has spent, as far as is known, over all its runs."""
        return self.earlier + self.counted * self.factor

    @property
    def must_measure(self) -> bool:
        """Whether to read the balance before the next row."""
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
        """The balance fell by so much since this run began; no row is in flight now."""
        if self.counted > 0:
            self.factor = max(1.0, fallen / self.counted)
        self._window = min(2 * self._window, MAX_UNMEASURED)
        self.unmeasured = 0
