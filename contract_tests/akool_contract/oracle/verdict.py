"""Verdicts, and the collector that the rules write into."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum

OK = 1000
BAD_PARAMETER = 1003
TOO_OFTEN = 1005
NO_CREDIT = 1006
TOO_MANY_FACES = 1007
BAD_AUTH = 1101
NO_AUTH = 1102
BANNED = 1200
BY_STATUS = frozenset({400, 401, 404, 405, 406, 415, 422})
AUTH_CODES = frozenset({BAD_AUTH, NO_AUTH, BANNED})

INDEX = re.compile(r"\[\d+\]")
RULES: dict[str, str] = {
    "body-is-json": "The request body is a JSON object; anything else is a parameter error (1003).",
    "required": "A required parameter that is missing is a parameter error (1003).",
    "not-empty": "A required parameter cannot be empty (1003).",
    "type": "A parameter of another type than documented is a parameter error (1003).",
    "enum": "A parameter outside its documented values is a parameter error (1003).",
    "path-is-url": "path must be a valid HTTP/HTTPS URL; others are rejected during validation.",
    "opts-is-string": "opts is a string of coordinates; another type is a parameter error (1003).",
    "opts-required-when-many": (
        "opts is required on every element when sourceImage or targetImage has more than one."
    ),
    "faces-correspond": "sourceImage and targetImage correspond to each other, one to one.",
    "at-most-8-faces": "No more than 8 people can have their faces changed (1007).",
    "at-most-50-items": "Face Swap Pro takes 1 to 50 elements in each array.",
    "mapping-required": "face_mapping is required when single_face_mode is false.",
    "face-url-is-url": "face_url of a face_mapping item is an http(s) URL.",
    "mapping-complete": "A face_mapping item has source_face_info.face_url and target_face_info.",
    "bbox-is-four-numbers": "bbox is exactly four numbers [x1, y1, x2, y2].",
    "picture-required": "Either the url or img parameter must be provided.",
    "frames-1-to-100": "num_frames is an integer from 1 to 100.",
    "auth-required": "A request without credentials is refused (1102).",
    "auth-valid": "Wrong or expired credentials are refused (1101).",
    "authorization-first": (
        "If Authorization and x-api-key both have values, Authorization is used."
    ),
    "account-not-banned": "A banned account is refused (1200).",
    "secret-matches": "getToken refuses a clientId with another's clientSecret (1101).",
}
"""Every rule the oracle knows: id and our wording of the documented sentence."""


class Outcome(Enum):
    """What must happen to the request."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on a request. `codes` are the business codes a refusal may carry."""

    outcome: Outcome
    codes: frozenset[int] = frozenset()
    statuses: frozenset[int] = frozenset({200})
    rules: tuple[str, ...] = ()
    why: str = ""
    causes: tuple[str, ...] = ()
    """What is broken and where, without element numbers: one text for each broken rule."""

    @property
    def may_be_done(self) -> bool:
        """Whether a correct server may carry out the request (and charge for it)."""
        return self.outcome is not Outcome.REFUSE

    def without_codes(self) -> Verdict:
        """The same for a server that refuses by HTTP status and has no business codes (Prism)."""
        if self.outcome is Outcome.ACCEPT:
            return self
        return replace(self, outcome=Outcome.OPEN, statuses=self.statuses | BY_STATUS)


@dataclass(slots=True)
class Judgement:
    """Collects what is broken and what is unclear about one request."""

    broken: list[tuple[str, str]] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    codes: set[int] = field(default_factory=set)
    statuses: set[int] = field(default_factory=lambda: {200})

    def breaks(self, rule: str, why: str, *codes: int) -> None:
        """The documentation forbids this; `codes` default to 1003."""
        if rule not in RULES:
            raise KeyError(rule)
        self.broken.append((rule, why))
        self.codes.update(codes or (BAD_PARAMETER,))

    def add(self, other: Judgement) -> None:
        """What was found elsewhere about the same request is found here too."""
        self.broken += other.broken
        self.unclear += other.unclear
        self.codes |= other.codes
        self.statuses |= other.statuses

    def open(self, why: str) -> None:
        """The documentation does not say."""
        self.unclear.append(why)

    def verdict(self) -> Verdict:
        """The verdict. A server may name something unclear before something broken (1003)."""
        if self.broken:
            codes = self.codes | ({BAD_PARAMETER} if self.unclear else set())
            return Verdict(
                Outcome.REFUSE,
                frozenset(codes),
                frozenset(self.statuses),
                tuple(dict.fromkeys(rule for rule, _ in self.broken)),
                "; ".join(dict.fromkeys(why for _, why in self.broken)),
                tuple(INDEX.sub("[]", why.partition(": ")[0]) for _, why in self.broken),
            )
        if self.unclear:
            return Verdict(
                Outcome.OPEN,
                frozenset(self.codes),
                statuses=frozenset(self.statuses),
                why="; ".join(dict.fromkeys(self.unclear)),
            )
        return Verdict(Outcome.ACCEPT, statuses=frozenset(self.statuses))
