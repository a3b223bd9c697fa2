"""Manifests: three formats that say the same, and every fault told before anything is paid."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any
from unittest.mock import ANY

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_batch.manifest import ManifestError, Row, read_manifest
from akool_batch.names import file_stem
from akool_batch.swaps import COLUMNS, DEFAULTS, REQUIRED, Kind, read_swap

FACE = "https://faces.test/f.jpg"
OPTS = "1,2:3,4:5,6:7,8"
ROW = {"key": "a", "kind": "image", "source": FACE, "target": FACE, "image": "https://p.test/a.jpg"}


def write_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    path = path / "m.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(n for row in rows for n in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_json_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path = path / "m.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    path = path / "m.parquet"
    names = dict.fromkeys(name for row in rows for name in row)
    pq.write_table(pa.Table.from_pylist([dict.fromkeys(names) | row for row in rows]), path)
    return path


Write = Callable[[Path, list[dict[str, Any]]], Path]


@pytest.mark.parametrize("write", [write_csv, write_json_lines, write_parquet])
def test_the_three_formats_say_the_same(tmp_path: Path, write: Write) -> None:
    rows = [ROW, {**ROW, "key": "ü/b", "face_enhance": "true", "x_note": "mine"}]
    found = read_manifest(write(tmp_path, rows))
    assert [row.key for row in found] == ["a", "ü/b"]
    assert found[0].swap.keywords()["image"] == ROW["image"]
    assert [row.swap.keywords()["face_enhance"] for row in found] == [False, True]
    assert "x_note" not in found[1].swap.arguments


def test_several_faces_with_landmarks_are_a_json_list_in_a_cell(tmp_path: Path) -> None:
    faces = [{"path": FACE, "opts": OPTS}, {"path": FACE, "opts": OPTS}]
    as_text = {**ROW, "source": json.dumps(faces), "target": json.dumps(faces)}
    as_value = {**ROW, "source": faces, "target": faces}
    (from_csv,) = read_manifest(write_csv(tmp_path, [as_text]))
    (from_json,) = read_manifest(write_json_lines(tmp_path, [as_value]))
    assert from_csv.swap.digest == from_json.swap.digest
    assert [face.opts for face in from_csv.swap.keywords()["source"]] == [OPTS, OPTS]


def test_landmarks_of_a_single_face_have_columns_of_their_own(tmp_path: Path) -> None:
    (row,) = read_manifest(write_csv(tmp_path, [{**ROW, "source_opts": OPTS}]))
    assert row.swap.keywords()["source"][0].opts == OPTS


def test_a_row_without_a_key_is_named_by_its_line(tmp_path: Path) -> None:
    bare = {name: value for name, value in ROW.items() if name != "key"}
    assert [row.key for row in read_manifest(write_csv(tmp_path, [bare, bare]))] == ["2", "3"]


def test_one_kind_for_all_rows_can_be_given_outside(tmp_path: Path) -> None:
    row = {"source": FACE, "target": FACE}
    assert read_manifest(write_csv(tmp_path, [row]), default_kind=Kind.PRO)[0].swap.kind is Kind.PRO


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": "immage"}, "`kind` is 'immage'"),
        ({"kind": ""}, "`kind` is missing"),
        ({"image": ""}, "column `image` is missing"),
        ({"image": "photo.jpg"}, "image: the file cannot be read"),
        ({"image": "ftp://x.test/photo.jpg"}, "image must be a public http(s) URL"),
        ({"video": FACE}, "column `video` is not one of kind `image`"),
        ({"face_enhance": "maybe"}, "`face_enhance` must be true or false"),
        ({"source_opts": "1,2"}, "`source`: Landmarks look like"),
        ({"target": "t.jpg"}, "path: the file cannot be read"),
        ({"target": "htp://x.test/t.jpg"}, "`target`: path must be a public http(s) URL"),
        ({"source": "[1]"}, "`source` must be an address"),
        ({"source": "[{"}, "`source` must be JSON"),
        ({"source": '[{"path": "https://x.test", "opt": ""}]'}, "`path` and `opts`, not `opt`"),
        ({"source": json.dumps([FACE, FACE]), "source_opts": OPTS}, "for a single face"),
        ({"source": json.dumps([FACE, FACE])}, "must match by position"),
        ({"seconds": "long"}, "`seconds` must be a number of seconds"),
        ({"key": "k" * 501}, "longer than 500 characters"),
        ({"kind": "plus", "image": "", "mapping": "{}"}, "`mapping` must be a list"),
        ({"kind": "plus", "image": "", "model_style": "odd"}, "model_style is one of"),
    ],
)
def test_a_fault_is_told_with_its_line_and_column(
    tmp_path: Path, change: dict[str, str], told: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        read_manifest(write_csv(tmp_path, [ROW, {**ROW, "key": "b", **change}]))
    assert "line 3: " in str(caught.value)
    assert told in str(caught.value)
    assert "nothing was sent" in str(caught.value)


def test_all_faults_are_collected_and_the_list_stays_readable(tmp_path: Path) -> None:
    rows = [{**ROW, "key": f"k{n}", "image": "no"} for n in range(500)]
    with pytest.raises(ManifestError) as caught:
        read_manifest(write_csv(tmp_path, rows))
    assert len(caught.value.faults) == 500
    assert str(caught.value).count("\n") < 30
    assert "480 more" in str(caught.value)


@pytest.mark.parametrize("other", ["a", "A"])
def test_two_rows_cannot_have_one_name_nor_one_file(tmp_path: Path, other: str) -> None:
    with pytest.raises(ManifestError, match="line 2"):
        read_manifest(write_csv(tmp_path, [ROW, {**ROW, "key": other}]))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("m.txt", b"x", "ends in"),
        ("m.csv", b"", "no rows"),
        ("m.csv", b"key,kind\n", "no rows"),
        ("m.csv", b"key,kind\na,image,too,many\n", "more cells"),
        ("m.csv", b"\xff\xfe\x00", "not UTF-8"),
        ("m.csv", b'key\na\n"never closed', "cannot be read from line 3 on"),
        ("m.csv", b"key;kind\na;pro\n", "separated by ';'"),
        ("m.csv", b"key,kind,kind\na,pro,pro\n", "`kind` twice"),
        ("m.csv", b'key,kind\n"a\nb",pro,more\n', "line 2: it has more cells"),
        ("m.jsonl", b"{\n", "not JSON: Expecting property name enclosed in double quotes, at"),
        ("m.jsonl", b"[1]\n", "not a JSON object"),
        ("m.jsonl", b'{"key": "\\ud800"}\n', "must be text"),
        ("m.jsonl", b"[" * 100_000 + b"\n", "not JSON"),
        ("m.parquet", b"not parquet", "not a Parquet file"),
    ],
)
def test_a_file_that_is_no_manifest_is_one_error(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ManifestError) as caught:
        read_manifest(tmp_path / name)
    assert told in str(caught.value)


def test_parquet_without_its_extra_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_parquet(tmp_path, [ROW])
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ManifestError, match=r"akool-faceswap\[parquet\]"):
        read_manifest(path)


@given(st.text(min_size=1), st.text(min_size=1))
def test_file_names_are_as_different_as_keys_and_never_leave_the_folder(a: str, b: str) -> None:
    try:
        first, second = file_stem(a), file_stem(b)
    except UnicodeEncodeError:
        return  # a lone surrogate never gets here: it is no text to a manifest
    assert (first == second) == (a == b)
    assert Path("folder", first).parent == Path("folder")
    assert PureWindowsPath("folder", f"{first}.jpg").name == f"{first}.jpg"
    assert not PureWindowsPath(f"{first}.jpg").is_reserved()
    assert not set(first) & set('<>:"/\\|?*%')
    assert first.isprintable()
    assert first[0] not in ".-=+@ "
    assert first[-1] not in ". "
    assert len(first.encode()) <= 130


@pytest.mark.parametrize(
    ("key", "stem"),
    [
        ("photo 7", "photo 7"),
        ("行の日本語", "行の日本語"),
        ("aux", "_aux-"),
        ("CON.tar", "_CON.tar-"),
        ("lpt1", "_lpt1-"),
        ("dots...", "dots-"),
        ("=1+1", "_=1+1-"),
        ("-rf", "_-rf-"),
        (".hidden", "_.hidden-"),
        ("a/b\\c", "a_b_c-"),
        ("\u202egpj", "_gpj-"),
        ("e\u0301", "\xe9-"),
    ],
)
def test_a_name_stays_readable_and_one_that_no_system_takes_is_changed(key: str, stem: str) -> None:
    found = file_stem(key)
    if stem.endswith("-"):
        assert re.fullmatch(f"{re.escape(stem)}[0-9a-f]{{8}}", found)
    else:
        assert found == stem


def test_long_names_of_any_script_fit_and_stay_different(tmp_path: Path) -> None:
    rows = [{**ROW, "key": "長い名前" * 40 + str(n)} for n in range(3)]
    stems = {file_stem(row.key) for row in read_manifest(write_csv(tmp_path, rows))}
    assert len(stems) == 3
    for stem in stems:
        (tmp_path / f"{stem}.jpg").touch()
        assert stem.startswith("長い名前" * 8)


@pytest.mark.parametrize("lead", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("said", "separator"), [("", ","), ("sep=,", ","), ('"sep=;"', ";"), ("SEP=\t", "\t")]
)
def test_what_spreadsheets_write_is_a_manifest(
    tmp_path: Path, lead: str, said: str, separator: str
) -> None:
    names = ["Key", "KIND", " Source ", "target", "Image", "X_note", ""]
    cells = ["a", "image", FACE, FACE, "https://p.test/i.jpg", "mine", ""]
    lines = [names, cells, [""] * 7, [" "] * 9, ["b", *cells[1:]], [""] * 6]
    text = "\r\n".join([*([said] if said else []), *(separator.join(line) for line in lines)])
    path = tmp_path / "m.csv"
    path.write_text(lead + text + "\r\n", encoding="utf-8", newline="")
    rows = read_manifest(path)
    offset = 1 if said else 0
    assert [(row.key, row.line) for row in rows] == [("a", 2 + offset), ("b", 5 + offset)]


def test_a_column_that_nobody_knows_is_named_even_where_it_is_empty(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"`face_enhnace` \(`face_enhance`\?\), `size`"):
        read_manifest(write_csv(tmp_path, [{**ROW, "face_enhnace": "", "size": "", "x_my": ""}]))
    unknown = {**ROW, "face_enhnace": "1"}
    with pytest.raises(ManifestError, match="`face_enhnace` is not one of kind `image`"):
        read_manifest(write_json_lines(tmp_path, [unknown]))
    with pytest.raises(ManifestError, match="`source` occurs twice"):
        read_manifest(write_json_lines(tmp_path, [{**ROW, "Source": FACE}]))
    upper = {name.upper(): value for name, value in ROW.items()}
    assert read_manifest(write_json_lines(tmp_path, [upper])) == [Row("a", 1, ANY)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
columns = st.sampled_from(sorted({name for kind in COLUMNS.values() for name in kind} | {"key"}))


@given(st.dictionaries(columns | st.text(), json_values, max_size=8), st.sampled_from(Kind))
def test_whatever_a_record_holds_it_is_a_swap_or_a_list_of_faults(
    record: dict[str, Any], kind: Kind
) -> None:
    reading = read_swap(record, kind)
    assert (reading.swap is None) == bool(reading.faults)
    if reading.swap is not None:
        assert len(reading.swap.digest) == 32


@given(st.lists(st.dictionaries(columns, json_values, max_size=6), max_size=4))
def test_whatever_a_file_holds_reading_gives_rows_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("m") / "m.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    try:
        rows = read_manifest(path, default_kind=Kind.PLUS)
    except ManifestError:
        return
    assert all(isinstance(row, Row) for row in rows)


@pytest.mark.parametrize("kind", Kind)
def test_the_columns_are_the_arguments_of_the_clients_method(kind: Kind) -> None:
    import inspect  # noqa: PLC0415 - only here

    from akool_faceswap import FaceSwap  # noqa: PLC0415 - only here

    known = set(inspect.signature(getattr(FaceSwap, kind.method)).parameters)
    convenience = {"source_opts", "target_opts"}
    assert set(COLUMNS[kind]) - convenience == known - {"self", "timeout"}
    assert set(DEFAULTS[kind]) | set(REQUIRED[kind]) <= set(COLUMNS[kind])
