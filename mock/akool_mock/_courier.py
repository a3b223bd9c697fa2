"""Carries webhooks from the outbox to their receivers, one at a time and in order."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akool_mock._outbox import Delivery
    from akool_mock._simulator import Simulator

__all__ = ["Courier"]


class Courier:
    """Sends what is due. A server calls it from a thread; in process the call that moves time does.

    The simulator is not locked while a receiver is thinking: it may well call the simulator.

    Args:
        sim: whose webhooks.
    """

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._busy = threading.Lock()

    def pump(self) -> None:
        """Send every webhook that is due and note what came of it."""
        if not self._busy.acquire(blocking=False):
            return  # a receiver that calls us must answer before the next webhook leaves
        try:
            while self._one():
                pass
        finally:
            self._busy.release()

    def _one(self) -> bool:
        sim = self._sim
        with sim.lock:
            now = sim.clock.time()
            delivery = sim.outbox.take(now)
            if delivery is None:
                return False
            body = self._sealed(delivery, now)
        outcome = self._post(delivery, body)
        with sim.lock:
            sim.outbox.settle(delivery, outcome, now)
            self._note(delivery)
            sim.revision += 1
        return True

    def _sealed(self, delivery: Delivery, now: float) -> bytes:
        job = self._sim.jobs.get(delivery.job)
        if job is None:
            delivery.state = "dropped"
            return b""
        from akool_mock import _webhooks  # noqa: PLC0415 - brings cryptography, not needed to start

        account = self._sim.accounts.get(job.account)
        return _webhooks.sealed(self._sim, job, delivery, account, now)

    def _post(self, delivery: Delivery, body: bytes) -> int | str:
        if not body:
            return "the job was deleted"
        if self._sim.receiver is not None:
            return self._sim.receiver(delivery.url, body)
        from http.client import HTTPException  # noqa: PLC0415 - only who sends webhooks needs it

        from akool_mock import _deliver  # noqa: PLC0415 - same

        settings = self._sim.settings
        try:
            return _deliver.post(
                delivery.url,
                body,
                timeout_s=settings.webhook_timeout_s,
                allowed=settings.webhook_hosts,
            )
        except _deliver.Refused as error:
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
