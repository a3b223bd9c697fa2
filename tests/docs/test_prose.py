"""Our English: the turns of phrase that once made readers stop do not come back."""

from __future__ import annotations

import ast
import io
import json
import re
import subprocess
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main
import yaml

from akool_faceswap.cli._app import app
from akool_faceswap.cli._commands import summaries

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "scripts" / "node"

# What made a reader stop, as it stood in pages, help texts and headings.
STOPPED = (
    "Left out is the default; `None` is for ever, and nothing else is.",
    "Only looking up the server's name takes threads as long as the system takes.",
    "Faults befall requests that are otherwise good.",
    "A word of the table with a value that it cannot have.",
    "These know which request deserves which code.",
    "Seconds within which jobs must finish; if not given 60, and not a must.",
    "Of identifiers, failures and jitter.",
    "# What the rules find in the pages as they are",
    "# The proof that the contract suite bites",
)


def findings(node_tools: Path, folder: Path, texts: list[str]) -> list[list[str]]:
    """What the linter says of each text."""
    files = [folder / f"{number}.md" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text + "\n", encoding="utf-8")
    done = subprocess.run(
        [
            str(node_tools / ".bin" / "textlint"),
            *("--config", ".textlintrc.json", "--format", "json"),
            *map(str, files),
        ],
        cwd=CONFIG,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    said = {Path(each["filePath"]): each["messages"] for each in json.loads(done.stdout)}
    return [[message["message"] for message in said[file]] for file in files]


def help_texts(command: object, name: str) -> dict[str, str]:
    """The help of a command and of each of its options, and of the commands below it."""
    found = {name: getattr(command, "help", None) or ""}
    for option in getattr(command, "params", ()):
        found[f"{name} {option.name}"] = getattr(option, "help", None) or ""
    children = getattr(command, "commands", {})
    for child in children:
        found |= help_texts(children[child], f"{name} {child}")
    return found


def test_every_phrase_that_once_stopped_a_reader_is_found(node_tools: Path, tmp_path: Path) -> None:
    said = findings(node_tools, tmp_path, list(STOPPED))
    assert [text for text, messages in zip(STOPPED, said, strict=True) if not messages] == []


def test_plain_sentences_pass(node_tools: Path, tmp_path: Path) -> None:
    plain = ["If you leave it out, the default applies. Only `timeout=None` means no timeout."]
    assert findings(node_tools, tmp_path, plain) == [[]]


def test_the_help_of_every_command_is_plain(node_tools: Path, tmp_path: Path) -> None:
    whole = app(*(name for name, _ in summaries()))
    texts = help_texts(typer.main.get_command(whole), "akool-faceswap")
    assert len(texts) > 100
    said = findings(node_tools, tmp_path, list(texts.values()))
    assert {name: messages for name, messages in zip(texts, said, strict=True) if messages} == {}


SPOKEN = ("client", "mock/akool_mock", "contract_tests", "openapi/akool_openapi")
"""Where docstrings and comments are held to the rules, too."""


def phrases() -> Iterator[re.Pattern[str]]:
    """The rules for pages, as Python has them. "As it is" is good English between programmers."""
    for rule in yaml.safe_load((CONFIG / "plain-english.yml").read_text("utf-8"))["rules"]:
        body, _, flags = rule["pattern"].removeprefix("/").rpartition("/")
        if r"\bas (they are|it is)" not in body:
            # Python looks behind for texts of one length only.
            body = body.replace("(?<=^|[.:|] )", "(?:^|(?<=[.:|] ))")
            yield re.compile(body, re.IGNORECASE if "i" in flags else 0)


def words_of(file: Path) -> Iterator[str]:
    """The docstrings and comments of a module."""
    text = file.read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield " ".join(str(node.value.value).split())
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.lstrip("# ")


@pytest.mark.parametrize("folder", SPOKEN)
def test_docstrings_and_comments_are_held_to_the_same_words(folder: str) -> None:
    rules = list(phrases())
    assert any(rule.search("Faults befall requests") for rule in rules)
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}: {words}"
        for file in sorted((ROOT / folder).rglob("*.py"))
        for words in words_of(file)
        for rule in rules
        if (match := rule.search(words))
    ]
    assert not found, "\n".join(found)
