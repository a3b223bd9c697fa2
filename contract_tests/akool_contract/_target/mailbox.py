"""Receives webhooks: in process, or on a socket that the target can reach."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BODY = 1024 * 1024
OK = 200
REFUSALS = (500, 201, 302, 401)
"""Status with which a receiver refuses a webhook: any but 200 does."""
REFUSING = re.compile(r"/refuse/(\d{3})/")
TURNS = 4


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came. `answered` is the HTTP status that we gave."""

    path: str
    headers: dict[str, str]
    body: bytes
    answered: int
    at: float = 0.0
    """When it came, in seconds since the epoch by the mailbox's clock."""
    opened: dict[str, Any] | None = None
    """What a recording says of the message: `message`, or the `problem` with it."""


@dataclass
class Mailbox:
    """Addresses to hand out as webhookUrl, and what arrived at them.

    A path that starts with `/refuse/STATUS/` is answered so the first and the third time, and 200
    otherwise: with one retry each, a job's message on its way and that at its end are both refused.
    """

    base: str = "http://127.0.0.1:9"
    clock: Callable[[], float] = time.time
    waiting: list[Delivery] = field(default_factory=list)
    _refusing: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _handed: Counter[str] = field(default_factory=Counter)

    def url(self, tag: str, *, refuse: int = 0) -> str:
        """A fresh address; `refuse`: the HTTP status that it refuses some of its messages with."""
        self._handed[tag] += 1
        prefix = f"/refuse/{refuse}/" if refuse else "/hook/"
        # The query is part of a URL: a sender that drops it calls another one.
        return f"{self.base}{prefix}{tag}-{self._handed[tag]}?to={tag}&no={self._handed[tag]}"

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Takes one message; the HTTP status to answer."""
        with self._lock:
            answer = OK
            refusing = REFUSING.match(path)
            if refusing:
                self._refusing[path] += 1
                turn = self._refusing[path]
                answer = int(refusing[1]) if turn < TURNS and turn % 2 else OK
            self.waiting.append(Delivery(path, headers, body, answer, self.clock()))
            return answer

    def deliver(self, url: str, body: bytes) -> int:
        """For a simulator in process: takes what it would send."""
        if not url.startswith(f"{self.base}/"):
            return OK  # a generated URL that is not ours: nothing listens there
        return self.receive(url.removeprefix(self.base), {"content-type": "application/json"}, body)

    def take(self) -> list[Delivery]:
        """Everything that came since the last call."""
        with self._lock:
            taken, self.waiting = self.waiting, []
            return taken

    def close(self) -> None:
        """Nothing to close in process."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Takes one message."""
        try:
            length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY)
        except ValueError:
            length = 0
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = cast("_Server", self.server).mailbox.receive(self.path, headers, body)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Silence: the report is the log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    """Many jobs end at once. A connection that finds no room is lost, and its message is late."""
    mailbox: Mailbox

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that closes the connection is not our fault."""


class Listener(Mailbox):
    """A mailbox on a socket; `host` is loopback unless the person names another."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, public: str = "") -> None:
        self._httpd = _Server((host, port), _Handler)
        self._httpd.mailbox = self
        shown = "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104 - only compared
        super().__init__(public or f"http://{shown}:{self._httpd.server_port}")
        self._thread = threading.Thread(
            target=self._httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stops listening."""
        self._httpd.shutdown()
        self._thread.join()
        self._httpd.server_close()
