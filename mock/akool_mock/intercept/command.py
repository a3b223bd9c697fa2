"""`akool-faceswap mock run -- COMMAND`: a program that cannot be told an address, offline.

Where the system lets us, the program runs in a private network from which nothing leads out, with
the simulator in it; elsewhere a proxy and its environment lead it there.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akool_mock._contract.file import contract_at
from akool_mock._world.settings import MockError, Settings
from akool_mock.intercept import network
from akool_mock.intercept.authority import Authority
from akool_mock.intercept.environment import Credentials, environment
from akool_mock.intercept.hosts import hosts_of
from akool_mock.intercept.serving import serving
from akool_mock.intercept.summary import summary
from akool_mock.intercept.supervise import supervise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from akool_mock._simulator import Simulator

__all__ = ["Order", "inside", "run_program"]

_WEB_PORTS = (80, 443)
_EMPTY_FOLDERS = ("/media", "/srv", "/mnt", "/opt")
"""Folders that most systems have and leave empty: in a private network one of them is ours."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to run, and against what.

    Attributes:
        command: program and arguments.
        settings: changes of the simulator's settings, by name.
        contract: path of another contract's JSON; None for ours.
        allowed: hosts outside the contract that may be reached.
        seed: the simulator's.
        user: who asked, as user and group id.
    """

    command: Sequence[str]
    settings: dict[str, Any] = field(default_factory=dict)
    contract: str | None = None
    allowed: Sequence[str] = ()
    seed: int = 0
    user: tuple[int, int] = (0, 0)


def run_program(order: Order, *, private: bool | None = None) -> int:
    """Run the program to its end; its exit code.

    Args:
        order: what to run.
        private: in a private network; where that is possible, if None.

    Raises:
        MockError: it, or what it needs, could not be started.
    """
    why = "hosts are let through by name" if order.allowed else network.why_not()
    if private and why:
        raise MockError(f"there can be no private network: {why}")
    if why or private is False:
        _say(f"without a private network: {why or 'as asked'}; the program must use proxies")
        with _temporary_folder() as folder:
            return _run(order, folder, (0, 0))
    return _enter(order)


def _enter(order: Order) -> int:
    """Do the same in a private network, and pass signals on to it."""
    reading, writing = os.pipe()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, writing)
        return supervise(
            [*network.ENTER, sys.executable, "-m", "akool_mock.intercept", str(reading)],
            pass_fds=[reading],
            started=lambda _: _hand_over(order, reading, writing),
            pass_on=lambda _, number: _tell(writing, number),
        )


def _hand_over(order: Order, reading: int, writing: int) -> None:
    os.close(reading)
    with os.fdopen(writing, "wb", closefd=False) as pipe:
        pipe.write(json.dumps(asdict(order)).encode() + b"\n")


def _tell(writing: int, number: int) -> None:
    os.write(writing, bytes([number]))


def inside(reading: int) -> int:
    """What `_enter` starts, as the first process of a private network.

    Args:
        reading: where the order comes from and, after it, numbers of signals for the program.
    """
    with os.fdopen(reading, "rb", buffering=0) as source:
        order = Order(**json.loads(_line(source.read)))
        network.raise_loopback()
        folder = _own_folder()
        try:
            return _run(order, folder, _WEB_PORTS, signals=source.read)
        finally:
            sys.stderr.flush()


def _line(read: Any) -> bytes:  # noqa: ANN401 - read(n) of a raw file
    line = bytearray()
    while (byte := read(1)) not in (b"", b"\n"):
        line += byte
    return bytes(line)


def _own_folder() -> Path:
    for place in map(Path, _EMPTY_FOLDERS):
        with contextlib.suppress(OSError):
            if place.is_dir() and not any(place.iterdir()):
                network.own_folder(place)
                return place
    folder = Path(tempfile.mkdtemp(prefix="akool-mock-"))
    network.own_folder(folder)
    return folder


def _run(order: Order, folder: Path, ports: tuple[int, int], signals: Any = None) -> int:  # noqa: ANN401 - read(n) of a raw file
    sim = _simulator(order)
    hosts = hosts_of(sim.contract.document)
    authority = Authority(hosts)
    files = authority.write(folder)
    command = list(order.command)
    if signals is not None:
        network.replace_files(folder, hosts, files.bundle)
        command = network.as_user(command, *order.user)
    with serving(sim, authority, hosts, allowed=order.allowed, ports=ports) as (proxy, address):
        account = Credentials(sim.settings.client_id, sim.settings.api_key)
        code = supervise(
            command,
            environment(os.environ, address, files, account),
            started=None if signals is None else lambda child: _listen(child, signals),
        )
    entries = sim.world.journal.entries
    dropped = sim.world.journal.last_number - len(entries)
    for line in summary(sim.contract.document, entries, proxy.refused, dropped):
        _say(line)
    return code


def _listen(child: subprocess.Popen[bytes], read: Any) -> None:  # noqa: ANN401 - read(n) of a raw file
    """Hand on the signals that come through the pipe; its end is the end of the program."""

    def work() -> None:
        while number := read(1):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, number[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, 9)

    threading.Thread(target=work, name="akool-mock-signals", daemon=True).start()


def _simulator(order: Order) -> Simulator:
    from akool_mock._simulator import Simulator  # noqa: PLC0415 - the outer process needs none

    contract = None if order.contract is None else contract_at(Path(order.contract))
    return Simulator(contract, settings=Settings().changed(order.settings), seed=order.seed)


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    """A folder that is gone when we are, even if we are killed: a shell waits for that."""
    folder = Path(tempfile.mkdtemp(prefix="akool-mock-"))
    janitor = subprocess.Popen(  # noqa: S603 - our own line
        ["/bin/sh", "-c", 'cat; rm -rf -- "$1"', "sh", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if janitor.stdin is not None:
            janitor.stdin.close()
        janitor.wait()


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
