"""uvicorn's HTTP protocol with a short way for plain requests.

A task, an event and two writes for each request cost more than the simulator itself. So a request
that is complete and gets a plain answer is answered where it is parsed; everything else (event
streams, delays, pictures, broken connections, pipelined or unusual requests) goes uvicorn's way
through ASGI. Nothing is decided here but which way: the simulator answers both.
"""

from __future__ import annotations

import logging
import socket
import struct
from functools import partial
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from akool_mock._asgi import ABORT, EVENTS, act_out
from akool_mock._http import JSON_HEADERS, Request, Response

if TYPE_CHECKING:
    import asyncio

    from httptools import HttpRequestParser
    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from akool_mock._simulator import Simulator

__all__ = ["Protocol"]

_LOGGER = logging.getLogger("akool_mock.server")
_LOGGER.addHandler(logging.NullHandler())
_SHORT_BYTES = 65_536
MAX_HEAD_BYTES = 1 << 20
"""Longest request line with headers that is kept; a list of 10,000 ids has a quarter of it."""
_HEAD_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)
_LINES = {
    status: STATUS_LINE[status]
    + b"content-type: "
    + JSON_HEADERS[0][1]
    + b"\r\ncontent-length: %d\r\n\r\n"
    for status in (200, 400)
}


class Protocol(HttpToolsProtocol):
    """One connection.

    Args:
        config: of uvicorn.
        state: of uvicorn; shared by all connections.
        sim: what answers.
        loop: the running loop.
    """

    parser: HttpRequestParser

    def __init__(
        self,
        config: Config,
        state: ServerState,
        sim: Simulator,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(config, state, {}, loop)
        # uvicorn's own logger would write to the terminal of whoever runs a test.
        self.logger = _LOGGER
        self._sim = sim
        self._short = False
        self._reading = False
        self._content = b""
        self._repeated: bytes | None = None
        self._request: Request | None = None
        self._messages = 0
        self._head_bytes: int | None = None

    def data_received(self, data: bytes) -> None:
        """Bytes came in; a poll is the same bytes again, and then they mean the same."""
        if data == self._repeated and self._request is not None and not self.flow.write_paused:
            self._reply(self._request)
            return
        self._repeated, self._request, self._messages = None, None, 0
        fresh = self._idle
        super().data_received(data)
        if self._head_bytes is not None:
            # Neither parser nor uvicorn bounds what has to be kept until the headers are complete.
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_HEAD_TOO_LONG)
                self.transport.close()
        if fresh and self._idle and self._messages == 1 and self._request is not None:
            self._repeated = data

    @property
    def _idle(self) -> bool:
        """Nothing of a request has been read that is not answered yet."""
        return not self._reading and (self.cycle is None or self.cycle.response_complete)

    def on_message_begin(self) -> None:
        """A request begins; uvicorn's own bookkeeping waits until it is needed."""
        self._reading = True
        self._head_bytes = 0
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._short = False
        self._content = b""

    def on_headers_complete(self) -> None:
        """Take the short way if nothing speaks against it."""
        self._head_bytes = None
        busy = self.cycle is not None and not self.cycle.response_complete
        if (
            busy
            or self.expect_100_continue
            or self.flow.write_paused
            or self.parser.should_upgrade()
            or not self.url.startswith(b"/")
            or b"%" in self.url
            or b"#" in self.url
            or self.parser.get_method() not in {b"GET", b"POST"}
        ):
            self._long_way()
        else:
            self._short = True

    def on_body(self, body: bytes) -> None:
        """Gather a small body; a large one goes the long way, where reading can be paused."""
        if not self._short:
            super().on_body(body)
        elif not self._content:
            self._content = body
        else:
            self._content += body
        if len(self._content) > _SHORT_BYTES:
            self._long_way()
            body, self._content = self._content, b""
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Answer at once, if the answer is plain."""
        self._reading = False
        self._messages += 1
        if not self._short:
            super().on_message_complete()
            return
        path, _, query = self.url.partition(b"?")
        request = Request(
            self.parser.get_method().decode(),
            path.decode("latin-1"),
            query=query,
            headers=self.headers,
            body=self._content,
        )
        if self.parser.should_keep_alive() and request.method == "GET":
            self._request = request
        self._reply(request)

    def _reply(self, request: Request) -> None:
        response = self._sim.handle(request)
        stream = request.path == EVENTS
        head = _LINES.get(response.status) if response.headers is JSON_HEADERS else None
        if head is not None and response.plain and not stream and self.parser.should_keep_alive():
            self.transport.write(head % len(response.body) + response.body)
            return
        self._request = None
        self._long_way(None if stream else partial(_answered, response))
        super().on_message_complete()

    def _long_way(self, app: Any = None) -> None:  # noqa: ANN401 - an ASGI application
        self._short = False
        url, headers, expected = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expected
        self.headers.extend(headers)
        self.scope["extensions"] = {ABORT: {"call": self._abort}}
        usual = self.app
        if app is not None:
            self.app = app
        super().on_headers_complete()
        self.app = usual

    def _abort(self, *, reset: bool) -> None:
        sock = self.transport.get_extra_info("socket")
        if reset and sock is not None:
            # Zero linger: closing sends RST, so the client sees a reset and not an orderly end.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if reset:
            self.transport.abort()
        else:
            self.transport.close()
        if self.cycle is not None:
            self.cycle.disconnected = True


async def _answered(response: Response, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401, ARG001 - ASGI
    """An ASGI application with one answer."""
    await act_out(response, scope, send)
