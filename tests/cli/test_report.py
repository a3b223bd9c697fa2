"""The report: failures first, nothing foreign trusted, every row in it; and how progress reads."""

import csv
import io
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_batch.report import COLUMNS, FORMULA, ORDER, as_csv, as_html
from akool_batch.states import MEANING, Entry, State
from akool_faceswap.cli._progress import (
    PLAIN_GAP_S,
    PlainProgress,
    TerminalProgress,
    elapsed,
    progress,
)


def entry(key: str = "a", state: State = State.SAVED, **more: Any) -> Entry:
    facts: dict[str, Any] = {
        "line": 2, "kind": "image", "digest": "d", "job_id": "j", "url": "https://r.test/r.jpg",
        "file": f"{key}.jpg", "size": 3, "price": 4.0, "code": None, "note": None,
    }  # fmt: skip
    return Entry(key=key, state=state, **{**facts, **more})


def test_every_state_has_a_meaning_and_a_section_and_failures_come_first() -> None:
    assert set(ORDER) == set(State) == set(MEANING)
    entries = [entry(state.value, state) for state in State]
    page = as_html(entries, "t", [])
    places = [page.index(f'<section class="{state}">') for state in ORDER]
    assert places == sorted(places)
    assert ORDER[0] is State.UNCERTAIN
    assert ORDER[-1] is State.SAVED


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(st.lists(st.builds(entry, texts, st.sampled_from(State), note=texts, file=texts)))
def test_no_text_of_a_row_becomes_markup_or_a_link_elsewhere(entries: list[Entry]) -> None:
    seen: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(tag)
            for name, value in attrs:
                assert not name.startswith("on")
                if name in {"href", "src"}:
                    assert ":" not in (value or "").split("/")[0]

    reader = Reader()
    reader.feed(as_html(entries, "t", []))
    assert seen.count("html") == 1
    assert set(seen) <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "dl", "dt", "dd", "section",
        "small", "div", "table", "tr", "th", "td", "figure", "a", "img", "video", "figcaption",
    }  # fmt: skip


@given(st.lists(st.builds(entry, texts, note=texts)))
def test_the_csv_has_a_row_for_each_and_no_formulas(entries: list[Entry]) -> None:
    header, *rows = csv.reader(io.StringIO(as_csv(entries), newline=""))
    assert tuple(header) == COLUMNS
    assert len(rows) == len(entries)
    assert not any(cell.startswith(FORMULA) for row in rows for cell in row)


def test_a_saved_video_is_shown_as_a_video() -> None:
    page = as_html([entry(file="a.mp4"), entry("b")], "t", [("credits before", "10")])
    assert '<video src="a.mp4"' in page
    assert '<img src="b.jpg"' in page
    assert "<dt>credits before</dt><dd>10</dd>" in page


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (61, "1:01"), (3661, "1:01:01")]
)
def test_elapsed_time_reads_like_a_clock(seconds: float, shown: str) -> None:
    assert elapsed(seconds) == shown


def test_plain_progress_tells_changes_now_and_then() -> None:
    now, lines = [0.0], list[str]()
    progress = PlainProgress(lines.append, lambda: now[0])
    progress.show("a")
    progress.show("b")
    now[0] = PLAIN_GAP_S
    progress.show("a")
    progress.show("b")
    now[0] = 2 * PLAIN_GAP_S
    progress.show("c")
    assert lines == ["0:00 a\n", "0:05 b\n", "0:10 c\n"]


def test_terminal_progress_is_one_line_with_the_time() -> None:
    from rich.console import Console  # noqa: PLC0415 - only here

    now = [0.0]
    console = Console(file=io.StringIO(), force_terminal=True, width=60)
    with console.status("") as status:
        progress = TerminalProgress(status, lambda: now[0])
        progress.show("3 of 4 [ended]")
        now[0] = 65.0
        assert str(progress.__rich__()) == "1:05 3 of 4 [ended]"


def test_a_terminal_shows_one_line_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    times = iter([100.0, 165.0])
    with progress(lambda: next(times, 165.0)) as shown:
        shown.show("3 of 4 ended")
        assert isinstance(shown, TerminalProgress)
        assert str(shown.__rich__()) == "1:05 3 of 4 ended"


@pytest.mark.parametrize("file", ["a.jpg", "行.jpg", "-a.jpg", "=1.jpg"])
def test_the_csv_names_the_real_file_and_only_one_that_is_there(tmp_path: Path, file: str) -> None:
    (tmp_path / file).touch()
    entries = [entry(file=file), entry("b", State.FINISHED, file="gone.jpg")]
    told = list(csv.DictReader(io.StringIO(as_csv(entries))))
    assert (tmp_path / told[0]["file"]).samefile(tmp_path / file)
    assert not told[0]["file"].startswith(FORMULA)
    assert (told[1]["file"], told[1]["size"]) == ("", "")
