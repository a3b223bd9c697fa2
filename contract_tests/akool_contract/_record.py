"""Recordings of runs: written without secrets, and played back as a target.

Secrets are replaced by placeholders that still tell them apart, so that a recording can be judged
as the live run was: `{main}` is the main account's key wherever it stood.
"""

from __future__ import annotations

import base64
import json
import os
from collections import defaultdict, deque
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from akool_contract._collector import UnusableError
from akool_contract._http import Request, Response
from akool_contract._json import read_kindly
from akool_contract._mailbox import Mailbox
from akool_contract._options import PROFILES, Options
from akool_contract._target import Capabilities
from akool_contract.oracle import Credentials

if TYPE_CHECKING:
    from typing import TextIO

    from akool_contract._http import Exchange
    from akool_contract._session import Session

VERSION = 1
MAX_FILE = 4096
"""Bytes of a result file that a recording keeps."""


def default_recording(target: str) -> Path | None:
    """Where a server's run is recorded unless told; None for what runs in process."""
    parts = urlsplit(target)
    if not parts.hostname:
        return None
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    name = f"{parts.hostname}-{parts.port}" if parts.port else parts.hostname
    return Path(state) / "akool-faceswap" / f"verify-{name.replace(':', '_')}.jsonl"


class RecordingError(Exception):
    """A recording cannot be read; the message says why."""


def placeholders(known: Credentials) -> dict[str, str]:
    """Secret to placeholder, the longer secrets first."""
    names: dict[str, str] = {}
    for key, owner in known.keys.items():
        names[key] = f"{{{owner}}}"
    for index, key in enumerate(sorted(known.banned)):
        names[key] = f"{{banned-{index}}}"
    for index, token in enumerate([*known.tokens, *sorted(known.stale_tokens)]):
        names.setdefault(token, f"{{token-{index}}}")
    if known.client_secret:
        names.setdefault(known.client_secret, "{secret}")
    return dict(sorted(names.items(), key=lambda pair: -len(pair[0])))


class Recorder:
    """Writes every exchange of a session as one line of JSON."""

    def __init__(self, path: Path, options: Options) -> None:
        self._path, self._options = path, options
        self._file: TextIO | None = None
        self._run: Session | None = None
        self._names: dict[str, str] = {}

    def attach(self, run: Session) -> None:
        """Starts recording a session."""
        self._run = run
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w", encoding="utf-8")
        run.listeners.append(self.write)
        known = run.credentials
        profile = self._options.profile.name
        options = {**asdict(self._options), "profile": profile, "second_key": "", "banned_key": ""}
        head = {
            "version": VERSION,
            "target": run.target.name,
            "base_url": run.target.base_url,
            "options": options,
            "capabilities": asdict(run.can),
            "client_id": known.client_id,
            "hooks": run.mailbox.base if run.mailbox else "",
        }
        self._line(head)

    def write(self, exchange: Exchange) -> None:
        """Records one exchange."""
        if self._run is None:
            return
        request, response = exchange.request, exchange.response
        body = response.body if request.operation else response.body[:MAX_FILE]
        # A length that is true of the body as it came is not true of one without its secrets.
        true_length = response.header("content-length") == str(len(response.body))
        headers = tuple(
            (name, value)
            for name, value in response.headers
            if not (true_length and name.lower() == "content-length")
        )
        self._learn(response)
        self._line(
            {
                "at": self._run.target.now(),
                "method": request.method,
                "url": request.url,
                "operation": request.operation,
                "headers": request.headers,
                "body": _text(request.body),
                "status": response.status,
                "answer_headers": headers,
                "answer": _text(body),
                "fault": response.fault,
                "seconds": round(exchange.seconds, 6),
            }
        )

    def _learn(self, response: Response) -> None:
        """Names the secrets, and a token that this very answer hands out."""
        if self._run is not None:
            for secret, name in placeholders(self._run.credentials).items():
                self._names.setdefault(secret, name)
            for value, (good, how) in self._run.credentials.derived.items():
                self._names.setdefault(value, f"{self._names.get(good, '{}')[:-1]}-{how}}}")
        value = read_kindly(response.body)
        token = value.get("token") if isinstance(value, dict) else None
        if isinstance(token, str) and token and token not in self._names:
            self._names[token] = f"{{fresh-token-{len(self._names)}}}"

    def _line(self, value: dict[str, Any]) -> None:
        text = json.dumps(value, ensure_ascii=True)
        for secret in sorted(self._names, key=len, reverse=True):
            text = text.replace(json.dumps(secret)[1:-1], self._names[secret])
        if self._file is not None:
            self._file.write(text + "\n")

    def close(self) -> None:
        """Ends the recording."""
        if self._file is not None:
            self._file.close()


