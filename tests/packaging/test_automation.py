"""The workflows, the action, the hooks and the Containerfile name only what there is."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *sorted((ROOT / ".github").rglob("*.yml")),
    ROOT / ".pre-commit-config.yaml",
]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def strings(node: Any) -> Iterator[str]:
    """Every text in a parsed file."""
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_every_make_target_it_calls_exists(file: Path) -> None:
    texts = list(strings(yaml.safe_load(file.read_text("utf-8"))))
    assert texts
    called = {
        word
        for text in texts
        for match in re.findall(r"\bmake ((?:-s )?[a-z][a-z -]*)", text)
        for word in match.split()
        if not word.startswith("-")
    }
    assert called <= TARGETS


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_every_local_file_it_uses_exists(file: Path) -> None:
    text = file.read_text("utf-8")
    for local in re.findall(r"uses: \./(\S+)", text):
        assert (ROOT / local / "action.yml").is_file()
    for lock in re.findall(r"requirements/\w+\.txt", text):
        assert (ROOT / lock).is_file()


def test_the_container_copies_and_runs_what_there_is() -> None:
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    copied = [shlex.split(line)[1] for line in lines if line.startswith("COPY")]
    assert copied
    assert all((ROOT / path).exists() for path in copied)
    scripts = (ROOT / "pyproject.toml").read_text("utf-8").split("[project.scripts]")[1]
    entry = next(line for line in lines if line.startswith("ENTRYPOINT"))
    assert entry.split('"')[1] in scripts


def test_the_container_listens_beyond_itself_only_by_its_own_words() -> None:
    text = (ROOT / "Containerfile").read_text("utf-8")
    assert 'CMD ["--host", "0.0.0.0"' in text
    assert "127.0.0.1:8080:8080" in text


GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
[ "$2" != list ] || printf '%s' "$OPEN"
"""


@pytest.mark.parametrize(("already_open", "said"), [("", "issue create"), ("7", "issue comment 7")])
def test_what_a_nightly_run_has_to_say_is_said_in_one_issue(
    tmp_path: Path, already_open: str, said: str
) -> None:
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    body, calls = tmp_path / "body.md", tmp_path / "calls"
    environment = {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "CALLS": str(calls), "OPEN": already_open,
    }  # fmt: skip
    command = [ROOT / ".github/issue", "The docs changed", body]
    subprocess.run(command, env=environment, check=True)
    assert not calls.exists()  # there was nothing to say
    body.write_text("x" * 70_000)
    subprocess.run(command, env=environment, check=True)
    listed, last = calls.read_text().splitlines()
    assert listed.startswith("issue list --state open")
    assert last.startswith(said)
    assert Path(last.split("--body-file ")[1]).stat().st_size < 65_536


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_every_step_in_bash_parses(file: Path) -> None:
    for text in strings(yaml.safe_load(file.read_text("utf-8"))):
        if "\n" in text:
            script = re.sub(r"\$\{\{.*?\}\}", "x", text)
            subprocess.run(["bash", "-n"], input=script, text=True, check=True)
