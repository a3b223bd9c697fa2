"""Whether a server's time is plausible. It is not only if it disagrees with every known clock.

A correct server may have its own clock, such as a simulator's. Its ids and headers show that
clock's time. A time that agrees with any of them is plausible.
"""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DAY_S = 86_400.0
NEAR_S = 1_200.0
"""Seconds by which clocks, and the moments of one submit, may differ: less than any time zone."""
EPOCH_S = 1_000_000_000.0
"""A clock below that (before 2001) does not count from 1970."""
JOB_ID = re.compile(r"(\d{14})\d{3}-\d{4}")
OBJECT_ID = re.compile(r"([0-9a-f]{8})[0-9a-f]{16}")


def clocks(ours: list[float], date: str | None, object_id: str, job_id: str) -> list[float]:
    """Seconds since the epoch by: the target's or our clock, a Date header, both kinds of id."""
    found = [clock for clock in ours if clock > EPOCH_S]
    with contextlib.suppress(ValueError):
        found.append(parsedate_to_datetime(date or "").timestamp())
    match = OBJECT_ID.fullmatch(object_id)
    if match:
        found.append(float(int(match[1], 16)))
    match = JOB_ID.fullmatch(job_id)
    if match:
        with contextlib.suppress(ValueError):
            stamp = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            found.append(stamp.timestamp())
    return found


def plausible(moment: float, known: list[float]) -> bool:
    """Whether some clock is within twenty minutes of that moment."""
    return any(abs(moment - clock) <= NEAR_S for clock in known)


def same_day(moment: float, known: list[float]) -> bool:
    """Whether some clock is within a day: for what may happen long after the clocks were read."""
    return any(abs(moment - clock) <= DAY_S for clock in known)


def agree(known: list[float]) -> bool:
    """Whether all of the clocks agree: the server's time is real time."""
    return bool(known) and max(known) - min(known) <= NEAR_S


def stamp(text: str) -> float | None:
    """Seconds since the epoch, or None when the text is no time with a zone."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.timestamp() if value.tzinfo else None
