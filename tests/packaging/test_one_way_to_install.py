"""A lock is installed as it stands, whatever was released since, and by one script alone."""

import hashlib
import os
import re
import shutil
import subprocess
import venv
import zipfile
from pathlib import Path

import pip
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("packaging")

BACKEND = """
import sys
sys.path.insert(0, "backend")
from wheels import write

def build_wheel(folder, config_settings=None, metadata_directory=None):
    return write(folder, "checkout", "0.1", NEEDS).name

build_editable = build_wheel
"""
PROJECT = """
[project]
name = "checkout"
version = "0.1"
[build-system]
requires = []
build-backend = "build_checkout"
backend-path = ["backend"]
"""
WHEELS = '''
import zipfile
from pathlib import Path

def write(folder, name, version, *needs):
    """A wheel that says in its metadata what it needs and holds nothing else."""
    info = f"{name}-{version}.dist-info"
    members = {
        f"{info}/METADATA": "\\n".join(
            ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}",
             "Provides-Extra: more", *(f"Requires-Dist: {need}" for need in needs), ""]
        ),
        f"{info}/WHEEL": "\\n".join(
            ["Wheel-Version: 1.0", "Generator: test", "Root-Is-Purelib: true", "Tag: py3-none-any"]
        ),
        f"{info}/RECORD": "".join(f"{info}/{f},,\\n" for f in ("METADATA", "WHEEL", "RECORD")),
    }
    path = Path(folder) / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for member, text in members.items():
            wheel.writestr(member, text)
    return path
'''


class Checkout:
    """A tiny project with our set-up script, and an index of two made-up distributions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "scripts").mkdir()
        (folder / "requirements").mkdir()
        (folder / "backend").mkdir()
        self.index = folder / "index"
        self.index.mkdir()
        for script in ("setup.sh", "install_lock.sh"):
            shutil.copy(ROOT / "scripts" / script, folder / "scripts")
        (folder / "pyproject.toml").write_text(PROJECT)
        (folder / "backend/wheels.py").write_text(WHEELS)
        self._environment()
        self.needs("made-up[more]")
        self.released("made_up", "1.0", "helper; extra == 'more'")
        self.released("helper", "1.0")
        self.released("helper", "1.1")  # since the lock was made

    def _environment(self) -> None:
        """What `python -m venv` makes in seven seconds, with the pip that is there."""
        venv.create(self.folder / ".venv", with_pip=False)
        (site,) = self.folder.glob(".venv/lib/python*/site-packages")
        for part in Path(pip.__file__).parents[1].glob("pip*"):
            (site / part.name).symlink_to(part)

    def needs(self, *needs: str) -> None:
        backend = BACKEND.replace("NEEDS", ", ".join(map(repr, needs)))
        (self.folder / "backend/build_checkout.py").write_text(backend)

    def released(self, name: str, version: str, *needs: str) -> None:
        made: dict[str, object] = {}
        exec(WHEELS, made)  # noqa: S102 - the same lines that the made-up build runs
        made["write"](self.index, name, version, *needs)  # type: ignore[operator]

    def lock(self, *pins: str) -> None:
        lines = []
        for pin in pins:
            name, version = re.sub(r"\[.*\]", "", pin).replace("-", "_").split("==")
            (wheel,) = self.index.glob(f"{name}-{version}-*.whl")
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            lines.append(f"{pin} \\\n    --hash=sha256:{digest}\n")
        (self.folder / "requirements/dev.txt").write_text("".join(lines))

    def setup(self) -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index),
            "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1",
        }  # fmt: skip
        command = ["sh", str(self.folder / "scripts/setup.sh"), "dev"]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    def installed(self) -> dict[str, str]:
        found = (self.folder / ".venv").glob("lib/python*/site-packages/*.dist-info")
        pairs = [f.name.removesuffix(".dist-info").split("-") for f in found]
        return {name: version for name, version in pairs if name != "pip"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_newer_release_of_what_an_extra_needs_changes_nothing(checkout: Checkout) -> None:
    checkout.lock("made-up[more]==1.0", "helper==1.0")
    done = checkout.setup()
    assert done.returncode == 0, done.stderr
    assert checkout.installed() == {"made_up": "1.0", "helper": "1.0", "checkout": "0.1"}


def test_a_lock_that_lacks_something_is_told_and_tried_again(checkout: Checkout) -> None:
    checkout.lock("made-up[more]==1.0")
    checkout.needs("made-up[more]", "helper")
    for _ in range(2):  # what did not succeed is not remembered as done
        done = checkout.setup()
        assert done.returncode == 2
        assert "requirements/dev.txt and the checkout do not fit together" in done.stderr
        assert "requires helper" in done.stderr


def test_a_file_that_is_not_the_locks_is_refused(checkout: Checkout) -> None:
    checkout.lock("made-up[more]==1.0", "helper==1.0")
    with zipfile.ZipFile(checkout.index / "helper-1.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr("helper.py", "print('not what was locked')")
    done = checkout.setup()
    assert done.returncode == 2
    assert "the packages of requirements/dev.txt could not be installed" in done.stderr
    assert checkout.installed() == {}


def test_nothing_else_in_the_house_installs_from_a_lock() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--", ".github", ".ci", "Containerfile", "Makefile", "scripts"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    users = [
        name
        for name in tracked.stdout.split("\0")
        if name
        and re.search(r"pip\b.*install.*(--require-hashes|-r )", (ROOT / name).read_text("utf-8"))
    ]
    assert users == ["scripts/install_lock.sh"]
