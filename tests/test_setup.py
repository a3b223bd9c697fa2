"""What a newcomer meets before there is any Python of ours: one line that says what to do."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", tmp_path / "scripts")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def setup(checkout: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    tools = checkout / "bin"
    tools.mkdir()
    for tool in ("dirname", "cat", "cksum", "grep", "sh"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    return subprocess.run(
        [shutil.which("sh") or "sh", str(checkout / "scripts/setup.sh"), *arguments],
        env={"PATH": str(tools), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "env", "advice"),
    [
        (("dev",), {}, "no Python 3.11 or newer found: install one, or name it with PYTHON="),
        (("dev",), {"PYTHON": "/nowhere/python"}, "/nowhere/python is not Python 3.11 or newer"),
        (("prod",), {}, "no lock file requirements/prod.txt: use 'demo' or 'dev'"),
    ],
    ids=["no Python", "a wrong Python", "an unknown lock"],
)
def test_what_is_missing_is_said_in_one_line_with_exit_code_two(
    checkout: Path, arguments: tuple[str, ...], env: dict[str, str], advice: str
) -> None:
    done = setup(checkout, *arguments, **env)
    assert done.returncode == 2
    assert advice in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_locks_name_versions_and_hashes_and_no_address() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        lines = lock.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if "://" in line]
        pins = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert pins
        assert all("==" in pin and pin.endswith("\\") for pin in pins)


def test_the_demo_installs_the_same_versions_as_the_tests() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        return {line.split()[0] for line in lines if "==" in line}

    assert pins("demo.txt") <= pins("dev.txt")
