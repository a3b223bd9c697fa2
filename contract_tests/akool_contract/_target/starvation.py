"""Whether it was this machine, not the server, that was too slow.

A late answer is the server's fault only if this suite had the CPU to read it. Three measurements
show when it had not: a thread that only sleeps wakes late; our threads were ready but had no core
(Linux); and, if the server is on this machine too, any thread was (Linux).
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICK_S = 0.05
"""How often the watching thread wakes."""
ON_TIME_S = 0.02
"""A delay of this size is normal: timers are not more exact."""
OWN_SHARE = 0.1
"""If the suite was kept waiting for this share of the timeout, the request proves nothing."""
MACHINE_SHARE = 0.5
"""The same for a server on this machine, for the share in which something was kept waiting."""
TASKS = Path("/proc/self/task")
PRESSURE = Path("/proc/pressure/cpu")


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds, since some beginning, for which there was no core."""

    asleep: float = 0.0
    """By which our watching thread woke up late."""
    ready: float = 0.0
    """For which our threads were ready without a core, in total."""
    machine: float = 0.0
    """For which any thread of the machine was ready without a core."""

    def kept_waiting(self, before: Waits, patience: float, *, here: bool) -> bool:
        """Whether a request that began at `before` proves nothing about its server.

        Args:
            before: the waits when the request began.
            patience: seconds that the answer had.
            here: whether the server is on this machine too.
        """
        own = max(self.asleep - before.asleep, self.ready - before.ready)
        machine = self.machine - before.machine if here else 0.0
        return own >= OWN_SHARE * patience or machine >= MACHINE_SHARE * patience


class StarvationWatch:
    """Measures from its first reading on; free of charge until then."""

    def __init__(self) -> None:
        self._late = 0.0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def waits(self) -> Waits:
        """What has been measured by now."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="akool-lag", daemon=True)
                self._thread.start()
        return Waits(self._late, ready_s(TASKS), machine_s(PRESSURE))

    def _look(self) -> None:
        due = time.monotonic() + TICK_S
        while not self._ended.wait(TICK_S):
            now = time.monotonic()
            late = now - due
            self._late += late if late > ON_TIME_S else 0.0
            due = now + TICK_S

    def close(self) -> None:
        """End the thread."""
        self._ended.set()


def ready_s(tasks: Path) -> float:
    """Seconds for which the threads of a process stood ready; 0 where the system does not say."""
    total = 0
    with suppress(OSError):
        for task in tasks.iterdir():
            with suppress(OSError, ValueError, LookupError):  # it may end as we read
                total += int((task / "schedstat").read_text("ascii").split()[1])
    return total / 1e9


def machine_s(pressure: Path) -> float:
    """Seconds for which something stood ready; 0 where the system does not say."""
    with suppress(OSError, ValueError, LookupError):
        some = pressure.read_text("ascii").splitlines()[0]
        return int(some.rpartition("total=")[2]) / 1e6
    return 0.0
