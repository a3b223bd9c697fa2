"""What is served: the part of a simulator that its servers and transports use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_mock._http import Request, Response
    from akool_mock._world.world import World


class WebhookSender(Protocol):
    """Sends webhooks; see `Courier`."""

    served: bool

    def launch(self, done: Callable[[], None]) -> bool:
        """Send the next webhook that is due from a thread of its own."""
        ...

    def join(self, timeout_s: float) -> None:
        """Wait for webhooks in flight, at most `timeout_s` seconds."""

    def keep_up(self) -> None:
        """Send what is due, unless a server's thread does so anyway."""


class Service(Protocol):
    """Answers requests; see `Simulator`."""

    @property
    def world(self) -> World:
        """What is true in it."""
        ...

    @property
    def courier(self) -> WebhookSender:
        """What sends its webhooks."""
        ...

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        ...
