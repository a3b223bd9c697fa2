"""A simulator of the AKOOL Face Swap API, for development and tests: no network, no credits.

    from akool_mock import MockServer

    with MockServer() as mock:
        ...  # mock.url, mock.api_key, mock.client_id; or mock.transport for httpx2 without a socket
        mock.advance(10)  # seconds of mock time: jobs are done, nobody slept

On the command line `akool-faceswap mock`, in pytest the fixture `akool_mock`. Unofficial; nothing
here calls the vendor.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akool_mock._contract.compiled import Contract
    from akool_mock._contract.file import contract_at
    from akool_mock._contract.samples import CannotAnswer, sample
    from akool_mock._control.client import Control
    from akool_mock._http import Request, Response
    from akool_mock._server.asgi import asgi_app
    from akool_mock._server.mock_server import MockServer, offline
    from akool_mock._server.run import serve
    from akool_mock._server.transports import AsyncTransport, SyncTransport
    from akool_mock._simulator import Simulator
    from akool_mock._world.clock import Clock
    from akool_mock._world.directives import DIRECTIVES, HEADER
    from akool_mock._world.faults import Rule
    from akool_mock._world.jobs import Status
    from akool_mock._world.settings import API_KEY, CLIENT_ID, MockError, Settings

_HOMES = {
    "API_KEY": "_world.settings",
    "AsyncTransport": "_server.transports",
    "CLIENT_ID": "_world.settings",
    "CannotAnswer": "_contract.samples",
    "Clock": "_world.clock",
    "Contract": "_contract.compiled",
    "Control": "_control.client",
    "DIRECTIVES": "_world.directives",
    "HEADER": "_world.directives",
    "MockError": "_world.settings",
    "MockServer": "_server.mock_server",
    "Request": "_http",
    "Response": "_http",
    "Rule": "_world.faults",
    "Settings": "_world.settings",
    "Simulator": "_simulator",
    "Status": "_world.jobs",
    "SyncTransport": "_server.transports",
    "asgi_app": "_server.asgi",
    "contract_at": "_contract.file",
    "offline": "_server.mock_server",
    "sample": "_contract.samples",
    "serve": "_server.run",
}

__all__ = [
    "API_KEY",
    "CLIENT_ID",
    "DIRECTIVES",
    "HEADER",
    "AsyncTransport",
    "CannotAnswer",
    "Clock",
    "Contract",
    "Control",
    "MockError",
    "MockServer",
    "Request",
    "Response",
    "Rule",
    "Settings",
    "Simulator",
    "Status",
    "SyncTransport",
    "asgi_app",
    "contract_at",
    "offline",
    "sample",
    "serve",
]


if not TYPE_CHECKING:  # a checker that sees it takes every misspelt name for granted

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
        # Lazy, because pytest loads our plugin in every run on the machine, and most of those need
        # nothing of this.
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
