"""`Prism`: prism-cli as a child process that starts, reloads and ends when it is told to."""

from __future__ import annotations

import re
import threading
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from akool_mock.prism._contract import as_json
from akool_mock.prism._errors import ContractRefused, ContractViolated, PrismError, PrismFailed
from akool_mock.prism._install import SHIM, install
from akool_mock.prism._node import child_environment, find_node
from akool_mock.prism._process import Child
from akool_mock.prism._violations import Exchange, Side, Violation, violation
from akool_mock.prism._watch import FileWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self


EXCHANGES = 10_000
"""Faulty exchanges that are kept; beyond it the oldest go, but `faults` counts on."""

LAST_WORDS = re.compile(r"\w*Error: (.+)")
SERVER_ERROR = 500
START_TIMEOUT_S = 60.0
RELOAD_TIMEOUT_S = 30.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what such a server is reached by


class Prism:
    """Prism: serves a contract by itself (mode `mock`) or checks an upstream's traffic (`proxy`).

    In mode `proxy` everything is forwarded, faulty or not, and each exchange is checked.
    `exchanges()` returns the faults, `check()` raises. Some things count that Prism alone would let
    pass: a status that the contract does not have, a redirect, and a 501, for which Prism would
    make up an answer.

    Use it as a context manager, which starts and stops it. If your process is killed, Prism ends
    too. You may use one Prism from several threads, but stop it in one.

    Args:
        contract: an OpenAPI document, or a path to one; None: the merged contract.
        upstream: address of the server to check, which sets the mode to `proxy`. All operations go
            there, even if the contract names other servers.
        host: address to listen on.
        port: port to listen on; 0: a free one, which a reload keeps.
        watch: reload when the contract's file changes. `contract` must be a path.

    Raises:
        PrismError: the arguments do not work together.
    """

    def __init__(
        self,
        contract: Mapping[str, Any] | Path | None = None,
        *,
        upstream: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        watch: bool = False,
    ) -> None:
        if upstream is not None:
            _check_upstream(upstream)
        if watch and not isinstance(contract, Path):
            raise PrismError("to watch a contract, give its path")
        self._contract = contract
        self._upstream = upstream
        self._where = (host, port)
        self._watch = (
            FileWatch(contract, self.reload) if watch and isinstance(contract, Path) else None
        )
        self._folder: TemporaryDirectory[str] | None = None
        self._child: Child | None = None
        self._bound: tuple[str, int] | None = None
        self._starts = 0
        self._refused = ""
        self._reloading = threading.Lock()
        self._exchanges: deque[Exchange] = deque(maxlen=EXCHANGES)
        self.on_fault: Callable[[Exchange], None] = lambda _: None
        """Called with each faulty exchange as it is seen; it must not ask this Prism anything."""
        self.answers = 0
        """Answers that went through the proxy; exact after `exchanges()`."""
        self.faults = 0
        """Those of them that had a violation."""

    @property
    def mode(self) -> Literal["mock", "proxy"]:
        """`mock` if it serves the contract by itself, `proxy` if it checks an upstream."""
        return "mock" if self._upstream is None else "proxy"

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end.

        Raises:
            PrismError: it is not started.
        """
        if self._bound is None:
            raise PrismError("Prism is not started: call start() or use it in a `with` statement")
        host, port = self._bound
        host = ANYWHERE.get(host, host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def pid(self) -> int:
        """Process id of Node.

        Raises:
            PrismError: it is not started.
        """
        return self._running().pid

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that Prism wrote. It is silent, so this is mostly its last error."""
        return () if self._child is None else tuple(self._child.log)

    def start(self) -> Self:
        """Start it, and return when it answers requests. Installs prism-cli the first time.

        Raises:
            NodeMissing: there is no Node.js that is new enough.
            InstallFailed: prism-cli could not be installed.
            ContractRefused: Prism cannot serve this contract.
            PrismFailed: it did not start, for instance because the port is taken.
        """
        if self._child is not None:
            raise PrismError("Prism is started already")
        text = as_json(self._contract)
        node = find_node()
        script = install(node)
        self._folder = TemporaryDirectory(prefix="akool-prism-")
        self._served.write_text(text, encoding="utf-8")
        command = [str(node.path), "--require", str(SHIM), str(script), *self._arguments()]
        try:
            self._child = Child(command, child_environment(), self._on_event)
            self._await_start(self._child)
        except BaseException:
            self.stop()
            raise
        if self._watch is not None:
            self._watch.start()
        return self

    def stop(self) -> None:
        """Stop it, and return when the process is gone. You may call this more than once."""
        if self._watch is not None:
            self._watch.stop()
        child, self._child, self._bound = self._child, None, None
        if child is not None:
            child.stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self._starts, self._refused = 0, ""

    def join(self) -> PrismFailed:
        """Wait until the process has ended, by itself or by `stop`. Returns the error.

        Raises:
            PrismError: it is not started.
        """
        return self._running().join()

    def reload(self, contract: Mapping[str, Any] | Path) -> None:
        """Serve another contract at the same address, and return when it is served.

        The new contract is validated first, because a broken one kills Prism. For a moment, while
        Prism changes over, connections are refused.

        Raises:
            ContractRefused: Prism cannot serve it, and still serves the old one.
            PrismFailed: Prism is gone.
        """
        child, text = self._running(), as_json(contract)
        with self._reloading:
            if text == self._served.read_text(encoding="utf-8"):
                return
            candidate = self._served.with_name("candidate.json")
            candidate.write_text(text, encoding="utf-8")
            self._validate(candidate)
            starts = self._starts
            # In place: Prism watches this very file, and reads it when it has been quiet for half a
            # second.
            self._served.write_text(text, encoding="utf-8")
            child.wait_for(lambda: self._starts > starts, RELOAD_TIMEOUT_S, "reload")

    def exchanges(self, side: Side | None = None) -> tuple[Exchange, ...]:
        """The faulty exchanges since the last check, in order; on request only those of one side.

        Includes every exchange that was answered before this call.

        Raises:
            PrismError: the mode is not `proxy`, or it is not started.
        """
        self._catch_up()
        return _faulty(tuple(self._exchanges), side)

    def check(self, side: Side | None = None) -> None:
        """Fail if the contract was broken since the last check.

        Args:
            side: count only faults of requests, or only those of answers; for tests that send
                faulty requests.

        Raises:
            ContractViolated: with every faulty exchange.
            PrismError: the mode is not `proxy`, or it is not started.
        """
        self._catch_up()
        # What comes in meanwhile stays for the next check.
        seen = [self._exchanges.popleft() for _ in range(len(self._exchanges))]
        faulty = _faulty(seen, side)
        if faulty:
            raise ContractViolated(faulty)

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    @property
    def _served(self) -> Path:
        if self._folder is None:
            raise PrismError("Prism is not started: call start() or use it in a `with` statement")
        return Path(self._folder.name) / "contract.json"

    def _running(self) -> Child:
        if self._child is None:
            raise PrismError("Prism is not started: call start() or use it in a `with` statement")
        return self._child

    def _catch_up(self) -> None:
        if self.mode != "proxy":
            raise PrismError("only mode `proxy` checks exchanges: give an upstream")
        self._running().command("ping")

    def _arguments(self) -> list[str]:
        host, port = self._where
        upstream = [] if self._upstream is None else [self._upstream]
        shared = ["--host", host, "--port", str(port), "--cors=false", "-v", "silent"]
        return [self.mode, str(self._served), *upstream, *shared]

    def _await_start(self, child: Child) -> None:
        try:
            child.wait_for(lambda: bool(self._starts or self._refused), START_TIMEOUT_S, "start")
        except PrismFailed as failure:
            # A contract that it cannot serve is what ends it here; its last words say why.
            said = [match[1] for line in failure.log if (match := LAST_WORDS.match(line))]
            if not said or said[-1].startswith("Cannot find module"):
                raise
            raise _refusal(said[-1], self._served) from failure
        if self._refused:
            raise PrismFailed(f"Prism cannot listen: {self._refused}", self.log)

    def _validate(self, file: Path) -> None:
        fault = self._running().command("check", file=str(file))
        if fault is not None:
            raise _refusal(fault, file)

    def _on_event(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "listening":
                self._bound = (event["host"], event["port"])
                self._starts += 1
            case "refused":
                self._refused = event["message"]
            case "answer":
                self._judge(event)

    def _judge(self, event: dict[str, Any]) -> None:
        self.answers += 1
        violations = tuple(violation(entry) for entry in event["violations"])
        if event["own"] is not None:
            side: Side = "request" if event["status"] < SERVER_ERROR else "response"
            unusable = Violation(side, (), "unusable", f"not forwarded: {event['own']}")
            violations = (*violations, unusable)
        if violations:
            self.faults += 1
            exchange = Exchange(event["method"], event["path"], event["status"], violations)
            self._exchanges.append(exchange)
            self.on_fault(exchange)


def _faulty(exchanges: Sequence[Exchange], side: Side | None) -> tuple[Exchange, ...]:
    kept = (exchange.of(side) for exchange in exchanges)
    return tuple(exchange for exchange in kept if exchange.violations)


def _refusal(fault: str, file: Path) -> ContractRefused:
    reason = fault.replace(str(file), "it").replace("\n", " ")
    return ContractRefused(f"Prism cannot serve this contract: {reason}")


def _check_upstream(upstream: str) -> None:
    parts = urlsplit(upstream)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PrismError("an upstream is an http or https address")
    if parts.username or parts.password:
        raise PrismError("an upstream's address carries no credentials: send them as headers")
