"""Records a run, without secrets.

Secrets are replaced by placeholders that still tell them apart, so that a replay can be judged like
the live run: `{main}` is the main account's key, wherever it was.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from akool_contract._target.target import MAX_FILE
from akool_contract._wire.envelope import opened
from akool_contract._wire.redact import Redactor
from akool_contract._wire.strict_json import read_kindly
from akool_contract._wire.whole import GZIP, coding_of, flaw_of, unpacked

if TYPE_CHECKING:
    from typing import TextIO

    from akool_contract._options import Options
    from akool_contract._run.run import Run
    from akool_contract._target.mailbox import Delivery
    from akool_contract._wire.http import Exchange, Response
    from akool_contract.oracle.credentials import Credentials

VERSION = 4


def default_recording(target: str) -> Path | None:
    """The default place for the recording of a run; None for runs in process."""
    parts = urlsplit(target)
    if not parts.hostname:
        return None
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    name = f"{parts.hostname}-{parts.port}" if parts.port else parts.hostname
    return Path(state) / "akool-faceswap" / f"verify-{name.replace(':', '_')}.jsonl"


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
        self._run: Run | None = None
        self._names: dict[str, str] = {}
        self._redactor = Redactor()
        self._readings: list[float] = []
        self._taken: list[list[dict[str, Any]]] = []

    def attach(self, run: Run) -> None:
        """Starts recording a session."""
        self._run = run
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w", encoding="utf-8")
        run.sender.listeners.append(self.write)
        run.post.listeners.append(self._take)
        known = run.credentials
        profile = self._options.profile.name
        options = {**asdict(self._options), "profile": profile}
        head = {
            "version": VERSION,
            "target": run.target.name,
            "base_url": run.target.base_url,
            "options": options,
            "capabilities": asdict(run.can),
            "client_id": known.client_id,
            "lenient_keys": known.lenient_keys,
            "hooks": run.mailbox.base if run.mailbox else "",
        }
        self._line(head)
        run.clock.listeners.append(self._readings.append)

    def _take(self, deliveries: list[Delivery]) -> None:
        """Records webhooks that were collected, decrypted: a replay has no secrets to do it."""
        self._taken.append(
            [
                {
                    "path": delivery.path,
                    "headers": delivery.headers,
                    "body": self._text(delivery.body),
                    "answered": delivery.answered,
                    "at": delivery.at,
                    "opened": self._opened(delivery),
                }
                for delivery in deliveries
            ]
        )

    def _opened(self, delivery: Delivery) -> dict[str, Any] | None:
        if self._run is None:
            return None
        known = self._run.credentials
        return opened(delivery.body, known.client_id, known.client_secret)

    def _since(self) -> dict[str, Any]:
        """What happened since the last line, besides requests."""
        found: dict[str, Any] = {"now": list(self._readings)}
        if any(self._taken):
            found["taken"] = self._taken
        elif self._taken:
            found["empty"] = len(self._taken)
        self._readings.clear()
        self._taken = []
        return found

    def write(self, exchange: Exchange) -> None:
        """Records one exchange."""
        if self._run is None:
            return
        request, response = exchange.request, exchange.response
        self._learn(response)
        # Secrets are found in what is not compressed, and a part of a file does not say that it is.
        is_file, content = not request.operation, unpacked(response)[0]
        changed = coding_of(response) in GZIP or (is_file and len(content) > MAX_FILE)
        kept = self._beginning(content) if is_file else content
        # The length of the original body is wrong for a body without its secrets.
        true_length = response.header("content-length") == str(len(response.body))
        headers = tuple(
            (name, value)
            for name, value in response.headers
            if not (true_length and name.lower() == "content-length")
        )
        self._line(
            {
                **self._since(),
                "at": exchange.at,
                "method": request.method,
                "url": request.url,
                "operation": request.operation,
                "headers": request.headers,
                "body": self._text(request.body),
                "status": response.status,
                "answer_headers": headers,
                "answer": self._text(kept),
                "fault": response.fault,
                **({"starved": True} if response.starved else {}),
                **({"flaw": flaw_of(response, is_file=is_file)[1]} if changed else {}),
                "seconds": exchange.seconds,
            }
        )

    def _learn(self, response: Response) -> None:
        """Names the secrets, and a token that this very answer hands out."""
        if self._run is not None:
            for secret, name in placeholders(self._run.credentials).items():
                self._names.setdefault(secret, name)
            for value, (good, how) in self._run.credentials.derived.items():
                self._names.setdefault(value, f"{self._names.get(good, '{}')[:-1]}-{how}}}")
        value = read_kindly(unpacked(response)[0])
        token = value.get("token") if isinstance(value, dict) else None
        if isinstance(token, str) and token and token not in self._names:
            self._names[token] = f"{{fresh-token-{len(self._names)}}}"
        self._redactor.learn((), self._names)

    def _line(self, value: dict[str, Any]) -> None:
        self._redactor.learn((), self._names)
        if self._file is not None:
            self._file.write(self._redactor.whole(json.dumps(value, ensure_ascii=True)) + "\n")

    def close(self) -> None:
        """Ends the recording."""
        if self._file is not None:
            self._line({**self._since(), "end": True})
            self._file.close()

    def _beginning(self, file: bytes) -> bytes:
        """The part of a file that is kept; secrets are replaced before it is cut."""
        more = file[: 2 * MAX_FILE].decode("latin-1")
        return self._redactor.whole(more)[:MAX_FILE].encode("latin-1")

    def _text(self, body: bytes) -> str | dict[str, str]:
        """A body as JSON can hold it; what is not UTF-8 is searched before it is packed."""
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            plain = self._redactor.whole(body.decode("latin-1")).encode("latin-1")
            return {"base64": base64.b64encode(plain).decode()}
