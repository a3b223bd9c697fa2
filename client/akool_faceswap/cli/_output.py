"""Where text goes: answers to stdout, everything else to stderr.

With `--json` an answer is one JSON document, or JSON lines where there are many.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Output:
    """How one command speaks."""

    as_json: bool

    def answer(self, data: Any, text: str) -> None:  # noqa: ANN401 - JSON
        """The answer of a command, or one of several: `data` for programs, `text` for people."""
        shown = json.dumps(data, ensure_ascii=False, default=str) if self.as_json else text
        sys.stdout.write(f"{shown}\n")
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Something on the way; never part of the answer."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def table(facts: Mapping[str, Any]) -> str:
    """Names and values in two columns; those without a value are left out."""
    known = {name: value for name, value in facts.items() if value is not None}
    width = max(map(len, known), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in known.items())
