"""`akool-faceswap mock --engine prism|chain`: starts Prism, prints what it finds, stops it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from akool_mock.prism._errors import NO_NODE_NEEDED, PrismError, PrismFailed
from akool_mock.prism._prism import Prism

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from akool_mock.prism._violations import Exchange


class _Session:
    """One Prism while the command runs; prints each faulty exchange as it comes.

    Args:
        prism: not started yet.
        died: called, in a thread, when Prism ends by itself.
    """

    def __init__(self, prism: Prism, died: Callable[[], None]) -> None:
        self._prism = prism
        self._died = died
        self._started = False
        self._answers_broken = 0
        self._failure: PrismError | None = None
        self._ending = False
        prism.on_fault = self._tell

    def _tell(self, exchange: Exchange) -> None:
        self._answers_broken += bool(exchange.of("response").violations)
        print(exchange, file=sys.stderr, flush=True)  # noqa: T201 - what the command is for

    def start(self) -> None:
        """Start Prism. If it ends by itself, the command ends too.

        Raises:
            PrismError: it does not start; the message is one line.
        """
        try:
            self._prism.start()
        except PrismFailed as failure:
            raise PrismError(f"{failure.message}. {NO_NODE_NEEDED}") from failure
        self._started = True
        threading.Thread(target=self._watch, name="prism-watchdog", daemon=True).start()

    def _watch(self) -> None:
        with suppress(PrismError):  # it was stopped before this thread came to run
            failure = self._prism.join()
            if not self._ending:
                self._failure = PrismError(failure.message)
                self._died()

    def end(self) -> int:
        """Stop Prism; 1 if an answer that passed through it broke the contract.

        Raises:
            PrismError: it had ended by itself.
        """
        self._ending = True
        self._prism.stop()
        if self._failure is not None:
            raise self._failure
        if self._started and self._prism.mode == "proxy":
            seen, broken = self._prism.answers, self._answers_broken
            print(f"prism: {seen} answers, {broken} of them broke the contract", file=sys.stderr)  # noqa: T201 - same
        return int(self._answers_broken > 0)


def serve(
    contract: Path | None, upstream: str | None, host: str, port: int, say: Callable[[str], None]
) -> int:
    """Run Prism alone, or before a server that runs elsewhere, until SIGINT or SIGTERM.

    Returns:
        The exit code: 1 if an answer of the upstream broke the contract.

    Raises:
        PrismError: Prism cannot be used; the message is one line.
    """
    watched = contract is not None
    prism = Prism(contract, upstream=upstream, host=host, port=port, watch=watched)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    session = _Session(prism, over.set)
    try:
        session.start()
        does = "serves the contract" if upstream is None else f"judges what goes to {upstream}"
        say(f"Prism on {prism.url} {does}; end it with Ctrl-C")
        over.wait()
    finally:
        code = session.end()
    return code


def before(
    document: Mapping[str, Any],
    start: Callable[[Callable[[str], None]], None],
    host: str,
    port: int,
    say: Callable[[str], None],
) -> int:
    """Serve a simulator with Prism before it, until SIGINT or SIGTERM.

    Args:
        document: the contract.
        start: serves the simulator until a signal comes; says its address when it answers.
        host: address that Prism listens on.
        port: its port.
        say: gets Prism's address when both answer.

    Returns:
        The exit code: 1 if an answer of the simulator broke the contract.

    Raises:
        PrismError: Prism cannot be used; the message is one line.
    """
    session: _Session | None = None

    def ready(origin: str) -> None:
        nonlocal session
        prism = Prism(document, upstream=origin, host=host, port=port)
        session = _Session(prism, lambda: os.kill(os.getpid(), signal.SIGTERM))
        session.start()
        say(prism.url)

    code = 0
    try:
        start(ready)
    finally:
        if session is not None:
            code = session.end()
    return code
