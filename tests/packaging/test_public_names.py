"""What was released stays, unless the changelog says that it went."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RELEASED = json.loads(Path(__file__).with_name("released-names.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def current() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/public_names.py"], capture_output=True, check=True
    )
    names: dict[str, Any] = json.loads(done.stdout)
    return names


def flat(names: dict[str, Any]) -> set[str]:
    modules = {f"{module}.{name}" for module, list_ in names["modules"].items() for name in list_}
    return modules | set(names["command line"])


def removed_by_the_changelog() -> set[str]:
    """Names in backticks under a `### Removed` of any version since the released one."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newer = changelog.split(f"## {RELEASED['version']}")[0]
    sections = re.findall(r"^### Removed\n(.*?)(?=^##|\Z)", newer, re.MULTILINE | re.DOTALL)
    return {name for section in sections for name in re.findall(r"`([^`]+)`", section)}


def test_no_public_name_vanished_without_a_word_in_the_changelog(current: dict[str, Any]) -> None:
    assert not flat(RELEASED) - flat(current) - removed_by_the_changelog()


def test_every_public_name_of_a_module_is_really_there(current: dict[str, Any]) -> None:
    code = "import importlib, json, sys\n" + "\n".join(
        f"m = importlib.import_module({module!r}); [getattr(m, n) for n in {names!r}]"
        for module, names in current["modules"].items()
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.stderr
