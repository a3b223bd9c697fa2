"""Sends webhooks from the outbox, which decides which of them may be sent when."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_mock._operations.events import Event
    from akool_mock._world.jobs import Job
    from akool_mock._world.outbox import Delivery, Outbox
    from akool_mock._world.world import World

    Receiver = Callable[[str, bytes], int]


class Courier:
    """Sends webhooks that are due: in process when mock time moves, in a server by threads.

    The simulator is not locked while it waits for a receiver, which may call the simulator.

    Args:
        world: whose webhooks.
        event_of: makes the event for a job in a state.

    Attributes:
        receiver: takes webhooks in place of HTTP: `(url, body) -> status`.
        served: a server's thread sends webhooks when they are due.
    """

    def __init__(self, world: World, event_of: Callable[[World, Job, int], Event]) -> None:
        self._world = world
        self._event_of = event_of
        self.receiver: Receiver | None = None
        self.served = False
        self._busy = threading.Lock()
        self._threads: set[threading.Thread] = set()

    def pump(self) -> None:
        """Send every webhook that is due, and record the results."""
        if not self._busy.acquire(blocking=False):
            return  # a receiver that calls us must answer before the next webhook leaves
        try:
            while (taken := self._next()) is not None:
                self._carry(*taken)
        finally:
            self._busy.release()

    def keep_up(self) -> None:
        """Send what is due, unless a server's thread does so anyway."""
        if not self.served and self._world.outbox.next_due is not None:
            self.pump()

    def launch(self, done: Callable[[], None]) -> bool:
        """Send the next due webhook from its own thread; False if none may be sent now.

        `done` is called when there may be room for another.
        """
        taken = self._next()
        if taken is None:
            return False

        def carry() -> None:
            try:
                self._carry(*taken)
            except Exception as error:  # noqa: BLE001 - a receiver put in by a test may do anything
                self._world.failures.append(f"a webhook's receiver: {error!r}")
            finally:
                self._threads.discard(threading.current_thread())
                done()

        thread = threading.Thread(target=carry, name="akool-mock-webhook", daemon=True)
        self._threads.add(thread)
        thread.start()
        return True

    def join(self, timeout_s: float) -> None:
        """Wait for webhooks in flight, at most `timeout_s` seconds."""
        deadline = time.monotonic() + timeout_s
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _next(self) -> tuple[Outbox, Delivery] | None:
        with self._world.lock:
            outbox = self._world.outbox  # a reset puts another in its place
            delivery = outbox.take(self._world.clock.time())
        return None if delivery is None else (outbox, delivery)

    def _carry(self, outbox: Outbox, delivery: Delivery) -> None:
        world = self._world
        now = world.clock.time()
        outcome: int | str = "not sent"
        try:
            with world.lock:
                body = self._sealed(delivery, now)
            outcome = self._post(delivery, body)
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
            raise
        finally:
            with world.lock:
                outbox.settle(delivery, outcome, now)
                self._note(delivery)
                world.revision += 1

    def _sealed(self, delivery: Delivery, now: float) -> bytes:
        world = self._world
        job = world.jobs.by_id.get(delivery.job)
        if job is None:
            delivery.state = "dropped"
            return b""
        event = self._event_of(world, job, delivery.status)
        if not event.sealed:
            return orjson.dumps(event.content)
        from akool_mock._webhooks import envelope  # noqa: PLC0415 - brings cryptography

        account = world.accounts.get(job.account)
        nonce = f"{world.rng.randrange(10_000):04d}"
        return envelope.sealed(event.content, delivery, account, now=now, nonce=nonce)

    def _post(self, delivery: Delivery, body: bytes) -> int | str:
        if not body:
            return "the job was deleted"
        if self.receiver is not None:
            return self.receiver(delivery.url, body)
        from http.client import HTTPException  # noqa: PLC0415 - only who sends webhooks needs it

        from akool_mock._webhooks import deliver  # noqa: PLC0415 - same

        settings = self._world.settings
        try:
            return deliver.post(
                delivery.url,
                body,
                timeout_s=settings.webhook_timeout_s,
                allowed=settings.webhook_hosts,
                instead=settings.webhook_to,
            )
        except deliver.Refused as error:
            delivery.state = "refused"
            return str(error)
        except (OSError, HTTPException) as error:
            return f"{type(error).__name__}: {error}"

    def _note(self, delivery: Delivery) -> None:
        job = self._world.jobs.by_id.get(delivery.job)
        if job is not None and delivery.state != "pending" and delivery.step > job.notified:
            job.notified = delivery.step
            self._world.storage.saved(job)
