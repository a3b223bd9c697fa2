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

from akool_mock._http import JSON_HEADERS, Request, Response
from akool_mock._server.acting import ABORT, EVENTS, act_out
from akool_mock._server.heads import END
from akool_mock._server.uvicorn_parts import STATUS_LINE, HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

    from httptools import HttpRequestParser

    from akool_mock._server.heads import Heads
    from akool_mock._server.uvicorn_parts import Config, ServerState
    from akool_mock._service import Service


_LOGGER = logging.getLogger("akool_mock.server")
_LOGGER.addHandler(logging.NullHandler())
_SHORT_BYTES = 65_536
_EVENTS = EVENTS.encode()
MAX_HEAD_BYTES = 1 << 20
"""Longest request line with headers, line of a chunk, or trailers that are gathered; a list of
10,000 ids has a quarter of it."""
_TOO_LONG = (
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
        heads: requests that any connection of this server has parsed.
        loop: the running loop.
    """

    parser: HttpRequestParser

    def __init__(
        self,
        config: Config,
        state: ServerState,
        sim: Service,
        heads: Heads,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(config, state, {}, loop)
        # uvicorn's own logger would write to the terminal of whoever runs a test.
        self.logger = _LOGGER
        self._sim = sim
        self._heads = heads
        self._short = False
        self._reading = False
        self._content = b""
        # What came while nothing was being read: a request begins with its first byte.
        self._begin = b""
        # The same, of a request whose head is known and whose body is not complete.
        self._partial = b""
        # The answer to a request that is parsed only because the answer is not a plain one.
        self._answer: Response | None = None
        self._in_head = False
        # What came since the parser last handed something on: it gathers until a line is complete.
        self._gathered = 0
        self._heard = loop.time()

    def data_received(self, data: bytes) -> None:
        """Bytes came in: a request with the head of an earlier one need not be parsed."""
        self._heard = self.loop.time()
        if self._partial:
            data, self._partial = self._partial + data, b""
        if (
            not self._reading
            and not self.flow.write_paused
            and (self.cycle is None or self.cycle.response_complete)
        ):
            if self._known(data):
                return
            self._begin = data
        self._gathered += len(data)
        super().data_received(data)
        self._answer = None
        # Neither parser nor uvicorn bounds it.
        if self._reading and self._gathered > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def _known(self, data: bytes) -> bool:
        """Whether this was, or may become, a request with a known head and a plain answer."""
        end = data.find(END) + len(END)
        known = self._heads.known.get(data[:end])
        if known is None:
            return False
        request, length = known
        missing = length - len(data) + end
        if missing > 0:
            self._partial = data
            return True
        if missing < 0:
            return False
        self._answer = self._sim.handle(request.again(data[end:]))
        line = _line_of(self._answer)
        if line is None:
            return False
        self.transport.write(line + self._answer.body)
        self._answer = None
        return True

    def close_if_silent(self, limit_s: float) -> None:
        """Close the connection if the client has been silent for longer than that."""
        ours = self.cycle is not None and not self.cycle.response_complete
        if ours and not self.cycle.more_body:
            return
        if self.loop.time() - self._heard > limit_s:
            self.transport.close()

    def on_response_complete(self) -> None:
        """An answer is out: from now on the client is silent."""
        super().on_response_complete()
        self._heard = self.loop.time()

    def timeout_keep_alive_handler(self) -> None:
        """Does nothing: uvicorn's timer does not know answers that took the short way."""

    def on_message_begin(self) -> None:
        """A request begins; uvicorn's own bookkeeping waits until it is needed."""
        self._reading = self._in_head = True
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._short = False
        self._content = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers behind the body are ignored."""
        if self._in_head:
            super().on_header(name, value)

    def on_chunk_header(self) -> None:
        """The line before a chunk is over, with whatever extensions it had."""
        self._gathered = 0

    def on_headers_complete(self) -> None:
        """Take the short way if nothing speaks against it."""
        self._in_head = False
        self._gathered = 0
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
        self._gathered = 0
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
        self._gathered = 0
        begin, self._begin = self._begin, b""
        if not self._short:
            super().on_message_complete()
            return
        path, _, query = self.url.partition(b"?")
        if path == _EVENTS:
            self._long_way()
            super().on_message_complete()
            return
        request = Request(
            self.parser.get_method().decode(),
            path.decode("latin-1"),
            query=query,
            headers=self.headers,
            body=self._content,
            secure=self.scheme == "https",
            peer=self.client[0] if self.client else "",
        )
        response, self._answer = self._answer or self._sim.handle(request), None
        keep = self.parser.should_keep_alive()
        if keep and begin:
            self._heads.learn(begin, request)
        line = _line_of(response)
        if line is not None and keep:
            self.transport.write(line + response.body)
            return
        self._long_way(partial(_answered, response))
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


def _line_of(response: Response) -> bytes | None:
    """Status line and headers of a plain answer; None if there is more to it."""
    if response.headers is not JSON_HEADERS or not response.plain:
        return None
    line = _LINES.get(response.status)
    return None if line is None else line % len(response.body)


async def _answered(response: Response, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401, ARG001 - ASGI
    """An ASGI application with one answer."""
    await act_out(response, scope, send)
