"""The YAML that is written reads back as the JSON beside it, by every kind of reader."""

from __future__ import annotations

import json
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from akool_pipeline.building import emit
from akool_pipeline.documents import document

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    "", " ", "\n", "\t", "~", "-", "?", ":", "<<", "=", "y", "N", "on", "Off", "YES", "no", "null",
    "Null", "NULL", "true", "False", "TRUE", "007", "08", "-08", "0o17", "0O17", "0x1F", "0b11",
    "1_000", "1e3", "1E3", "1e+3", "-1.e5", ".5", "5.", "+.5e1", ".", "..", "...", "---", "--- x",
    "- x", "? x", "x: y", "x:", ":x", "x #y", "#x", "&x", "*x", "!x", "!!int 5", "%TAG", "@x", "`x",
    "{x}", "[x]", "'", '"', "''", "\\", "\\n", "1:30", "12:30:45", "190:20:30.15", "2024-01-02",
    "2024-01-02T03:04:05Z", "2024-01-02 03:04:05.6 +1", ".inf", "-.INF", ".NaN", ".nan", "nan",
    "\x00", "\x1b", "\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff", "\ufffd", "\U0001f600",
    "a\nb", "a\n\n b", "a\n", "\na", " a", "a ", "a\tb", "\ta", "a\r\nb", "a\rb", "x" * 200,
    ("word " * 60), "é" * 150, "|", ">", "|-\n x", "a, b", "1,000", "0.1.2", "+", "-0", "+12", "0_",
    "1__2", "0xG", "0o8", "12e", "1e400", "9" * 30, "a\x85b", "a\u2028b c", "\ud7ff", "\ue000",
]  # fmt: skip
TEXTS = st.sampled_from(HOSTILE) | st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from(" \n\t:#-+._eExXoO0123456789'\"\\{}[],&*!|>%@`~?=<\x85\u2028\ufeff"),
    max_size=12,
)
NUMBERS = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([1e16, 1e20, 1e22, 1e-7, 5.0, -0.0, 1e300, 5e-324, 2**53 + 1, 10**40])
)
VALUES = st.recursive(
    TEXTS | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5)
EVERYTHING: dict[str, Any] = {
    "texts": HOSTILE,
    "keys": {text: index for index, text in enumerate(HOSTILE)},
    "lists": [[text] for text in HOSTILE],
    "numbers": [1e16, 1e20, 1e-7, 5.0, -0.0, 1e300, 5e-324, 0, -1, 2**53],
}


def written(value: Any) -> str:
    """Tells 5 from 5.0 and True from 1, as `==` does not."""
    return json.dumps(value, sort_keys=True)


def pyyaml(text: str) -> Any:
    return yaml.load(text, Loader=yaml.SafeLoader)


def libyaml(text: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)  # noqa: S506 - either is safe


def ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(StringIO(text))


def ours(text: str) -> Any:
    return document.parse(text.encode(), "f").data


READERS = [pyyaml, libyaml, ruamel, ours]


@pytest.mark.parametrize("reader", READERS)
def test_every_hostile_text_and_number_reads_back(reader) -> None:
    text = emit.to_yaml(EVERYTHING, "Head\nline")
    assert written(reader(text)) == written(json.loads(emit.to_json(EVERYTHING)))


@given(DOCUMENTS)
def test_any_document_reads_back_by_every_reader(data: dict[str, Any]) -> None:
    text, expected = emit.to_yaml(data), written(json.loads(emit.to_json(data)))
    for reader in READERS:
        assert written(reader(text)) == expected, reader.__name__


NODE = """
const yaml = require(process.argv[1]), readline = require("readline");
readline.createInterface({input: process.stdin}).on("line", line => {
  const [text, expected] = JSON.parse(line);
  const same = JSON.stringify(yaml.parse(text)) === JSON.stringify(JSON.parse(expected));
  console.log(same ? "same" : "other");
});
"""


@pytest.mark.node
def test_any_document_reads_back_in_node(node_tools: Path) -> None:
    process = subprocess.Popen(
        ["node", "-e", NODE, str(node_tools / "yaml")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None

    @given(st.just(EVERYTHING) | DOCUMENTS)
    @settings(max_examples=200)
    def same(data: dict[str, Any]) -> None:
        line = json.dumps([emit.to_yaml(data), emit.to_json(data)])
        process.stdin.write(line + "\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == "same"

    with process:
        same()
        process.stdin.close()


def test_what_json_does_not_have_is_not_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        emit.to_json({"a": float("nan")})


def test_a_document_is_written_in_blocks_in_its_order_and_without_aliases() -> None:
    shared = {"b": "é", "a": [1, "x: y"]}
    data = {"z": shared, "w": shared, "long": "word " * 30, "breaks": "a\x85b"}
    block = "\n  b: é\n  a:\n  - 1\n  - 'x: y'\n"
    assert emit.to_yaml(data, "Head\nline") == (
        f"# Head\n# line\nz:{block}w:{block}"
        f"long: '{'word ' * 18}word\n  {'word ' * 11}'\n"
        'breaks: "a\\Nb"\n'
    )
    assert emit.to_json({"a": ["é", 1.5]}) == '{\n "a": [\n  "é",\n  1.5\n ]\n}\n'
