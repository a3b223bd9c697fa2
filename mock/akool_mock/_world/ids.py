"""Identifiers in the vendor's observed forms, all from one seed.

`_id` is an ObjectId: four bytes of the creation second, five of the process, three of a counter.
The result's URL has a version-4 UUID that encodes the `_id`, so that a file name leads to its job
without an index.
"""

from __future__ import annotations

import random
import re
import zlib
from functools import lru_cache
from time import gmtime, strftime

# Spreads the bits so that a UUID does not show the second it was made in. Not a secret.
_PAD = 0x9E3779B97F4A7C15F3
_FRONT = 18
"""Hex digits of an ObjectId for its second and its process."""
_NAME = re.compile(r"final_.*-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d{4}\.\w+", re.DOTALL)


class Ids:
    """A source of identifiers that repeats itself for the same seed."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"ids {seed}")  # noqa: S311 - repeatable on purpose
        self.machine = f"{rng.getrandbits(40):010x}"
        self.counter = rng.getrandbits(24)
        self._second = -1
        self._front = ""

    def object_id(self, now: float) -> str:
        """A fresh ObjectId of the second `now` (seconds since 1970)."""
        second = int(now)
        if second != self._second:
            self._second, self._front = second, f"{second & 0xFFFFFFFF:08x}{self.machine}"
        self.counter = (self.counter + 1) & 0xFFFFFF
        return f"{self._front}{self.counter:06x}"


@lru_cache(maxsize=256)
def _compact(ms: int) -> str:
    return f"{strftime('%Y%m%d%H%M%S', gmtime(ms // 1000))}{ms % 1000:03d}"


@lru_cache(maxsize=256)
def _iso(second: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))


def job_number(object_id: str, created: float) -> str:
    """`job_id`: UTC time with milliseconds, dash, four digits; 3 ms before `createdAt`."""
    ms = round(created * 1000) - 3
    # From the counter, by a factor prime to 10,000: so many jobs of one millisecond all differ.
    digits = int(object_id[-6:], 16) * 6_007 % 10_000
    return f"{_compact(ms)}-{digits:04d}"


def created_at(created: float) -> str:
    """`createdAt`: ISO 8601 in UTC with milliseconds."""
    ms = round(created * 1000)
    return f"{_iso(ms // 1000)}.{ms % 1000:03d}Z"


@lru_cache(maxsize=256)
def _mixed(front: str) -> str:
    digits = f"{int(front, 16) ^ _PAD:018x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8{digits[15:]}"


def result_name(object_id: str, stem: str, extension: str) -> str:
    """The result's file name: `final_<stem>-<uuid>-<4 digits>.<extension>`."""
    front, back = object_id[:_FRONT], object_id[_FRONT:]
    digits = zlib.crc32(object_id.encode()) % 10_000
    return f"final_{stem}-{_mixed(front)}-{back}{front[-6:]}-{digits:04d}.{extension}"


def unfold(name: str) -> str | None:
    """The `_id` folded into a result's file name; None if the name is not the mock's."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    digits = match[1].replace("-", "")
    front = int(digits[:12] + digits[13:16] + digits[17:20], 16) ^ _PAD
    object_id = f"{front:018x}{digits[20:26]}"
    stem, extension = name[len("final_") : match.start(1) - 1], name.rpartition(".")[2]
    return object_id if result_name(object_id, stem, extension) == name else None
