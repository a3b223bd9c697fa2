"""A child process that talks in lines: drained at once, and what matters becomes events.

Knows nothing of Prism but the shim's protocol (mock/prism/shim.cjs). Its stdin is its life line:
the child ends when that closes, which the kernel sees to when we are killed.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from akool_mock.prism._errors import PrismFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


LOG_LINES = 500
STOP_TIMEOUT_S = 3.0
REPLY_TIMEOUT_S = 15.0
MARK = "@prism "


class Child:
    """A started process.

    Args:
        command: program and arguments.
        environment: all of it.
        on_event: called in the reader's thread, in order, with each event that is no reply.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_event: Callable[[dict[str, Any]], None],
    ) -> None:
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self._on_event = on_event
        self._replies: dict[int, str | None] = {}
        self._ids = itertools.count(1)
        self._changed = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(  # noqa: S603 - Node with our shim
            list(command),
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            # A Ctrl-C in the terminal is for us; we close its stdin then.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="prism-output", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it still lives."""
        return self._process.poll() is None

    def wait_for(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Wait until an event has made a condition true.

        Raises:
            PrismFailed: the process ended before, or the time is up.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ended or condition(), timeout_s)
            if condition():
                return
        raise self.failure(f"it did not {what} within {timeout_s:g} s")

    def command(self, do: str, **arguments: str) -> str | None:
        """Have the shim do something and wait for its reply: an error, or None.

        Raises:
            PrismFailed: the process is gone or does not answer.
        """
        number = next(self._ids)
        line = json.dumps({"id": number, "do": do, **arguments})
        try:
            self._stdin.write(line + "\n")
            self._stdin.flush()
        except (OSError, ValueError):
            raise self.failure("it does not listen") from None
        self.wait_for(lambda: number in self._replies, REPLY_TIMEOUT_S, f"answer {do!r}")
        return self._replies.pop(number)

    def failure(self, fault: str) -> PrismFailed:
        """The error that says what is wrong, with the log."""
        # Its output may still be read when the process is gone already.
        if self._ended or self._process.poll() is not None:
            self._process.wait(STOP_TIMEOUT_S)
            fault = f"it ended with status {self._process.returncode}"
        return PrismFailed(f"Prism failed: {fault}", tuple(self.log))

    def join(self) -> PrismFailed:
        """Wait until it has ended; returns the error that says how."""
        self._reader.join()
        return self.failure("it ended")

    def stop(self) -> None:
        """End it, politely first; returns when it is gone. More than once does no harm."""
        with suppress(OSError, ValueError):
            self._stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
        self._reader.join(STOP_TIMEOUT_S)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()

    @property
    def _stdin(self) -> Any:  # noqa: ANN401 - a text pipe; typeshed knows it as optional
        return self._process.stdin

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _read(self) -> None:
        for line in self._process.stdout or ():
            text = line.rstrip("\n")
            if not (text.startswith(MARK) and self._event(text[len(MARK) :])):
                self.log.append(text)
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _event(self, text: str) -> bool:
        try:
            event = json.loads(text)
        except ValueError:
            return False
        with self._changed:
            if event["event"] == "reply":
                self._replies[event["id"]] = event["error"]
            else:
                self._tell(event)
            self._changed.notify_all()
        return True

    def _tell(self, event: dict[str, Any]) -> None:
        try:
            self._on_event(event)
        except Exception as error:  # noqa: BLE001 - somebody else's function must not stop the reader
            self.log.append(f"what was told of an event failed: {error!r}")
