"""Runs a program as a shell would: signals reach it, and its exit code becomes ours.

Ctrl-C reaches a program from the terminal itself, which sends it to everything in the foreground;
only what another process sends to us alone is passed on. The program ends when we do, however we
end, where the system has a way for that.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1,
             signal.SIGUSR2)  # fmt: skip
"""Signals that are passed on to the program."""
_WAITED_FOR = {*PASSED_ON, signal.SIGCHLD}
_SIGNALLED = 128
"""What a shell adds to the number of the signal that ended a program."""
_PR_SET_PDEATHSIG = 1


def supervise(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    pass_fds: Sequence[int] = (),
    started: Callable[[subprocess.Popen[bytes]], None] | None = None,
    pass_on: Callable[[subprocess.Popen[bytes], int], None] | None = None,
) -> int:
    """Run a command to its end; returns the exit code that a shell would report.

    Args:
        command: program and arguments.
        environment: its environment; ours if None.
        pass_fds: files that it inherits.
        started: called with it when it runs.
        pass_on: how to send it a signal; default: `send_signal`.

    Raises:
        MockError: it could not be started.
    """
    send = pass_on or (lambda child, number: child.send_signal(number))
    with held_back(), _drained():
        try:
            child = subprocess.Popen(  # noqa: S603 - the user's own command
                list(command),
                env=None if environment is None else dict(environment),
                pass_fds=pass_fds,
                preexec_fn=_before_exec,  # noqa: PLW1509 - the mask must be as it was, and it must end with us
            )
        except OSError as error:
            raise MockError(f"cannot run {command[0]}: {error.strerror or error}") from None
        if started is not None:
            started(child)
        while True:
            status = _reap(child.pid)
            if status is not None:
                child.returncode = status
                return status if status >= 0 else _SIGNALLED - status
            told = signal.sigwaitinfo(_WAITED_FOR)
            # A signal of the kernel comes from the terminal, which sends it to the program too.
            if told.si_signo != signal.SIGCHLD and told.si_code <= 0:
                with contextlib.suppress(ProcessLookupError):
                    send(child, told.si_signo)


def _reap(pid: int) -> int | None:
    """Collect all that ended, as the first process of a network must; the exit code of `pid`."""
    found = None
    with contextlib.suppress(ChildProcessError):
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if not ended:
                break
            if ended == pid:
                found = os.waitstatus_to_exitcode(status)
    return found


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Block the signals that the main thread waits for.

    Threads that start in here inherit that. Else one of them could take a signal while the main
    thread is not waiting for one.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _drained() -> Iterator[None]:
    """Discard signals that came after the end of the program."""
    try:
        yield
    finally:
        while signal.sigtimedwait(_WAITED_FOR, 0):
            pass


def _before_exec() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITED_FOR)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
