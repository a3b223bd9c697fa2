"""The journal: what was sent is never forgotten, and only steps of the table are taken."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_batch.journal import Journal, JournalError
from akool_batch.manifest import Row
from akool_batch.states import BY_HAND, FROM, UNPAID, Change, State
from akool_batch.swaps import Kind, Swap

TARGET = "https://api.test"


def row(key: str, line: int = 1, source: str = "https://x.test/s.jpg") -> Row:
    faces = {"source": [{"path": source}], "target": [{"path": "https://x.test/t.jpg"}]}
    return Row(key, line, Swap(Kind.PRO, faces))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "journal.sqlite"


def walk(journal: Journal, key: str, *states: State) -> None:
    for state in states:
        journal.apply(
            [Change(key, state, job_id=f"id-{key}" if state == State.SUBMITTED else None)]
        )


def states(journal: Journal) -> dict[str, State]:
    return {entry.key: entry.state for entry in journal.entries()}


def test_a_row_that_was_being_sent_when_the_run_ended_is_uncertain(path: Path) -> None:
    journal = Journal(path, TARGET)
    journal.adopt([row("a"), row("b", 2)])
    walk(journal, "a", State.SUBMITTING)
    journal.close()
    again = Journal(path, TARGET)
    again.adopt([row("a"), row("b", 2)])
    assert states(again) == {"a": State.UNCERTAIN, "b": State.PLANNED}
    again.close()


def test_what_was_recorded_is_there_after_a_crash_without_closing(path: Path) -> None:
    journal = Journal(path, TARGET)
    journal.adopt([row("a")])
    walk(journal, "a", State.SUBMITTING, State.SUBMITTED)
    copy = path.with_name("copy.sqlite")
    for suffix in ("", "-wal"):
        Path(f"{copy}{suffix}").write_bytes(Path(f"{path}{suffix}").read_bytes())
    journal.close()
    recovered = Journal(copy, TARGET)
    assert [(e.state, e.job_id) for e in recovered.entries()] == [(State.SUBMITTED, "id-a")]
    recovered.close()


def test_closing_waits_for_what_another_thread_is_writing(path: Path) -> None:
    journal = Journal(path, TARGET)
    journal.adopt([row("a"), row("b", 2)])
    inside, go_on = threading.Event(), threading.Event()

    def changes() -> Iterator[Change]:
        yield Change("a", State.SUBMITTING)
        inside.set()
        assert go_on.wait(10)
        yield Change("b", State.SUBMITTING)

    with ThreadPoolExecutor() as pool:
        writing = pool.submit(journal.apply, changes())
        assert inside.wait(10)
        closing = pool.submit(journal.close)
        assert wait({closing}, timeout=0.05).not_done
        go_on.set()
        closing.result(10)
        writing.result(10)
    again = Journal(path, TARGET)
    assert set(states(again).values()) == {State.UNCERTAIN}
    again.close()


def test_two_processes_cannot_run_one_batch(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akool_batch.journal.LOCK_WAIT_S", 0.0)
    first = Journal(path, TARGET)
    with pytest.raises(JournalError, match="another process runs this batch"):
        Journal(path, TARGET)
    first.close()
    Journal(path, TARGET).close()


def test_a_journal_of_another_address_is_refused(path: Path) -> None:
    Journal(path, TARGET).close()
    with pytest.raises(JournalError, match="another address"):
        Journal(path, "https://other.test")


@pytest.mark.parametrize("content", [b"not a database" * 100, b"\0" * 4096])
def test_a_file_that_is_no_journal_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(JournalError, match="cannot be used"):
        Journal(file, TARGET)
    assert file.read_bytes() == content


def test_a_row_changed_after_it_was_sent_stops_the_batch(path: Path) -> None:
    journal = Journal(path, TARGET)
    journal.adopt([row("a")])
    walk(journal, "a", State.SUBMITTING, State.SUBMITTED)
    with pytest.raises(JournalError, match=r"a \(line 7\)"):
        journal.adopt([row("a", 7, source="https://x.test/other.jpg")])
    journal.close()


def test_a_row_that_was_refused_is_planned_again_once_it_is_changed(path: Path) -> None:
    journal = Journal(path, TARGET)
    journal.adopt([row("a")])
    walk(journal, "a", State.SUBMITTING, State.REFUSED)
    journal.adopt([row("a")])
    assert states(journal) == {"a": State.REFUSED}
    journal.adopt([row("a", source="https://x.test/other.jpg")])
    assert states(journal) == {"a": State.PLANNED}
    journal.close()


def test_rows_that_left_the_manifest_stay_if_something_was_sent(path: Path) -> None:
    journal = Journal(path, TARGET)
    journal.adopt([row("paid"), row("planned", 2)])
    walk(journal, "paid", State.SUBMITTING, State.SUBMITTED)
    journal.adopt([row("new", 3)])
    assert states(journal) == {"paid": State.SUBMITTED, "new": State.PLANNED}
    journal.close()


def test_one_wrong_step_undoes_the_whole_call(path: Path) -> None:
    journal = Journal(path, TARGET)
    journal.adopt([row("a"), row("b", 2)])
    with pytest.raises(JournalError, match="b cannot become saved"):
        journal.apply([Change("a", State.SUBMITTING), Change("b", State.SAVED)])
    assert states(journal) == {"a": State.PLANNED, "b": State.PLANNED}
    walk(journal, "a", State.SUBMITTING)
    journal.close()


def test_one_job_cannot_belong_to_two_rows(path: Path) -> None:
    journal = Journal(path, TARGET)
    journal.adopt([row("a"), row("b", 2)])
    journal.apply([Change(key, State.SUBMITTING) for key in "ab"])
    journal.apply([Change("a", State.SUBMITTED, job_id="same")])
    with pytest.raises(JournalError, match="UNIQUE"):
        journal.apply([Change("b", State.SUBMITTED, job_id="same")])
    journal.close()


def test_a_disk_that_is_full_is_told_and_the_journal_stays_usable(path: Path) -> None:
    journal = Journal(path, TARGET)
    journal.adopt([row("a")])
    journal._db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(JournalError, match="full"):
        journal.adopt([row(f"{n:04}" * 20, n) for n in range(1, 500)])
    journal._db.execute("PRAGMA max_page_count = 1000000")
    walk(journal, "a", State.SUBMITTING)
    journal.close()


@given(st.lists(st.sampled_from(list(State)), max_size=12))
def test_no_order_of_steps_sends_a_row_twice_without_a_person_or_proof_in_between(
    order: list[State],
) -> None:
    journal = Journal(Path(":memory:"), TARGET)
    journal.adopt([row("a")])
    state, intents = State.PLANNED, 0
    for to in order:
        allowed = state in FROM.get(to, ())
        try:
            journal.apply([Change("a", to, price=1.0 if to is State.SUBMITTING else 0.0)])
        except JournalError:
            assert not allowed
            continue
        assert allowed
        if to is State.PLANNED:
            assert state is State.SUBMITTING or state in BY_HAND[State.PLANNED]
        state = to
        intents += to is State.SUBMITTING
    entry = journal.entries()[0]
    assert entry.state is state
    assert entry.price == intents
    journal.close()


def test_every_state_can_be_reached_and_only_unpaid_ones_before_a_submit() -> None:
    assert set(FROM) == set(State)
    assert FROM[State.SUBMITTING] == {State.PLANNED}
    assert {to for to, sources in FROM.items() if sources & UNPAID} == {
        State.SUBMITTING,
        State.PLANNED,
    }


def test_memory_of_sqlite_is_new_enough() -> None:
    assert sqlite3.sqlite_version_info >= (3, 37), "STRICT tables"
