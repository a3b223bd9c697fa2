"""`akool-faceswap batch` as its user meets it: what is said before, during and after."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from akool_faceswap.cli import main
from akool_faceswap.cli._exit import Exit
from akool_mock import API_KEY, MockServer, Settings

FACE = "https://faces.test/f.jpg"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockServer]:
    with MockServer(settings=Settings(queue_s=0, processing_s=0)) as started:
        monkeypatch.setenv("AKOOL_BASE_URL", started.url)
        monkeypatch.setenv("AKOOL_API_KEY", API_KEY)
        yield started


class Command:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.manifest, self.out = folder / "m.csv", folder / "out"
        self.arguments = ["batch", str(self.manifest), "--out", str(self.out)]

    def rows(self, count: int, kind: str = "image") -> None:
        column = {"image": "image", "video": "video"}[kind]
        with self.manifest.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["key", "kind", "source", "target", column])
            for n in range(count):
                writer.writerow([f"r{n}", kind, FACE, FACE, f"https://p.test/r{n}-32x24.jpg"])

    def __call__(self, *more: str) -> tuple[int, list[dict[str, Any]], str]:
        code = main([*self.arguments, "--json", *more])
        said = self._capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err


@pytest.fixture
def batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, capsys)


def test_mock_alone_runs_a_batch(batch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AKOOL_API_KEY", raising=False)
    batch.rows(2)
    for _ in range(2):
        code, told, _ = batch("--mock", "--dry-run")
        assert (code, told[0]["send"]) == (Exit.DONE, 2)


def test_a_try_on_the_mock_leaves_nothing_that_stands_in_the_way_of_the_real_run(
    server: MockServer,  # noqa: ARG001 - has to be there
    batch: Command,
) -> None:
    batch.rows(2)
    batch("--mock", "--dry-run")
    assert batch()[0] == Exit.DONE


def test_the_plan_comes_first_and_says_what_it_will_cost(
    server: MockServer, batch: Command
) -> None:
    batch.rows(3)
    code, told, err = batch("--dry-run", "--price", "image=5")
    assert code == Exit.DONE
    assert [line["event"] for line in told] == ["plan"]
    assert told[0]["estimated_credits"] == 15.0
    assert told[0]["credits"] == 1000.0
    assert "3 rows to send, about 15 credits" in err
    assert server.control.jobs() == []


def test_videos_of_unknown_length_make_the_estimate_a_lower_bound(
    server: MockServer,  # noqa: ARG001 - has to be there
    batch: Command,
) -> None:
    batch.rows(2, "video")
    _, told, err = batch("--dry-run")
    assert told[0]["videos_of_unknown_length"] == 2
    assert "the real cost can be higher" in err


def test_json_lines_tell_every_step_and_the_end(server: MockServer, batch: Command) -> None:
    batch.rows(2)
    code, told, _ = batch()
    assert code == Exit.DONE
    assert [line["state"] for line in told if line.get("key") == "r0"] == [
        "submitting", "submitted", "finished", "saved",
    ]  # fmt: skip
    end = told[-1]
    assert (end["event"], end["saved"]) == ("end", 2)
    assert end["credits_before"] - end["credits_after"] == 8.0
    assert all(Path(path).is_file() for path in end["report"])
    assert len(server.control.jobs()) == 2


def test_a_batch_that_the_account_cannot_pay_sends_nothing_without_a_limit(
    batch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch.rows(4)
    with MockServer(settings=Settings(queue_s=0, processing_s=0, credits=10.0)) as poor:
        monkeypatch.setenv("AKOOL_BASE_URL", poor.url)
        monkeypatch.setenv("AKOOL_API_KEY", API_KEY)
        code, _, err = batch()
        assert code == Exit.REFUSED
        assert "--max-credits 10" in err
        assert poor.control.jobs() == []
        code, told, err = batch("--max-credits", "10")
        assert code == Exit.REFUSED
        assert (told[-1]["saved"], told[-1]["planned"]) == (2, 2)
        assert "Go on with: akool-faceswap" in err


def test_uncertain_rows_are_listed_with_exit_code_3_until_somebody_settles_them(
    server: MockServer, batch: Command
) -> None:
    batch.rows(2)
    server.control.add_fault("reset=after", operation="swapImage", times=1)
    for _ in range(2):
        code, told, err = batch("--concurrency", "1")
        assert code == Exit.UNCERTAIN
        assert told[-1]["uncertain_rows"] == ["r0"]
        assert "--resolve" in err
    known = {line["job_id"] for line in told if line.get("job_id")}
    jobs = {job.id for job in server.control.jobs() if "/final_r0" in job.url} - known
    code, told, _ = batch("--resolve", f"r0={jobs.pop()}")
    assert (code, told[-1]["saved"]) == (Exit.DONE, 2)
    assert len(server.control.jobs()) == 2


@pytest.mark.parametrize("content", ["", "key\n", "kind,source\nimage,x\n"])
def test_a_manifest_with_faults_sends_nothing_and_ends_with_2(
    server: MockServer, batch: Command, content: str
) -> None:
    batch.manifest.write_text(content)
    code, _, err = batch()
    assert code == Exit.USAGE
    assert "m.csv" in err
    assert not server.control.requests()


def test_a_journal_of_another_server_is_not_used(
    server: MockServer,  # noqa: ARG001 - has to be there
    batch: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch.rows(1)
    assert batch()[0] == Exit.DONE
    with MockServer() as other:
        monkeypatch.setenv("AKOOL_BASE_URL", other.url)
        code, _, err = batch()
        assert code == Exit.REFUSED
        assert "another address" in err
        assert other.control.jobs() == []


def test_ctrl_c_writes_the_report_and_prints_the_command_that_resumes(
    server: MockServer, batch: Command
) -> None:
    batch.rows(6)
    server.control.add_fault("job=stuck", operation="swapImage")
    program = "import sys; from akool_faceswap.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", program, *batch.arguments, "--json", "--concurrency", "3"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        submitted = 0
        while submitted < 3:
            submitted += json.loads(process.stdout.readline()).get("state") == "submitted"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == Exit.INTERRUPTED
    assert "Waiting for the answers to paid requests" in err
    assert f"Go on with: akool-faceswap batch {batch.manifest} --out {batch.out}" in err
    assert "Traceback" not in err
    with (batch.out / "report.csv").open(newline="") as report:
        states = [row["state"] for row in csv.DictReader(report)]
    assert states == ["submitted"] * 3 + ["planned"] * 3
    assert len(server.control.jobs()) == 3


def test_a_person_is_asked_before_anything_is_paid(
    server: MockServer, batch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch.rows(1)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    code, _, err = batch()
    assert code == Exit.INTERRUPTED
    assert "nothing was sent" in err
    assert server.control.jobs() == []
    assert batch("--yes")[0] == Exit.DONE


def test_when_nobody_reads_the_json_any_more_every_id_is_still_written_down(
    server: MockServer, batch: Command
) -> None:
    batch.rows(30)
    program = "import sys; from akool_faceswap.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", program, *batch.arguments, "--json", "--concurrency", "3"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == Exit.INTERRUPTED
    assert "Traceback" not in err
    assert batch()[0] == Exit.DONE
    assert len(server.control.jobs()) == 30


class Closed(io.StringIO):
    """A pipe whose reader leaves after some lines."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._left = lines

    def write(self, text: str) -> int:
        if self._left <= 0:
            raise BrokenPipeError(32, "Broken pipe")
        self._left -= text.count("\n")
        return len(text)


