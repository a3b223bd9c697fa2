"""The reference server on a real loopback socket, with an optional layer of defects in front."""

from __future__ import annotations

import gzip
import http.client
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self, cast
from urllib.parse import urlsplit

from akool_contract._wire.http import Request, Response
from akool_contract_proof.reference.core import Reference

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from akool_contract._wire.http import Upstream
    from akool_contract_proof.reference.variant import Variant

TICK_S = 0.01


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _owner(self) -> ReferenceServer:
        return cast("_Server", self.server).owner

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        url = self._owner.url + self.path
        headers = tuple((k, v) for k, v in self.headers.items())
        request = Request(self.command, url, headers, body)
        answer = self._owner.answer(request)
        if self._owner.reference.variant.gzip and "gzip" in str(request.header("accept-encoding")):
            packed = (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
            answer = replace(answer, body=gzip.compress(answer.body), headers=packed)
        if answer.fault:
            self.close_connection = True
            return
        self._write(answer)

    def _write(self, answer: Response) -> None:
        variant = self._owner.reference.variant
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if variant.close_connections:
            self.send_header("Connection", "close")
        if variant.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if self.command == "HEAD":
                return
            if answer.body:
                self.wfile.write(f"{len(answer.body):x}\r\n".encode() + answer.body + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
            return
        if not any(name.lower() == "content-length" for name, _ in answer.headers):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    # Without the last two http.server itself refuses what a defect should have seen.
    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - http.server's names
    do_HEAD = do_OPTIONS = _serve  # noqa: N815 - the same

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Silence: the suite's report is the log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    owner: ReferenceServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that closes the connection is no reason for a traceback."""


class ReferenceServer:
    """Context manager: `with ReferenceServer(variant) as server: server.url`."""

    def __init__(
        self,
        variant: Variant | None = None,
        *,
        layer: Callable[[Upstream], Upstream] | None = None,
        deliveries: Callable[[str, bytes, Callable[[str, bytes], int]], int] | None = None,
        credit: float = 1_000_000.0,
    ) -> None:
        self.reference = Reference(variant, credit=credit)
        self.answer: Upstream = layer(self.reference.handle) if layer else self.reference.handle
        self._deliveries = deliveries
        self._httpd = _Server(("127.0.0.1", 0), _Handler)
        self._httpd.owner = self
        self.url = f"http://127.0.0.1:{self._httpd.server_port}"
        self.reference.base = self.url
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._httpd.serve_forever, kwargs={"poll_interval": TICK_S}),
            threading.Thread(target=self._webhooks),
        ]

    def __enter__(self) -> Self:
        """Starts serving."""
        for thread in self._threads:
            thread.daemon = True
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops serving."""
        self._stop.set()
        self._httpd.shutdown()
        for thread in self._threads:
            thread.join()
        self._httpd.server_close()

    def _webhooks(self) -> None:
        retry: list[tuple[float, str, bytes]] = []
        while not self._stop.wait(TICK_S):
            now = self.reference.clock()
            due = [(url, body) for at, url, body in retry if at <= now]
            retry = [entry for entry in retry if entry[0] > now]
            for url, body in due + self.reference.due_webhooks():
                status = self._deliveries(url, body, post) if self._deliveries else post(url, body)
                if status not in (0, 200):
                    retry.append((now + self.reference.variant.webhook_retry_s, url, body))


def post(url: str, body: bytes) -> int:
    """Delivers one message; the receiver's HTTP status, or 0 when there was none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        return 0  # a generated request may name what is no address
    if host not in ("127.0.0.1", "localhost"):
        return 0
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path or "/", body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
