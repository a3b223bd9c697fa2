"""Every command against the simulator: its answer, its exit code, where its words go."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from akool_faceswap.cli import _session, main
from akool_faceswap.cli._exit import Exit
from akool_mock import API_KEY, MockServer, Settings

FACE = "https://faces.test/face.jpg"
IMAGE = "https://pictures.test/photo-32x24.jpg"
SWAP = ["swap", "image", "--source", FACE, "--target", FACE, "--image", IMAGE]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockServer]:
    """A simulator whose jobs are done at once; `--mock` starts it."""
    with MockServer(settings=Settings(queue_s=0, processing_s=0)) as started:
        monkeypatch.setattr(started, "close", lambda: None)
        monkeypatch.setattr(_session, "start_offline", lambda: started)
        yield started
        monkeypatch.undo()


Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(server: MockServer, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001 - has to be there
    """Runs a command with `--mock --json`: exit code, JSON documents, stderr."""

    def go(*arguments: str) -> tuple[int, Any, str]:
        code = main([*arguments, "--mock", "--json"])
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    return go


def swap(run: Run, *more: str) -> str:
    """Submit a swap; its id."""
    _, answers, _ = run(*SWAP, *more)
    return str(answers[0]["id"])


def test_mock_alone_needs_no_account(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET", "AKOOL_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert main(["credit", "--mock"]) == Exit.DONE
    assert float(capsys.readouterr().out) > 0


def test_without_credentials_one_paragraph_says_what_to_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    assert main(["credit"]) == Exit.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "AKOOL_API_KEY" in said.err
    assert "--mock" in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["image", "--source", FACE, "--target", FACE, "--image", IMAGE],
        ["video", "--source", FACE, "--target", FACE, "--video", "https://v.test/v.mp4"],
        ["pro", "--source", FACE, "--target", IMAGE],
        ["plus", "--source", FACE, "--target", IMAGE],
        ["plus", "--source", FACE, "--target", IMAGE, "--mapping",
         json.dumps([{"source_url": FACE, "target_url": FACE}])],
    ],
    ids=["image", "video", "pro", "plus", "plus with a mapping"],
)  # fmt: skip
def test_swap_waits_and_saves_a_whole_file(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    out = tmp_path / "result"
    code, answers, err = run("swap", *arguments, "--out", str(out))
    assert (code, len(answers)) == (Exit.DONE, 1)
    assert answers[0]["status"] == "SUCCESS"
    assert answers[0]["file"] == str(out)
    assert out.stat().st_size > 0
    assert answers[0]["id"] in err


def test_swap_without_waiting_answers_the_id_that_wait_takes(run: Run) -> None:
    code, answers, _ = run(*SWAP, "--no-wait")
    assert code == Exit.DONE
    code, waited, _ = run("wait", answers[0]["id"])
    assert (code, waited[0]["status"]) == (Exit.DONE, "SUCCESS")


def test_swap_takes_landmarks_for_several_faces(run: Run, server: MockServer) -> None:
    two = ["--source", FACE, "--source", FACE, "--target", FACE, "--target", FACE]
    opts = [f"--{side}-opts=1,2:3,4:5,6:7,8" for side in ("source", "target") for _ in range(2)]
    code, _, _ = run("swap", "image", *two, *opts, "--image", IMAGE)
    assert code == Exit.DONE
    code, answers, err = run("swap", "image", *two, "--image", IMAGE)
    assert code == Exit.USAGE
    assert "landmarks" in err
    assert answers[0]["error"]["type"] == "InvalidRequestError"
    assert len(server.control.jobs()) == 1


@pytest.mark.parametrize(
    ("kind", "medium"),
    [("image", IMAGE), ("video", "https://videos.test/clip.mp4")],
)
def test_swap_finds_the_faces_itself(run: Run, server: MockServer, kind: str, medium: str) -> None:
    server.control.configure(faces=2)
    word = ["swap", kind, "--detect", f"--{kind}", medium, "--no-wait"]
    assert run(*word, "--source", FACE)[0] == Exit.USAGE  # one new face for two
    assert server.control.jobs() == []
    assert run(*word, "--source", FACE, "--faces", "1")[0] == Exit.DONE
    assert run(*word, "--source", FACE, "--source", FACE)[0] == Exit.DONE
    assert len(server.control.jobs()) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--detect", "--target", FACE],
        ["--detect", "--source-opts", "1,2:3,4:5,6:7,8"],
        ["--detect", "--faces", "first"],
        ["--faces", "0", "--target", FACE],
        [],
    ],
    ids=" ".join,
)
def test_faces_are_given_or_found_not_both(
    run: Run, server: MockServer, arguments: list[str]
) -> None:
    code, _, err = run("swap", "image", "--source", FACE, "--image", IMAGE, *arguments)
    assert code == Exit.USAGE
    assert "--detect" in err or "--faces" in err
    assert server.control.jobs() == []


@pytest.mark.parametrize(
    "arguments",
    [
        [*SWAP, "--source-opts", "a", "--source-opts", "b"],
        [*SWAP, "--no-wait", "--out", "x"],
        ["swap", "plus", "--source", FACE, "--target", IMAGE, "--mapping", "no json"],
        ["swap", "image", "--source", "local.jpg", "--target", FACE, "--image", IMAGE],
        ["swap", "image"],
        [*SWAP, "--out", "/nowhere/at/all.jpg"],
        ["swap", "plus", "--source", FACE, "--target", IMAGE, "--mapping", '[{"nose": 1}]'],
        ["detect", "/nowhere/at/all.jpg"],
        ["download", "a" * 24, "--out", "/nowhere/at/all.jpg"],
        ["batch", "pyproject.toml", "--out", "x"],
        ["download", "a" * 24, "b" * 24, "--out", "/nowhere"],
        ["batch", "/nowhere.csv", "--out", "x"],
        ["batch", "m.csv", "--out", "x", "--price", "image"],
        ["webhook", "decode", "/nowhere"],
    ],
)
def test_wrong_usage_sends_nothing_and_ends_with_2(
    run: Run, server: MockServer, arguments: list[str]
) -> None:
    code, _, err = run(*arguments)
    assert code == Exit.USAGE
    assert err.strip()
    assert server.control.jobs() == []


def test_a_refusal_says_what_happened_the_code_its_meaning_and_what_to_do(
    run: Run, server: MockServer
) -> None:
    server.control.add_fault("code=1006", operation="swapImage")
    code, answers, err = run(*SWAP)
    assert code == Exit.REFUSED
    assert err.count("\n") == 1
    assert re.search(r"Code 1006: the account's quota is not enough\. .*credit", err)
    assert answers[0]["error"]["code"] == 1006


def test_an_uncertain_submit_ends_with_3_and_is_not_repeated(run: Run, server: MockServer) -> None:
    server.control.add_fault("reset=after", operation="swapImage")
    code, answers, err = run(*SWAP)
    assert code == Exit.UNCERTAIN
    assert "may have been accepted and charged" in err
    assert answers[0]["error"]["type"] == "SubmissionUncertain"
    assert len(server.control.jobs()) == 1


def test_a_failed_job_ends_with_1_and_the_vendors_reason(run: Run, server: MockServer) -> None:
    server.control.configure(extra_fields=True)
    server.control.add_fault("job=failed", operation="swapImage")
    code, _, err = run(*SWAP)
    assert code == Exit.REFUSED
    assert "generate temp file error" in err


def test_results_shows_jobs_and_ends_with_1_for_an_id_that_is_not_listed(run: Run) -> None:
    job, nobody = swap(run), "0" * 24
    code, answers, err = run("results", job)
    assert (code, answers[0][0]["id"]) == (Exit.DONE, job)
    code, answers, err = run("results", job, nobody)
    assert code == Exit.REFUSED
    assert [state["status"] for state in answers[0]] == ["SUCCESS", "UNKNOWN"]
    assert [bool(state["created_at"]) for state in answers[0]] == [True, False]
    assert nobody in err


def test_wait_answers_one_line_for_each_job_and_1_if_one_failed(
    run: Run, server: MockServer
) -> None:
    good = swap(run)
    server.control.add_fault("job=failed", operation="swapImage")
    bad = swap(run, "--no-wait")
    code, answers, _ = run("wait", good, bad)
    assert code == Exit.REFUSED
    assert {a["id"]: a.get("status") for a in answers} == {good: "SUCCESS", bad: None}
    assert next(a for a in answers if a["id"] == bad)["error"]["type"] == "JobFailed"


def test_wait_gives_up_at_its_timeout_and_says_how_to_go_on(run: Run, server: MockServer) -> None:
    server.control.add_fault("job=stuck", operation="swapImage")
    job = swap(run, "--no-wait")
    code, answers, _ = run("wait", job, "--timeout", "0")
    assert code == Exit.REFUSED
    assert f"akool-faceswap wait {job}" in answers[0]["error"]["message"]


def test_a_file_that_cannot_be_saved_is_fetched_later_by_the_command_that_is_named(
    run: Run, tmp_path: Path
) -> None:
    job = swap(run)
    os.mkfifo(tmp_path / "no-file")
    code, answers, _ = run("download", job, "--out", str(tmp_path / "no-file"))
    assert code == Exit.REFUSED
    assert f"akool-faceswap download {job}" in answers[0]["error"]["message"]


def test_download_saves_every_result_into_a_folder(run: Run, tmp_path: Path) -> None:
    jobs = [swap(run), swap(run)]
    code, answers, _ = run("download", *jobs, "--out", str(tmp_path))
    assert code == Exit.DONE
    assert len({answer["file"] for answer in answers}) == 2
    assert all(Path(answer["file"]).stat().st_size > 0 for answer in answers)


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_paid(
    run: Run, server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    code, _, err = run(*SWAP, "--out", str(tmp_path / "x.jpg"))
    assert code == Exit.USAGE
    assert str(tmp_path) in err
    assert server.control.jobs() == []


def test_without_the_simulator_mock_names_its_extra(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_session, "entry_points", lambda **_: ())
    assert main(["credit", "--mock"]) == Exit.USAGE
    assert "pip install 'akool-faceswap[mock]'" in capsys.readouterr().err


def test_delete_asks_first_and_refuses_where_nobody_can_answer(
    run: Run,
    server: MockServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    job = swap(run)
    monkeypatch.setenv("AKOOL_API_KEY", API_KEY)
    monkeypatch.setenv("AKOOL_BASE_URL", server.url)
    assert main(["delete", job]) == Exit.USAGE
    assert server.control.job(job)
    assert "--yes" in capsys.readouterr().err
    assert main(["delete", job, "--yes"]) == Exit.DONE
    assert capsys.readouterr().out == f"deleted {job}\n"
    code, _, _ = run("results", job)
    assert code == Exit.REFUSED


@pytest.mark.parametrize("more", [[], ["--legacy"], ["--crops"], ["--single-face"]])
def test_detect_answers_landmarks_that_swap_takes(run: Run, more: list[str]) -> None:
    code, answers, _ = run("detect", IMAGE, *more)
    assert code == Exit.DONE
    assert re.fullmatch(r"(\d+,\d+:){3}\d+,\d+", answers[0]["faces"][0]["landmarks_str"])


def test_detect_takes_a_local_picture(run: Run, server: MockServer, tmp_path: Path) -> None:
    picture = tmp_path / "picture.jpg"
    job = swap(run)
    with httpx2.Client(transport=server.transport) as client:
        picture.write_bytes(client.get(server.control.job(job).url).content)
    assert run("detect", str(picture))[0] == Exit.DONE


def test_detect_without_faces_ends_with_1(run: Run, server: MockServer) -> None:
    server.control.configure(faces=0)
    code, answers, _ = run("detect", IMAGE)
    assert code == Exit.REFUSED
    assert answers[0].get("faces", []) == []


def test_debug_shows_the_exchange_and_no_secret(run: Run) -> None:
    code, answers, err = run("credit", "--debug")
    assert code == Exit.DONE
    assert "> GET http://akool-mock.localhost/api/open/v3/faceswap/quota/info" in err
    assert "> x-api-key: [hidden]" in err
    assert '<   "code": 1000' in err
    assert API_KEY not in err
    assert answers[0]["credit"] > 0


def test_people_get_text_and_programs_get_json(
    server: MockServer,  # noqa: ARG001 - has to be there
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["credit", "--mock"])
    assert capsys.readouterr().out == "1000\n"
    main(["credit", "--mock", "--json"])
    assert capsys.readouterr().out == '{"credit": 1000.0}\n'
