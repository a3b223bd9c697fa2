import os
import threading
from pathlib import Path

import pytest

from akool_mock.prism import PrismError
from akool_mock.prism._watch import FileWatch


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "contract.json"
    path.write_text("one", encoding="utf-8")
    return path


def test_a_file_is_handed_on_once_for_each_change(file: Path) -> None:
    seen: list[str] = []
    watch = FileWatch(file, lambda path: seen.append(path.read_text(encoding="utf-8")))
    watch.look()
    file.write_text("longer", encoding="utf-8")
    watch.look()
    watch.look()
    assert seen == ["longer"]


def test_a_change_that_keeps_the_size_is_seen(file: Path) -> None:
    seen: list[Path] = []
    watch = FileWatch(file, seen.append)
    os.utime(file, ns=(0, 0))
    watch.look()
    assert seen == [file]


def test_a_file_that_is_away_for_a_moment_is_waited_for(file: Path) -> None:
    seen: list[Path] = []
    watch = FileWatch(file, seen.append)
    file.unlink()
    watch.look()
    assert seen == []
    file.write_text("back again", encoding="utf-8")
    watch.look()
    assert seen == [file]


def test_what_is_refused_is_named_and_the_watch_goes_on(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: Path) -> None:
        raise PrismError("it is broken")

    watch = FileWatch(file, refuse)
    for text in ("broken", "broken again"):
        file.write_text(text, encoding="utf-8")
        watch.look()
    assert caplog.text.count("it is broken") == 2


def test_it_looks_by_itself_until_it_is_stopped(file: Path) -> None:
    seen = threading.Event()
    watch = FileWatch(file, lambda _: seen.set())
    watch.start()
    file.write_text("changed", encoding="utf-8")
    assert seen.wait(30)
    watch.stop()
    assert not any(thread.name == "prism-watch" for thread in threading.enumerate())
