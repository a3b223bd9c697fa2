"""`webhook listen|decode`: see what the vendor's deliveries say, without writing a receiver."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from http import HTTPStatus
from pathlib import Path  # noqa: TC003 - Typer reads annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from akool_faceswap._errors import ConfigurationError, WebhookError
from akool_faceswap.cli._exit import PROGRAM
from akool_faceswap.cli._output import OutputClosed, table
from akool_faceswap.cli._problems import paragraph
from akool_faceswap.cli._session import Session, api, ending, start_offline, terminable
from akool_faceswap.webhooks import MAX_BODY_BYTES, unwrap, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from uvicorn import Server

    from akool_faceswap.webhooks import WebhookEvent

app = typer.Typer(
    name="webhook",
    add_completion=False,
    no_args_is_help=True,
    help="Receive or open webhooks.",
)
DEADLINE_S = 10.0
"""A request that is not over by then, from its first byte to the answer, is cut off."""
CONNECTIONS = 200
"""Most at once; the vendor comes back to those that are turned away."""
MAX_HEAD_BYTES = 1 << 14


def event_facts(event: WebhookEvent) -> dict[str, Any]:
    """What the webhook says."""
    return {
        "id": event.id,
        "status": event.status.name,
        "type": event.type,
        "url": event.url,
        "deduction_credit": event.deduction_credit,
        "timestamp_ms": event.timestamp_ms,
        "nonce": event.nonce,
    }


@app.command()
@api
def decode(
    session: Session,
    body: Annotated[
        Path, typer.Argument(metavar="FILE", help="File with the raw request body; - for stdin.")
    ],
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Refuse a webhook that is older than five minutes.")
    ] = False,
) -> None:
    """Check and open one webhook. Needs AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET."""
    with ending(session):
        read = _opener(session, tolerate_age=not fresh)
        facts = event_facts(read(_bytes(body)))
        session.output.answer(facts, table(facts))


@app.command()
@api
def listen(
    session: Session,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help="Port to listen on; 0: any free one.")
    ] = 8787,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="Address to listen on. For a tunnel, the default is enough."
        ),
    ] = "127.0.0.1",
    count: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Stop after N events.", show_default=False),
    ] = None,
) -> None:
    """Listen for webhooks and show each event. With --json, print one line for each.

    Give the vendor the address of a tunnel that leads to this port. An event proves nothing,
    because anyone who knows the clientId can sign one. Ask `results ID` before you act on it.
    """
    with ending(session):
        read = _opener(session, tolerate_age=False)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listening = socket.create_server((host, port), family=family)
        except OSError as error:
            raise typer.BadParameter(f"cannot listen on {host}:{port}: {error}") from error
        bound_host, bound_port = listening.getsockname()[:2]
        shown = f"[{bound_host}]" if ":" in bound_host else bound_host
        session.resume = f"{PROGRAM} webhook listen --host {host} --port {bound_port}"

        async def main() -> None:
            with terminable():
                session.output.note(f"Listening on http://{shown}:{bound_port}/, stop with Ctrl-C.")
                await _Receiver(session, read, count).serve(listening)

        with listening:
            asyncio.run(main())


def _opener(session: Session, *, tolerate_age: bool) -> Callable[[bytes], WebhookEvent]:
    """A function that opens deliveries with the credentials of the environment.

    Raises:
        ConfigurationError: There are none.
    """
    if session.mock:
        offline = start_offline()
        client_id, secret = offline.client_id, offline.client_secret
        offline.close()
    else:
        client_id = os.environ.get("AKOOL_CLIENT_ID", "")
        secret = os.environ.get("AKOOL_CLIENT_SECRET") or os.environ.get("AKOOL_API_KEY", "")
    if not client_id or not secret:
        raise ConfigurationError(
            "Deliveries are opened with AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET (the API key); set "
            "both"
        )
    # Say now, not at the first delivery, that the secret cannot be a key or a library is missing.
    wrap({}, client_id=client_id, client_secret=secret, timestamp_ms=0, nonce="")
    options: dict[str, Any] = {"tolerance_ms": None} if tolerate_age else {}
    return lambda body: unwrap(body, client_id=client_id, client_secret=secret, **options)


def _bytes(path: Path) -> bytes:
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(MAX_BODY_BYTES + 1)
        with path.open("rb") as file:
            return file.read(MAX_BODY_BYTES + 1)
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}") from error


class _Receiver:
    """Takes deliveries until it has shown `count` events: an ASGI application and its server.

    It stands behind public tunnels, so a request is bounded in bytes and time, many are served at
    once, and one that is slow holds up nobody.
    """

    def __init__(
        self, session: Session, read: Callable[[bytes], WebhookEvent], count: int | None
    ) -> None:
        self._session = session
        self._read = read
        self._left = count
        self._nobody_reads: OutputClosed | None = None
        self._server: Server | None = None

    async def serve(self, listening: socket.socket, deadline_s: float = DEADLINE_S) -> None:
        """Answer until all wanted events were shown.

        Raises:
            OutputClosed: They cannot be shown any more.
        """
        import uvicorn  # noqa: PLC0415 - an extra

        config = uvicorn.Config(
            self._application, http="h11", ws="none", lifespan="off", interface="asgi3",
            log_config=None, log_level="critical", access_log=False, server_header=False,
            limit_concurrency=CONNECTIONS, timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        )  # fmt: skip
        config.load()
        config.http_protocol_class = _hurried(config.http_protocol_class, deadline_s)
        self._server = uvicorn.Server(config)
        await self._server.serve(sockets=[listening])
        if self._nobody_reads is not None:
            raise self._nobody_reads

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        if scope["method"] == "POST":
            body = await _whole_body(receive)
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if body is None else self._take(body)
        else:
            status = HTTPStatus.METHOD_NOT_ALLOWED
        headers = [(b"content-length", b"0"), (b"connection", b"close"), (b"allow", b"POST")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _take(self, body: bytes) -> HTTPStatus:
        """Show one delivery; the status to answer with. But for 200 the vendor sends it again."""
        if self._left == 0 or self._nobody_reads is not None:
            return HTTPStatus.SERVICE_UNAVAILABLE
        try:
            facts = event_facts(self._read(body))
        except WebhookError as error:
            self._session.output.note(f"{PROGRAM}: dropped a delivery: {paragraph(error)}")
            return HTTPStatus.BAD_REQUEST
        try:
            self._session.output.answer(facts, f"{table(facts)}\n")
        except OutputClosed as error:
            self._nobody_reads = error
            self._end()
            return HTTPStatus.SERVICE_UNAVAILABLE
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self._end()
        return HTTPStatus.OK

    def _end(self) -> None:
        if self._server is not None:
            self._server.should_exit = True


async def _whole_body(receive: Any) -> bytes | None:  # noqa: ANN401 - ASGI
    """The body, or None if it is longer than allowed; the announced length does not count."""
    body = b""
    while True:
        message = await receive()
        piece: bytes = message.get("body", b"")
        body += piece
        if len(body) > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return body


def _hurried(protocol: Any, deadline_s: float) -> Any:  # noqa: ANN401 - the server library's
    """The protocol of a connection that is cut off at its deadline: one request, head and all."""

    class Hurried(protocol):  # type: ignore[misc]  # known at run time only
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(deadline_s, transport.abort)

        def connection_lost(self, exc: Exception | None) -> None:
            self._deadline.cancel()
            super().connection_lost(exc)

    return Hurried
