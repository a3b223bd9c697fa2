"""Carries webhooks from the outbox to their receivers: which may go when, the outbox says."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_mock._simulator import Simulator
    from akool_mock._world.outbox import Delivery, Outbox

__all__ = ["Courier"]


class Courier:
    """Sends what is due: in process the call that moves time, one by one; a server by threads.

    The simulator is not locked while a receiver is thinking: it may well call the simulator.

    Args:
        sim: whose webhooks.
    """

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._busy = threading.Lock()
        self._threads: set[threading.Thread] = set()

    def pump(self) -> None:
        """Send every webhook that is due and note what came of it."""
        if not self._busy.acquire(blocking=False):
            return  # a receiver that calls us must answer before the next webhook leaves
        try:
            while (taken := self._next()) is not None:
                self._carry(*taken)
        finally:
            self._busy.release()

    def launch(self, done: Callable[[], None]) -> bool:
        """Send the next webhook that is due from a thread of its own; False if none may leave now.

        `done` is called when there may be room for another.
        """
        taken = self._next()
        if taken is None:
            return False

        def carry() -> None:
            try:
                self._carry(*taken)
            except Exception as error:  # noqa: BLE001 - a receiver put in by a test may do anything
                self._sim.failures.append(f"a webhook's receiver: {error!r}")
            finally:
                self._threads.discard(threading.current_thread())
                done()

        thread = threading.Thread(target=carry, name="akool-mock-webhook", daemon=True)
        self._threads.add(thread)
        thread.start()
        return True

    def join(self, timeout_s: float) -> None:
        """Wait for what is under way, at most so long."""
        deadline = time.monotonic() + timeout_s
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _next(self) -> tuple[Outbox, Delivery] | None:
        with self._sim.lock:
            outbox = self._sim.outbox  # a reset puts another in its place
            delivery = outbox.take(self._sim.clock.time())
        return None if delivery is None else (outbox, delivery)

    def _carry(self, outbox: Outbox, delivery: Delivery) -> None:
        sim = self._sim
        now = sim.clock.time()
        outcome: int | str = "not sent"
        try:
            with sim.lock:
                body = self._sealed(delivery, now)
            outcome = self._post(delivery, body)
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
            raise
        finally:
            with sim.lock:
                outbox.settle(delivery, outcome, now)
                self._note(delivery)
                sim.revision += 1

    def _sealed(self, delivery: Delivery, now: float) -> bytes:
        job = self._sim.jobs.get(delivery.job)
        if job is None:
            delivery.state = "dropped"
            return b""
        from akool_mock._webhooks import envelope  # noqa: PLC0415 - brings cryptography, not needed to start

        account = self._sim.accounts.get(job.account)
        return envelope.sealed(self._sim, job, delivery, account, now)

    def _post(self, delivery: Delivery, body: bytes) -> int | str:
        if not body:
            return "the job was deleted"
        if self._sim.receiver is not None:
            return self._sim.receiver(delivery.url, body)
        from http.client import HTTPException  # noqa: PLC0415 - only who sends webhooks needs it

        from akool_mock._webhooks import deliver  # noqa: PLC0415 - same

        settings = self._sim.settings
        try:
            return deliver.post(
                delivery.url,
                body,
                timeout_s=settings.webhook_timeout_s,
                allowed=settings.webhook_hosts,
            )
        except deliver.Refused as error:
            delivery.state = "refused"
            return str(error)
        except (OSError, HTTPException) as error:
            return f"{type(error).__name__}: {error}"

    def _note(self, delivery: Delivery) -> None:
        job = self._sim.jobs.get(delivery.job)
        if job is not None and delivery.state != "pending" and delivery.step > job.notified:
            job.notified = delivery.step
            if self._sim.storage is not None:
                self._sim.storage.saved(job)
