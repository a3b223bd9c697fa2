"""Webhooks of the run: where they arrive, and what has arrived so far."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._findings.job import Job
    from akool_contract._target.mailbox import Delivery, Mailbox


@dataclass(frozen=True, slots=True)
class News:
    """A webhook that was received: `at` by our clock, `stamp` in ms by the sender's."""

    status: int
    at: float
    stamp: int


@dataclass(slots=True)
class Post:
    """What is known of webhooks, by the id of the job that they were about."""

    mailbox: Mailbox | None = None
    """Where they arrive; None: webhooks are not checked."""
    announced: dict[str, list[int]] = field(default_factory=dict)
    """Statuses that were announced and received."""
    turned_away: dict[str, list[int]] = field(default_factory=dict)
    """The status in each webhook that was refused."""
    news: dict[str, list[News]] = field(default_factory=lambda: defaultdict(list))
    """Every message that came."""
    ordered: set[str] = field(default_factory=set)
    """Jobs of which several messages came, in the order of the statuses."""
    disordered: set[str] = field(default_factory=set)
    """The same, in another order."""
    nonces: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Nonces of the messages, and the jobs that they were about."""
    refused: dict[int, Job] = field(default_factory=dict)
    """Jobs whose webhooks are refused, and the HTTP status of the refusal."""
    padded: set[str] = field(default_factory=set)
    """Ids of jobs whose messages were given lengths of their own."""
    listeners: list[Callable[[list[Delivery]], None]] = field(default_factory=list)
    """Told of every collection."""

    def take(self) -> list[Delivery]:
        """Everything that has come since the last call."""
        deliveries = self.mailbox.take() if self.mailbox else []
        for listener in self.listeners:
            listener(deliveries)
        return deliveries

    def is_ours(self, url: str) -> bool:
        """Whether a webhookUrl is one that this run handed out."""
        return self.mailbox is not None and url.startswith(f"{self.mailbox.base}/")
