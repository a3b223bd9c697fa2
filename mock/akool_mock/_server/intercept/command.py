"""`akool-faceswap mock run -- COMMAND`: a program that cannot be told an address, offline.

Where the system lets us, the program runs in a private network from which nothing leads out, with
the simulator in it; elsewhere a proxy and its environment lead it there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akool_mock._contract.file import contract_at
from akool_mock._contract.hosts import hosts_of
from akool_mock._server.intercept import network
from akool_mock._server.intercept.authority import Authority, temporary_folder
from akool_mock._server.intercept.environment import Credentials, environment
from akool_mock._server.intercept.har import archive
from akool_mock._server.intercept.listeners import LOOPBACK, Listeners
from akool_mock._server.intercept.summary import summary
from akool_mock._server.intercept.supervise import held_back, supervise
from akool_mock._server.run import loop_factory, run
from akool_mock._world.settings import MockError, Settings

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Collection, Iterator, Sequence

    from akool_mock._server.intercept.proxy import Proxy
    from akool_mock._simulator import Simulator


_WEB_PORTS = (80, 443)
_START_S = 30.0
USAGE_ERROR = 2
_EMPTY_FOLDERS = ("/media", "/srv", "/mnt", "/opt")
"""Folders that are empty on most systems: a private network mounts its own over one of them."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run, and against what.

    Attributes:
        command: program and arguments.
        settings: changes of the simulator's settings, by name.
        preset: what they are changes of: `observed`, `documented`, or empty for the defaults.
        har: file that gets what was sent and answered; None for none.
        contract: path of another contract's JSON; None for ours.
        allowed: hosts outside the contract that may be reached.
        seed: the simulator's.
        user: user id and group id of the caller.
    """

    command: Sequence[str]
    settings: dict[str, Any] = field(default_factory=dict)
    preset: str = ""
    har: str | None = None
    contract: str | None = None
    allowed: Sequence[str] = ()
    seed: int = 0
    user: tuple[int, int] = (0, 0)


def run_program(launch: Launch, *, private: bool | None = None) -> int:
    """Run the program to its end; its exit code.

    Args:
        launch: what to run.
        private: run it in a private network; None: if the system allows it.

    Raises:
        MockError: it, or what it needs, could not be started.
    """
    why = "hosts are allowed by name" if launch.allowed else network.why_not()
    if private and why:
        raise MockError(f"a private network is not possible: {why}")
    if why or private is False:
        _say(f"without a private network: {why or 'as asked'}; the program must use proxies")
        with temporary_folder() as folder:
            return _run(launch, folder, (0, 0))
    return _enter(launch)


def _enter(launch: Launch) -> int:
    """Do the same in a private network, and pass signals on to it."""
    reading, writing = os.pipe()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, writing)
        return supervise(
            [
                *network.ENTER,
                sys.executable,
                "-m",
                "akool_mock._server.intercept.command",
                str(reading),
            ],
            pass_fds=[reading],
            started=lambda _: _hand_over(launch, reading, writing),
            pass_on=lambda _, number: _tell(writing, number),
        )


def _hand_over(launch: Launch, reading: int, writing: int) -> None:
    os.close(reading)
    with os.fdopen(writing, "wb", closefd=False) as pipe:
        pipe.write(json.dumps(asdict(launch)).encode() + b"\n")


def _tell(writing: int, number: int) -> None:
    os.write(writing, bytes([number]))


def inside(reading: int) -> int:
    """What `_enter` starts, as the first process of a private network.

    Args:
        reading: a pipe with the `Launch`, and after it the numbers of signals for the program.
    """
    with os.fdopen(reading, "rb", buffering=0) as source:
        launch = Launch(**json.loads(_line(source.read)))
        network.raise_loopback()
        folder = _own_folder()
        try:
            return _run(launch, folder, _WEB_PORTS, signals=source.read)
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


def _run(launch: Launch, folder: Path, ports: tuple[int, int], signals: Any = None) -> int:  # noqa: ANN401 - read(n) of a raw file
    sim = _simulator(launch)
    hosts = hosts_of(sim.contract.document)
    authority = Authority(hosts)
    files = authority.write(folder)
    command = list(launch.command)
    if signals is not None:
        network.replace_files(folder, hosts, files.bundle)
        command = network.as_user(command, *launch.user)
    with _serving(sim, authority, hosts, allowed=launch.allowed, ports=ports) as (proxy, address):
        account = Credentials(sim.settings.client_id, sim.settings.api_key)
        code = supervise(
            command,
            environment(os.environ, address, files, account),
            started=None if signals is None else lambda child: _listen(child, signals),
        )
    entries = sim.world.journal.entries
    dropped = sim.world.journal.last_number - len(entries)
    if launch.har is not None:
        _write(Path(launch.har), archive(entries, [sim.settings.api_key]))
    for line in summary(
        sim.contract.document, entries, proxy.refused, sim.world.outbox.log, dropped
    ):
        _say(line)
    return code


@contextlib.contextmanager
def _serving(
    sim: Simulator,
    authority: Authority,
    hosts: Collection[str],
    *,
    allowed: Collection[str] = (),
    ports: tuple[int, int] = (0, 0),
) -> Iterator[tuple[Proxy, tuple[str, int]]]:
    """Serve while the context lasts; yields the proxy and where it listens.

    Args:
        sim: what answers.
        authority: whose certificate the TLS listener shows.
        hosts: hosts that lead to the simulator.
        allowed: other hosts that the proxy lets programs reach.
        ports: where to listen, without TLS and with it; 0 is any free port.

    Raises:
        MockError: a port is not available.
    """
    listeners = Listeners((LOOPBACK, 0), ports, hosts, allowed)
    stops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
    ready = threading.Event()

    async def work() -> None:
        stop = asyncio.Event()
        stops.append((asyncio.get_running_loop(), stop))
        secure = (listeners.tls, authority.server_context())
        async with listeners.proxied():
            await run(sim, listeners.plain, stop, ready=ready.set, secure=secure)

    def thread() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(work())

    worker = threading.Thread(target=thread, name="akool-mock-run", daemon=True)
    with held_back():
        worker.start()
    if not ready.wait(_START_S):
        raise MockError("the simulator did not start: try again, or report a bug")
    try:
        yield listeners.proxy, listeners.address
    finally:
        loop, stop = stops[0]
        loop.call_soon_threadsafe(stop.set)
        worker.join(_START_S)


def _listen(child: subprocess.Popen[bytes], read: Any) -> None:  # noqa: ANN401 - read(n) of a raw file
    """Pass on the signals that come through the pipe. When the pipe closes, kill the program."""

    def work() -> None:
        while number := read(1):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, number[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, 9)

    threading.Thread(target=work, name="akool-mock-signals", daemon=True).start()


def _simulator(launch: Launch) -> Simulator:
    from akool_mock._simulator import Simulator  # noqa: PLC0415 - the outer process needs none

    contract = None if launch.contract is None else contract_at(Path(launch.contract))
    settings = Settings.preset(launch.preset).changed(launch.settings)
    return Simulator(contract, settings=settings, seed=launch.seed)


def _write(path: Path, found: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise MockError(f"--har {path}: {error.strerror or error}") from None


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def main() -> int:
    """The first process of a private network, started by `_enter` with the launch on a pipe."""
    try:
        return inside(int(sys.argv[1]))
    except MockError as error:
        _say(f"akool-faceswap mock run: {error}")
        return USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