@pytest.mark.parametrize("deaf", [["stdout"], ["stdout", "stderr"]], ids=" and ".join)
def test_when_nobody_reads_any_more_no_paid_request_is_left_behind(
    server: MockServer, batch: Command, monkeypatch: pytest.MonkeyPatch, deaf: list[str]
) -> None:
    batch.rows(12)
    server.control.add_fault("latency=20,jitter=100", operation="swapImage")
    with monkeypatch.context() as patch:
        for name in deaf:
            # The plan, twelve intents and the first id are read.
            patch.setattr(sys, name, Closed(14 if name == "stdout" else 0))
        assert main([*batch.arguments, "--json"]) == Exit.INTERRUPTED
    accepted = len(server.control.jobs())
    assert accepted > 1
    code, told, _ = batch()
    assert (code, told[0]["uncertain"], told[0]["follow"]) == (Exit.DONE, 0, accepted)
    assert len(server.control.jobs()) == 12


def test_the_command_that_resumes_decides_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    from akool_batch.cli import _again  # noqa: PLC0415 - loads the client

    words = ["batch", "m s.csv", "--resolve", "a=again", "--out", "o", "--resolve=b=lost", "--yes"]
    monkeypatch.setattr(sys, "argv", ["akool-faceswap", *words])
    assert _again() == "akool-faceswap batch 'm s.csv' --out o --yes"
