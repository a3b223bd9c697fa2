"""A private network for one program, on Linux: nothing in it leads to the outside.

`unshare` gives the program network, mounts and processes of its own, as any user may where user
namespaces are allowed. In there the contract's hosts are loopback, by a hosts file of its own, and
what the system trusts includes the run's authority. All of it is gone with its last process.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from akool_mock._server.intercept.authority import SYSTEM_BUNDLES
from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Sequence


ENTER = ("unshare", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc",
         "--kill-child")  # fmt: skip
"""The words before a command that runs in a private network."""
_PROBE_S = 10.0
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_HOSTS = Path("/etc/hosts")


def why_not() -> str | None:
    """Why there can be no private network here; None if there can."""
    if sys.platform != "linux":
        return "only Linux has private networks"
    if shutil.which(ENTER[0]) is None or shutil.which("mount") is None:
        return "unshare and mount, of util-linux, are not installed"
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [*ENTER, "true"], capture_output=True, text=True, timeout=_PROBE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unshare did not work: {error}"
    if done.returncode:
        return f"user namespaces are not allowed here: {done.stderr.strip()}"
    return None


def raise_loopback() -> None:
    """Make 127.0.0.1 usable: a new network begins with nothing up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(sock, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", flags | _IFF_UP, b""))


def write_hosts(known: str, hosts: Sequence[str]) -> str:
    """A hosts file in which `hosts` are loopback; what else it said is kept."""
    names = set(hosts)
    kept = [
        line
        for line in known.splitlines()
        if not names.intersection(line.partition("#")[0].split()[1:])
    ]
    return "\n".join([*kept, *(f"127.0.0.1 {host}" for host in hosts), ""])


def replace_files(folder: Path, hosts: Sequence[str], bundle: Path) -> None:
    """Put our hosts file and trusted certificates over the system's, for this network only.

    Raises:
        MockError: they could not be mounted.
    """
    known = _HOSTS.read_text("utf-8", "replace") if _HOSTS.is_file() else ""
    own = folder / "hosts"
    own.write_text(write_hosts(known, hosts), "utf-8")
    targets = [_HOSTS, *map(Path, SYSTEM_BUNDLES)]
    for target, source in zip(targets, [own, *[bundle] * len(SYSTEM_BUNDLES)], strict=True):
        if target.is_file():
            _mount("--bind", str(source), str(target.resolve()))


def own_folder(folder: Path) -> None:
    """Make `folder` memory of this network, so that it goes when the network goes."""
    _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(folder))


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607 - util-linux's, found as `unshare` was
    if done.returncode:
        raise MockError(f"could not set up the private network: {done.stderr.strip()}")


def as_user(command: Sequence[str], user: int, group: int) -> list[str]:
    """The command as the user who called us, who is root in a private network."""
    if user == os.getuid() and group == os.getgid():
        return list(command)
    return ["unshare", f"--map-user={user}", f"--map-group={group}", "--", *command]
