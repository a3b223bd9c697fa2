import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from akool_mock.prism import InstallFailed, Node, PrismError, _install, install
from akool_mock.prism._install import entry_point, locked_files

# Stands for node and npm: makes the folder that `npm ci` would make, and counts its runs.
FAKE = """#!/bin/sh
echo run >> "{runs}"
{fails}
mkdir -p node_modules/@stoplight/prism-cli/dist
echo "$@" > node_modules/@stoplight/prism-cli/dist/index.js
"""


class Machine:
    """A made-up checkout with a made-up npm."""

    def __init__(self, folder: Path) -> None:
        self.runs = folder / "runs"
        self.files = folder / "prism"
        self._node = folder / "node" / "bin" / "node"
        npm = self._node.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
        for parent in (self.files, self._node.parent, npm.parent):
            parent.mkdir(parents=True)
        npm.touch()
        for file in locked_files():
            shutil.copy(file, self.files)
        self.node = Node(self._node, (20, 0, 0), "test")
        self.npm()

    def npm(self, fails: str = "") -> None:
        self._node.write_text(FAKE.format(runs=self.runs, fails=fails), encoding="utf-8")
        self._node.chmod(self._node.stat().st_mode | stat.S_IXUSR)

    def count(self) -> int:
        return len(self.runs.read_text().split()) if self.runs.exists() else 0


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(_install, "_FILES", made.files)
    return made


def test_the_pin_is_exact_and_the_lock_names_no_address() -> None:
    package, lock = (file.read_text(encoding="utf-8") for file in locked_files())
    assert '"@stoplight/prism-cli": "5.14.2"' in package
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 100


def test_it_is_installed_once_from_the_lock_and_runs_no_scripts_of_packages(
    machine: Machine,
) -> None:
    script = install(machine.node)
    assert install(machine.node) == script == entry_point()
    assert machine.count() == 1
    assert "ci --ignore-scripts" in script.read_text()


def test_another_lock_is_installed_in_place_of_the_old(machine: Machine) -> None:
    install(machine.node)
    lock = machine.files / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert entry_point() is None
    assert install(machine.node).exists()
    assert machine.count() == 2


def test_a_failed_install_is_one_line_and_leaves_nothing_behind(machine: Machine) -> None:
    machine.npm("echo 'npm error the disk is full' >&2; exit 1")
    with pytest.raises(InstallFailed, match="npm could not install Prism: the disk is full") as it:
        install(machine.node)
    assert "\n" not in str(it.value)
    assert "needs no Node" in str(it.value)
    assert {file.name for file in machine.files.iterdir()} == {"package.json", "package-lock.json"}


def test_installs_at_the_same_time_do_not_disturb_each_other(machine: Machine) -> None:
    with ThreadPoolExecutor(4) as pool:
        scripts = set(pool.map(install, [machine.node] * 4))
    assert scripts == {entry_point()}
    assert [file.name for file in machine.files.iterdir() if file.name.startswith(".")] == []


def test_from_a_wheel_it_goes_to_the_users_cache(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "site" / "node"
    target.parent.mkdir()
    machine.files.rename(target)
    monkeypatch.setattr(_install, "_FILES", target)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    script = install(machine.node)
    assert script.is_relative_to(tmp_path / "cache" / "akool-faceswap")
    assert {file.name for file in target.iterdir()} == {"package.json", "package-lock.json"}


def test_an_installation_without_its_lock_says_what_to_do(machine: Machine) -> None:
    (machine.files / "package-lock.json").unlink()
    with pytest.raises(PrismError, match="reinstall akool-faceswap"):
        install(machine.node)
