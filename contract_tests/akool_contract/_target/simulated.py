"""The simulator as a target: in process, on a clock that only `wait` moves."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from akool_contract._target.mailbox import Mailbox
from akool_contract._target.target import Capabilities
from akool_contract._wire.http import Response
from akool_contract.oracle.credentials import Credentials
from akool_mock import Clock, Settings, Simulator
from akool_mock import Request as MockRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from akool_contract._wire.http import Request, Upstream

PLENTY, NEARLY_EMPTY = 1_000_000.0, 45.0
START = 1_767_225_600.0
"""Mock time at the start (2026-01-01): fixed, so that a seed repeats a run to the byte."""
BASE = "http://akool-mock.localhost"


class SimulatorTarget:
    """A simulator with four accounts: the main one, a second, a nearly empty and a banned one."""

    concurrent = False

    def __init__(
        self,
        contract: Mapping[str, Any] | None = None,
        *,
        settings: Settings | None = None,
        seed: int = 0,
    ) -> None:
        self.clock = Clock(start=START, frozen=True)
        self.simulator = Simulator(
            contract,
            settings=settings or Settings(credits=PLENTY, faces=3),
            clock=self.clock,
            seed=seed,
        )
        self.simulator.origin = BASE
        self.mailbox = Mailbox(base="http://127.0.0.1:9", clock=self.now)
        self.simulator.receiver = self.mailbox.deliver
        self.upstream: Upstream = self._handle
        """What answers; defects are put in front of it here."""
        self.name, self.base_url = "simulator", BASE
        self.credentials = self._accounts()
        self.capabilities = Capabilities(clock=True, cheap=True)
        self.capabilities.allow_all()

    def _accounts(self) -> Credentials:
        accounts = self.simulator.accounts
        first = accounts.first
        known = Credentials(client_id=first.client_id, client_secret=first.api_key)
        known.keys[first.api_key] = "main"
        kind = type(first)
        for number, name in enumerate(("second", "empty", "banned"), 1):
            # No words in it: a text that looks like a key is masked everywhere.
            key = sha256(f"contract suite {name}".encode()).hexdigest()[:32]
            account = kind(f"contract-suite-{number}".ljust(24, "="), key, PLENTY)
            if name == "empty":
                account.credits = NEARLY_EMPTY
            accounts.add(account)
            if name == "banned":
                account.banned = True
                known.banned.add(key)
            else:
                known.keys[key] = name
        return known

    def send(self, request: Request) -> Response:
        """Passes one request to the simulator; the answer takes only mock time."""
        start = self.now()
        response = self.upstream(request)
        return replace(response, seconds=self.now() - start)

    def _handle(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        answer = self.simulator.handle(
            MockRequest(
                request.method,
                unquote(parts.path) or "/",
                query=parts.query.encode("latin-1", "replace"),
                headers=[
                    (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
                    for name, value in (*request.headers, ("host", parts.netloc))
                ],
                body=request.body,
                origin=BASE,
            )
        )
        if self.simulator.outbox.next_due is not None:
            self.simulator.courier.pump()
        if answer.reset:
            return Response(0, fault="connection reset")
        body = answer.content()
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in answer.headers)
        return Response(answer.status, headers, body[: answer.cut])

    def close(self) -> None:
        """Nothing to close."""

    def now(self) -> float:
        """Mock time."""
        return self.clock.time()

    def wait(self, seconds: float) -> None:
        """Moves the simulator's clock, and delivers the webhooks that fall due."""
        self.simulator.advance(seconds)
