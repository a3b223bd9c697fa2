"""`webhook listen|decode`: see what the vendor's deliveries say, without writing a receiver."""

from __future__ import annotations

import os
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path  # noqa: TC003 - Typer reads annotations
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from akool_faceswap._errors import ConfigurationError, WebhookError
from akool_faceswap.cli._exit import PROGRAM
from akool_faceswap.cli._output import table
from akool_faceswap.cli._problems import paragraph
from akool_faceswap.cli._session import Session, api, ending, start_offline
from akool_faceswap.webhooks import MAX_BODY_BYTES, unwrap, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_faceswap.webhooks import WebhookEvent

app = typer.Typer(
    name="webhook",
    add_completion=False,
    no_args_is_help=True,
    help="Receive or open webhook deliveries.",
)
READ_TIMEOUT_S = 10.0
"""A sender that is slower than this is cut off."""


def event_facts(event: WebhookEvent) -> dict[str, Any]:
    """What a delivery says."""
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
        bool, typer.Option("--fresh", help="Also demand that it is not older than five minutes.")
    ] = False,
) -> None:
    """Check and open one delivery; needs AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET."""
    with ending(session):
        read = _opener(session, tolerate_age=not fresh)
        facts = event_facts(read(_bytes(body)))
        session.output.answer(facts, table(facts))


@app.command()
@api
def listen(
    session: Session,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help="0 for any free port.")
    ] = 8787,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="Address to listen on; a tunnel needs only this machine's own."
        ),
    ] = "127.0.0.1",
    count: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="End after so many events.", show_default=False),
    ] = None,
) -> None:
    """Listen for deliveries and show each event; with --json one line for each.

    Give the vendor the address at which a tunnel publishes this port. An event is not a proof: who
    knows the clientId can sign one, so ask `results ID` before acting on it.
    """
    with ending(session):
        read = _opener(session, tolerate_age=False)
        try:
            server = _Receiver((host, port), session, read, count)
        except OSError as error:
            raise typer.BadParameter(f"cannot listen on {host}:{port}: {error}") from error
        with server:
            bound_host, bound_port = server.server_address[:2]
            session.output.note(f"Listening on http://{bound_host!s}:{bound_port}/, Ctrl-C ends.")
            session.resume = f"{PROGRAM} webhook listen --host {host} --port {bound_port}"
            while not server.done:
                server.handle_request()


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


class _Receiver(HTTPServer):
    """Takes deliveries until it has shown `count` events."""

    def __init__(
        self,
        address: tuple[str, int],
        session: Session,
        read: Callable[[bytes], WebhookEvent],
        count: int | None,
    ) -> None:
        super().__init__(address, _Handler)
        self._session = session
        self._read = read
        self._left = count

    def take(self, body: bytes) -> HTTPStatus:
        """Show one delivery; the status to answer with."""
        try:
            facts = event_facts(self._read(body))
        except WebhookError as error:
            self._session.output.note(f"{PROGRAM}: dropped a delivery: {paragraph(error)}")
            return HTTPStatus.BAD_REQUEST
        self._session.output.answer(facts, f"{table(facts)}\n")
        if self._left is not None:
            self._left -= 1
        return HTTPStatus.OK

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base class's signature
        """A sender that hung up is not worth a traceback."""
        self._session.output.note(f"{PROGRAM}: a delivery broke off: {sys.exc_info()[1]}")

    @property
    def done(self) -> bool:
        """Whether all wanted events were shown."""
        return self._left is not None and self._left <= 0


class _Handler(BaseHTTPRequestHandler):
    """One request of the vendor."""

    timeout = READ_TIMEOUT_S
    server_version = PROGRAM
    sys_version = ""

    def do_POST(self) -> None:
        """Take a delivery. Anything but 200 makes the vendor send it again."""
        length = self.headers.get("content-length", "")
        if not length.isascii() or not length.isdecimal() or int(length[:12]) > MAX_BODY_BYTES:
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        receiver = cast("_Receiver", self.server)
        self._answer(receiver.take(self.rfile.read(int(length))))

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.send_header("connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: what matters is shown by `take`."""
