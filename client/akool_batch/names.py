"""Row names to file names that every system accepts. Pure.

Letters of every script stay as they are. Characters that a file name cannot have become `_`, and
long names are cut. A changed name ends in a few letters that keep it unique.
"""

from __future__ import annotations

import hashlib
import unicodedata

MAX_STEM_BYTES = 120
"""Bytes in UTF-8. With all that is added, it fits into the 143 bytes of encrypted folders; most
systems allow 255.
"""
DIGEST_CHARS = 8
FORBIDDEN = frozenset('<>:"/\\|?*%')
"""Not allowed on some system; `%` because programs read it as the begin of an escape."""
DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}
    | {f"{name}{n}" for name in ("COM", "LPT") for n in "0123456789\xb9\xb2\xb3"}
)
"""Windows opens a device by these names, with any suffix."""
LEADERS = frozenset(".-=+@~ ")
"""A name that begins so is hidden, an option, or a formula to a spreadsheet."""


def file_stem(key: str) -> str:
    """A file name without suffix: never hidden, a path, a device, an option or a formula.

    Different keys have different names. Some systems may still take two of them for one file:
    see `same_name`.
    """
    whole = unicodedata.normalize("NFC", key)
    stem = "".join("_" if char in FORBIDDEN or not char.isprintable() else char for char in whole)
    if not stem or stem[0] in LEADERS or _is_device(stem):
        stem = f"_{stem}"
    # Not half a letter at the end, and nothing that Windows drops there.
    stem = stem.encode()[:MAX_STEM_BYTES].decode(errors="ignore").rstrip(". ")
    return stem if stem == key else f"{stem}-{_digest(key)}"


def same_name(stem: str) -> str:
    """Equal for names that are one file on some system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", stem).casefold())


def _is_device(stem: str) -> bool:
    return stem.split(".", maxsplit=1)[0].rstrip(" ").upper() in DEVICES


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:DIGEST_CHARS]
