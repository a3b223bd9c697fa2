"""Whatever the terminal can show: what was paid for is answered, and every process ends."""

import asyncio
import csv
import json
import os
import pty
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Batches, child, image_row

from akool_batch.journal import Journal
from akool_batch.states import State
from akool_faceswap.cli._exit import Exit
from akool_mock import API_KEY, MockServer, Settings

FACE = "https://faces.test/face.jpg"
IMAGE = "https://pictures.test/photo-32x24.jpg"
SWAP = ["swap", "image", "--source", FACE, "--target", FACE, "--image", IMAGE]
FOREIGN = "没有脸 \U0001f600 ∞"
ENCODINGS = ["cp1252", "utf-16"]


@pytest.fixture
def server() -> Iterator[MockServer]:
    """A simulator on a socket, that says foreign words of what fails."""
    settings = Settings(queue_s=0, processing_s=0, failure_text=FOREIGN, extra_fields=True)
    with MockServer(settings=settings) as started:
        yield started


def live(server: MockServer, encoding: str) -> dict[str, str]:
    return {
        "AKOOL_BASE_URL": server.url, "AKOOL_API_KEY": API_KEY, "PYTHONIOENCODING": encoding,
    }  # fmt: skip


def ended(server: MockServer, encoding: str, *arguments: str) -> tuple[int, str, str]:
    """Exit code and what was said, by a process that must end by itself."""
    with child(*arguments, text=False, **live(server, encoding)) as process:
        out, err = process.communicate()
    return process.returncode, out.decode(encoding), err.decode(encoding, "replace")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_batch_with_foreign_keys_ends_and_tells_every_row(
    server: MockServer, tmp_path: Path, encoding: str
) -> None:
    manifest = tmp_path / "u.csv"
    keys = [f"行{n}-日本語" for n in range(5)]
    with manifest.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(image_row("")))
        writer.writeheader()
        writer.writerows(image_row("x") | {"key": key} for key in keys)
    command = ["batch", str(manifest), "--out", str(tmp_path / "out"), "--yes", "--json"]
    code, out, err = ended(server, encoding, *command)
    assert code == Exit.DONE, err
    told = [json.loads(line) for line in out.splitlines()]
    assert {e["key"] for e in told if e.get("state") == "saved"} == set(keys)
    assert "Traceback" not in err
    assert len(server.control.jobs()) == 5


@pytest.mark.parametrize("form", [["--json"], []])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_foreign_words_of_the_vendor_are_answered_after_a_paid_call(
    server: MockServer, encoding: str, form: list[str]
) -> None:
    server.control.add_fault("job=failed", operation="swapImage")
    for command in (SWAP, ["results"], ["wait"]):
        ids = [job.id for job in server.control.jobs()][:1] if command is not SWAP else []
        code, out, err = ended(server, encoding, *command, *ids, *form)
        assert "Traceback" not in err
        assert code == (Exit.DONE if command == ["results"] else Exit.REFUSED)
        if form:
            (document,) = [json.loads(line) for line in out.splitlines()]
            facts = document[0] if isinstance(document, list) else document
            assert FOREIGN in (facts.get("reason") or facts["error"]["message"])
        else:
            assert server.control.jobs()[0].id in out + err


@pytest.mark.parametrize("closed", [1, 2])
def test_a_process_that_begins_with_a_closed_stream_still_pays_once_and_ends(
    server: MockServer, closed: int
) -> None:
    with child(
        *SWAP, "--json", preexec_fn=lambda: os.close(closed), **live(server, "utf-8")
    ) as process:
        process.communicate()
    assert process.returncode == (Exit.INTERRUPTED if closed == 1 else Exit.DONE)
    assert len(server.control.jobs()) == 1


def test_help_is_shown_where_the_terminal_lacks_its_letters(server: MockServer) -> None:
    code, out, err = ended(server, "ascii", "batch", "--help")
    assert (code, err) == (Exit.DONE, "")
    assert "--resolve" in out


def test_a_listener_that_fails_stops_no_batch_and_is_told_of_once(
    batches: Batches, caplog: pytest.LogCaptureFixture
) -> None:
    batches.images(5)

    def broken(_: object) -> None:
        raise UnicodeEncodeError("cp1252", FOREIGN, 0, 1, "cannot be shown")

    batches.listen = broken  # type: ignore[method-assign]
    assert batches.run().counts == {State.SAVED: 5}
    failed = [r for r in caplog.records if "progress display failed" in r.message]
    assert len(failed) == 1


def test_a_journal_that_cannot_take_a_change_ends_the_batch_instead_of_hanging_it(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apply(*_: object) -> None:
        raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    batches.images(3)
    run = batches.arun

    async def bounded() -> object:
        async with asyncio.timeout(30):
            return await run()

    original = Journal.apply
    calls = iter([True, True])  # what opening the journal writes

    def late(self: Journal, changes: object) -> None:
        (original if next(calls, False) else apply)(self, changes)  # type: ignore[arg-type]

    monkeypatch.setattr(Journal, "apply", late)
    with pytest.raises(Exception, match="journal cannot take this"):
        asyncio.run(bounded())
    assert batches.submits() == 0


def test_a_terminal_that_is_closed_ends_the_wait_as_ctrl_c_does(server: MockServer) -> None:
    server.control.add_fault("latency=1500", operation="swapImage")
    with child(*SWAP, **live(server, "utf-8")) as process:
        _until_submitting(server)
        process.send_signal(signal.SIGHUP)
        _, err = process.communicate()
    assert process.returncode == Exit.INTERRUPTED
    assert f"wait {server.control.jobs()[0].id}" in err


def test_nohup_is_obeyed(server: MockServer) -> None:
    server.control.add_fault("latency=500", operation="swapImage")
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    with child(*SWAP, preexec_fn=ignore, **live(server, "utf-8")) as process:
        _until_submitting(server)
        process.send_signal(signal.SIGHUP)
        process.communicate()
    assert process.returncode == Exit.DONE


def test_a_terminal_that_is_gone_leaves_no_paid_request_behind(server: MockServer) -> None:
    server.control.add_fault("latency=1000", operation="swapImage")
    ours, theirs = pty.openpty()
    with child(
        *SWAP, stdout=theirs, stderr=theirs, stdin=theirs, start_new_session=True,
        **live(server, "utf-8"),
    ) as process:  # fmt: skip
        os.close(theirs)
        _until_submitting(server)
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        assert process.wait(30) == Exit.INTERRUPTED
    assert len(server.control.jobs()) == 1


def _until_submitting(server: MockServer) -> None:
    for _ in range(3000):
        if any(seen.operation == "swapImage" for seen in server.control.requests()):
            return
        signal.sigtimedwait([], 0.01)
    pytest.fail("no submit came")
