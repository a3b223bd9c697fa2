"""A text that matches a regular expression, for made-up answers.

Understands what contracts use: literals, classes, groups, alternatives, repetitions, anchors. It
takes the first alternative, and as few repetitions as allowed. Anything else is refused.
"""

from __future__ import annotations

import re
import string
from typing import NoReturn

_LONGEST = 10_000
_CLASSES = {"d": "0123456789", "w": "a" + string.ascii_letters + string.digits + "_", "s": " "}
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_PRINTABLE = "a" + "".join(map(chr, range(32, 127)))
_NAME = re.compile(r"<\w+>")
_QUANTIFIER = re.compile(r"\{(\d+)(,(\d*))?\}|[*+?]")


class PatternError(ValueError):
    """The expression uses what this module does not understand."""


def matching(pattern: str, shortest: int = 0, longest: int | None = None) -> str:
    """A text that the pattern is found in, of that length.

    Raises:
        PatternError: none was found.
    """
    for more in (0, 1, shortest):
        text = _Reader(pattern, min(more, _LONGEST)).whole()
        if not pattern.endswith("$"):
            text = text.ljust(shortest, "x")
        if shortest <= len(text) <= (_LONGEST if longest is None else longest):
            return text
    raise PatternError(f"no text of this length was found for the pattern {pattern}")


class _Reader:
    """Reads a pattern from left to right and writes what matches as it goes.

    Args:
        pattern: an ECMAScript regular expression.
        more: repetitions beyond the fewest, where more are allowed.
    """

    def __init__(self, pattern: str, more: int) -> None:
        self._pattern = pattern
        self._more = more
        self._at = 0

    def whole(self) -> str:
        text = self._alternatives()
        if self._at < len(self._pattern):
            self._refuse()
        return text

    def _refuse(self) -> NoReturn:
        raise PatternError(
            f"the pattern {self._pattern} is not understood at character {self._at + 1}"
        )

    def _next(self, count: int = 1) -> str:
        found = self._pattern[self._at : self._at + count]
        if len(found) < count:
            self._refuse()
        self._at += count
        return found

    def _sees(self, text: str) -> bool:
        if not self._pattern.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def _alternatives(self) -> str:
        first = self._sequence()
        while self._sees("|"):
            self._sequence()
        return first

    def _sequence(self) -> str:
        text = ""
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            text += self._repeated()
            if len(text) > _LONGEST:
                raise PatternError(f"the pattern {self._pattern} needs a text that is too long")
        return text

    def _repeated(self) -> str:
        one = self._atom()
        found = _QUANTIFIER.match(self._pattern, self._at)
        if found is None:
            return one
        self._at = found.end()
        self._sees("?")  # lazy or not makes no difference here
        low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(found[0], (-1, None))
        if low < 0:
            low = int(found[1])
            high = low if found[2] is None else int(found[3]) if found[3] else None
        count = low + self._more
        count = count if high is None else min(count, high)
        if len(one) * count > _LONGEST:
            raise PatternError(f"the pattern {self._pattern} needs a text that is too long")
        return one * count

    def _atom(self) -> str:
        char = self._next()
        if char in "^$":
            return ""
        if char == ".":
            return "a"
        if char == "[":
            return self._class()
        if char == "\\":
            chars = self._escaped()
            return chars[0] if chars else ""
        if char == "(":
            if self._sees("?") and not self._sees(":"):
                name = _NAME.match(self._pattern, self._at)
                if name is None:
                    self._refuse()
                self._at = name.end()
            inner = self._alternatives()
            if not self._sees(")"):
                self._refuse()
            return inner
        if char in "*+?{":
            self._refuse()
        return char

    def _escaped(self) -> str:
        """The characters that an escape stands for, one of them first; none for a boundary."""
        char = self._next()
        if char in _CLASSES:
            return _CLASSES[char]
        if char.lower() in _CLASSES:
            return "".join(c for c in _PRINTABLE if c not in _CLASSES[char.lower()])
        if char in _CONTROL:
            return _CONTROL[char]
        if char == "b":
            return ""
        if char in "xu":
            try:
                return chr(int(self._next(2 if char == "x" else 4), 16))
            except ValueError:
                self._refuse()
        if char.isalnum():
            self._refuse()
        return char

    def _class(self) -> str:
        unwanted, chars = self._sees("^"), ""
        while not self._sees("]"):
            start = self._next()
            found = self._escaped() if start == "\\" else start
            following = self._pattern[self._at : self._at + 2]
            if len(found) == 1 and following[:1] == "-" and following[1:] not in ("", "]"):
                self._at += 1
                end = self._next()
                found += self._escaped()[:1] if end == "\\" else end
                found = "".join(map(chr, range(ord(found[0]), ord(found[1]) + 1)))
            chars += found
        if unwanted:
            chars = "".join(c for c in _PRINTABLE if c not in chars)
        if not chars:
            self._refuse()
        return chars[0]