def _text(body: bytes) -> str | dict[str, str]:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


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


class ReplayTarget:
    """A recorded run as a target: each request gets the answer it got then, in the same order."""

    def __init__(self, path: Path) -> None:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            self.head = json.loads(lines[0])
            entries = [json.loads(line) for line in lines[1:]]
            if self.head["version"] != VERSION:
                raise RecordingError(f"{path}: a recording of another version")
            self.base_url = str(self.head["base_url"])
            self.name = f"{self.head['target']} (replayed)"
            self.capabilities = Capabilities(**self.head["capabilities"])
            self._answers: dict[Fingerprint, deque[tuple[float, Response]]] = defaultdict(deque)
            for entry in entries:
                self._load(entry)
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise RecordingError(f"{path}: not a recording of this tool ({error})") from error
        self.capabilities.webhooks = False
        self.capabilities.reasons["webhooks"] = "recordings hold no webhooks"
        self.credentials = self._credentials()
        self._now = 0.0
        hooks = str(self.head.get("hooks") or "")
        self.mailbox = Mailbox(base=hooks) if hooks else None

    def _load(self, entry: dict[str, Any]) -> None:
        headers = tuple((str(k), str(v)) for k, v in entry["headers"])
        request = Request(entry["method"], entry["url"], headers, _bytes(entry["body"]))
        answer_headers = tuple((str(k), str(v)) for k, v in entry["answer_headers"])
        response = Response(
            entry["status"], answer_headers, _bytes(entry["answer"]), str(entry["fault"])
        )
        self._answers[_fingerprint(request)].append((float(entry["at"]), response))

    def _credentials(self) -> Credentials:
        known = Credentials(client_id=str(self.head["client_id"]))
        for fingerprint in self._answers:
            for name, value in fingerprint[2]:
                if name == "x-api-key" and value.startswith("{") and value.endswith("}"):
                    owner = value[1:-1]
                    if owner.startswith("banned"):
                        known.banned.add(value)
                    elif owner in ("main", "second", "empty"):
                        known.keys[value] = owner
        if known.client_id and "{main}" in known.keys:
            known.client_secret = "{main}"  # noqa: S105 - a placeholder
        return known

    def options(self) -> Options:
        """The options of the recorded run."""
        plain = dict(self.head["options"])
        plain["profile"] = PROFILES[plain["profile"]]
        for name in ("operations", "checks"):
            plain[name] = tuple(plain[name])
        return replace(Options(), **plain)

    def send(self, request: Request) -> Response:
        """The recorded answer; the last one again when there are no more; raises UnusableError."""
        answers = self._answers.get(_fingerprint(request))
        if not answers:
            raise UnusableError("not in the recording")
        last = len(answers) == 1 and request.method == "GET"
        at, response = answers[0] if last else answers.popleft()
        self._now = max(self._now, at)
        return response

    def now(self) -> float:
        """The time of the recorded run."""
        return self._now

    def wait(self, seconds: float) -> None:
        """Waits in recorded time only."""
        self._now += seconds

    def close(self) -> None:
        """Nothing to close."""
