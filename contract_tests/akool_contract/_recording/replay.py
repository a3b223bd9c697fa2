"""A recorded run, played back as a target."""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from akool_contract._options import PROFILES, Options
from akool_contract._recording.recorder import VERSION
from akool_contract._target.mailbox import Delivery, Mailbox
from akool_contract._target.target import Capabilities
from akool_contract._wire.errors import MistakeError, UnusableError
from akool_contract._wire.http import Request, Response
from akool_contract.oracle.credentials import Credentials

if TYPE_CHECKING:
    from pathlib import Path

DERIVED = re.compile(r"\{(.+)-(cut|longer|swapped|forged|unsigned)\}")


def _bytes(value: Any) -> bytes:  # noqa: ANN401 - from JSON
    if isinstance(value, dict):
        return base64.b64decode(value.get("base64", ""))
    return str(value).encode()


Fingerprint = tuple[str, str, tuple[tuple[str, str], ...], bytes]


def _fingerprint(request: Request) -> Fingerprint:
    credentials = tuple(
        (k.lower(), v) for k, v in request.headers if k.lower() in ("authorization", "x-api-key")
    )
    return request.method, request.url, credentials, request.body


@dataclass(slots=True)
class Entry:
    """One recorded exchange, and what was read and collected between it and the one before."""

    fingerprint: Fingerprint | None
    response: Response
    readings: deque[float]
    taken: deque[list[Delivery]]
    used: bool = False


class ReplayTarget:
    """A recorded run as a target: the same requests in the same order get the same answers.

    A newer suite may send other requests: each gets the answer that the same request got then, at
    any place, and `UnusableError` if there was none.
    """

    concurrent = False

    def __init__(self, path: Path) -> None:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            self.head = json.loads(lines[0])
            if self.head["version"] != VERSION:
                raise MistakeError(f"{path}: a recording of another version")
            self.base_url = str(self.head["base_url"])
            self.name = f"{self.head['target']} (replayed)"
            self.capabilities = Capabilities(**self.head["capabilities"])
            self._entries = [_entry(json.loads(line)) for line in lines[1:]]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise MistakeError(f"{path}: not a recording of this tool ({error})") from error
        self._places: dict[Fingerprint, deque[int]] = defaultdict(deque)
        for number, entry in enumerate(self._entries):
            if entry.fingerprint is not None:
                self._places[entry.fingerprint].append(number)
        self._next = 0
        self._now = 0.0
        self.credentials = self._credentials()
        hooks = str(self.head.get("hooks") or "")
        self.mailbox = _Replayed(self, hooks) if hooks else None

    def _credentials(self) -> Credentials:
        known = Credentials(
            client_id=str(self.head["client_id"]),
            lenient_keys=bool(self.head.get("lenient_keys")),
        )
        sent = [pair for fingerprint in self._places for pair in fingerprint[2]]
        for name, value in sent:
            token = value.removeprefix("Bearer ")
            found = DERIVED.fullmatch(token)
            if found:
                known.derived[token] = (f"{{{found[1]}}}", found[2])
            elif name == "x-api-key" and value.startswith("{") and value.endswith("}"):
                owner = value[1:-1]
                if owner.startswith("banned"):
                    known.banned.add(value)
                elif owner in ("main", "second", "empty"):
                    known.keys[value] = owner
        if known.client_id:
            known.client_secret = "{main}" if "{main}" in known.keys else "{secret}"
        return known

    def options(self) -> Options:
        """The options of the recorded run."""
        plain = dict(self.head["options"])
        plain["profile"] = PROFILES[plain["profile"]]
        for name in ("operations", "checks", "without_operations", "without_checks"):
            plain[name] = tuple(plain[name])
        return replace(Options(), **plain)

    def _at(self) -> Entry | None:
        """The entry that comes next."""
        while self._next < len(self._entries) and self._entries[self._next].used:
            self._next += 1
        return self._entries[self._next] if self._next < len(self._entries) else None

    def send(self, request: Request) -> Response:
        """The recorded answer; the last one again when there are no more; raises UnusableError."""
        wanted = _fingerprint(request)
        entry = self._at()
        if entry is None or entry.fingerprint != wanted:
            entry = self._elsewhere(wanted, request.method)
        entry.used = True
        if entry.response.at is not None:
            self._now = max(self._now, entry.response.at)
        return entry.response

    def _elsewhere(self, wanted: Fingerprint, method: str) -> Entry:
        places = self._places.get(wanted, deque())
        while len(places) > 1 and self._entries[places[0]].used:
            places.popleft()
        if not places or (method != "GET" and self._entries[places[0]].used):
            raise UnusableError("not in the recording")
        return self._entries[places[0]]

    def now(self) -> float:
        """The time of the recorded run."""
        entry = self._at()
        if entry is not None and entry.readings:
            self._now = entry.readings.popleft()
        return self._now

    def taken(self) -> list[Delivery]:
        """Webhooks that were collected at this place of the run."""
        entry = self._at()
        return entry.taken.popleft() if entry is not None and entry.taken else []

    def wait(self, seconds: float) -> None:
        """Waits in recorded time only."""
        self._now += seconds

    def close(self) -> None:
        """Nothing to close."""


class _Replayed(Mailbox):
    """Hands out the addresses of the recorded run, and what came to them."""

    def __init__(self, target: ReplayTarget, base: str) -> None:
        super().__init__(base)
        self._target = target

    def take(self) -> list[Delivery]:
        """What the recorded run collected here."""
        return self._target.taken()


def _entry(line: dict[str, Any]) -> Entry:
    readings = deque(float(value) for value in line.get("now", ()))
    taken = deque([_delivery(part) for part in group] for group in line.get("taken", ()))
    taken.extend([] for _ in range(int(line.get("empty", 0))))
    if line.get("end"):
        return Entry(None, Response(0), readings, taken)
    headers = tuple((str(k), str(v)) for k, v in line["headers"])
    request = Request(line["method"], line["url"], headers, _bytes(line["body"]))
    response = Response(
        line["status"],
        tuple((str(k), str(v)) for k, v in line["answer_headers"]),
        _bytes(line["answer"]),
        str(line["fault"]),
        seconds=float(line["seconds"]),
        at=float(line["at"]),
        starved=bool(line.get("starved")),
        flaw=line.get("flaw"),
    )
    return Entry(_fingerprint(request), response, readings, taken)


def _delivery(part: dict[str, Any]) -> Delivery:
    return Delivery(
        str(part["path"]),
        {str(k): str(v) for k, v in part["headers"].items()},
        _bytes(part["body"]),
        int(part["answered"]),
        float(part["at"]),
        part["opened"],
    )
