"""The process under Prism, with Python in Node's place: what it says, and how it is ended."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from akool_mock.prism import PrismFailed, _process
from akool_mock.prism._process import LOG_LINES, Child

Start = Callable[[str], tuple[Child, list[dict[str, Any]]]]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def run(program: str) -> tuple[Child, list[dict[str, Any]]]:
            events: list[dict[str, Any]] = []
            command = [sys.executable, "-u", "-c", program]
            child = Child(command, dict(os.environ), events.append)
            stack.callback(child.stop)
            return child, events

        yield run


def test_events_are_told_and_all_else_is_the_log(start: Start) -> None:
    child, events = start(
        """print('hello'); print('@prism {"event": "listening", "port": 1}'); print('@prism {no')"""
    )
    child.join()
    assert events == [{"event": "listening", "port": 1}]
    assert list(child.log) == ["hello", "@prism {no"]


def test_the_log_keeps_the_latest_lines_only(start: Start) -> None:
    child, _ = start(f"for number in range({LOG_LINES + 7}): print(number)")
    failure = child.join()
    assert len(failure.log) == LOG_LINES
    assert failure.log[-1] == str(LOG_LINES + 6)


def test_bytes_that_are_no_text_do_not_stop_the_reader(start: Start) -> None:
    child, _ = start(r"import sys; sys.stdout.buffer.write(b'\xff\xfe\n'); print('after')")
    child.join()
    assert child.log[-1] == "after"


def test_a_command_to_one_that_is_gone_says_how_it_ended(start: Start) -> None:
    child, _ = start("raise SystemExit(7)")
    child.join()
    with pytest.raises(PrismFailed, match="ended with status 7"):
        child.command("ping")


def test_one_that_does_not_answer_is_not_waited_for_without_end(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_process, "REPLY_TIMEOUT_S", 0.01)
    child, _ = start("import sys; sys.stdin.read()")
    with pytest.raises(PrismFailed, match="did not answer 'ping' within"):
        child.command("ping")


def test_one_that_will_not_go_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_process, "STOP_TIMEOUT_S", 0.2)
    child, events = start(
        """import signal; print('@prism {"event": "listening"}'); signal.pause()"""
    )
    child.wait_for(lambda: bool(events), 30, "start")
    child.stop()
    assert not child.running
    child.stop()
