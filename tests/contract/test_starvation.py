"""A server is not accused of what this machine was too busy to read."""

import json

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_contract._options import PROFILES, Options
from akool_contract._recording.recorder import Recorder
from akool_contract._recording.replay import ReplayTarget
from akool_contract._target.starvation import MACHINE_SHARE, OWN_SHARE, Waits, machine_s, ready_s
from akool_contract._target.target import HttpTarget
from akool_contract.oracle.credentials import Credentials
from akool_contract.suite import verify
from akool_contract_proof.runner import CONTRACT
from akool_mock import MockServer

SECONDS = st.floats(0, 100)


class Readings:
    """A watch whose every reading is later by so much."""

    def __init__(self, step: float) -> None:
        self._step, self._now = step, 0.0

    def waits(self) -> Waits:
        self._now += self._step
        return Waits(asleep=self._now)

    def close(self) -> None: ...


LATE = httpx2.ReadTimeout("The read operation timed out")
CLOSED = httpx2.RemoteProtocolError("Server disconnected without sending a response.")


class EveryFiftieth(httpx2.BaseTransport):
    """Loses answers on the way, as a reader without a core does."""

    def __init__(self, error) -> None:
        self._inner, self._count, self._error = httpx2.HTTPTransport(), 0, error

    def handle_request(self, request):
        self._count += 1
        if self._count % 50 == 0:
            raise self._error
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def run(mock, path, kept_waiting, error=LATE, operations=()):
    known = Credentials(keys={mock.api_key: "main"}, client_id=mock.client_id)
    options = Options(profile=PROFILES["quick"], seed=1, operations=operations)
    watch = Readings(kept_waiting)
    target = HttpTarget(mock.url, known, transport=EveryFiftieth(error), watch=watch)
    recorder = Recorder(path, options)
    try:
        return verify(target, CONTRACT, options, observe=recorder.attach)
    finally:
        recorder.close()
        target.close()


@pytest.fixture
def mock():
    with MockServer() as server:
        yield server


def test_what_a_busy_machine_could_not_read_is_listed_and_replayed_and_accuses_nobody(
    mock, tmp_path
) -> None:
    path = tmp_path / "run.jsonl"
    report = run(mock, path, kept_waiting=10.0)
    assert report.violations == []
    listed = [entry for entry in report.not_run if "too busy to read" in entry.reason]
    assert listed
    assert sum("starved" in json.loads(line) for line in path.read_text().splitlines()) >= len(
        listed
    )
    target = ReplayTarget(path)
    again = verify(target, CONTRACT, target.options(), mailbox=target.mailbox)

    def told(one):
        """All but when a token ends: that stands in the token, and no recording has one."""
        every = (one.violations, one.not_run, one.checks)
        return [[e for e in entries if e.check != "auth.token-lasts"] for entries in every]

    assert told(again) == told(report)
    assert again.requests == report.requests


def test_a_server_that_does_not_answer_an_idle_machine_is_accused(mock, tmp_path) -> None:
    report = run(mock, tmp_path / "run.jsonl", kept_waiting=0.0)
    assert "wire.answers" in {violation.check for violation in report.violations}


def test_a_connection_that_a_busy_machine_left_idle_may_be_closed(mock, tmp_path) -> None:
    few = ("listResults", "deleteResults", "getCredit")
    report = run(mock, tmp_path / "run.jsonl", 2.0, CLOSED, few)
    assert report.violations == []
    idle = run(mock, tmp_path / "idle.jsonl", 0.0, CLOSED, few)
    assert "wire.answers" in {violation.check for violation in idle.violations}


@given(own=SECONDS, machine=SECONDS, patience=st.floats(0.1, 60), begun=SECONDS)
def test_only_what_was_waited_for_during_the_request_counts(own, machine, patience, begun) -> None:
    before = Waits(begun, begun, begun)
    after = Waits(begun, begun + own, begun + machine)
    assert not before.kept_waiting(before, patience, here=True)
    busy = after.ready - before.ready >= OWN_SHARE * patience
    assert after.kept_waiting(before, patience, here=False) == busy
    everywhere = after.machine - before.machine >= MACHINE_SHARE * patience
    assert after.kept_waiting(before, patience, here=True) == (busy or everywhere)


def test_a_system_that_tells_nothing_is_read_as_idle(tmp_path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1/schedstat").write_text("12 3000000000 7")
    (tmp_path / "2").mkdir()
    assert ready_s(tmp_path) == 3.0
    assert ready_s(tmp_path / "none") == 0.0
    (tmp_path / "cpu").write_text("some avg10=1.00 total=2500000\nfull avg10=0 total=0\n")
    assert machine_s(tmp_path / "cpu") == 2.5
    assert machine_s(tmp_path / "none") == 0.0
