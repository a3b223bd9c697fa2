"""Programs that cannot be told an address reach the mock by one command before their own."""

import contextlib
import fcntl
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from akool_mock._server.intercept import network
from akool_mock._server.intercept.supervise import PASSED_ON

ROOT = Path(__file__).resolve().parents[3]
RUN = [str(Path(sys.executable).with_name("akool-faceswap")), "mock", "run"]
FAST = ["--set", "queue_s=0.2", "--set", "processing_s=0.2"]
NOBODY = 65_534
JPEG = "3 ffd8"

PROGRAMS = Path(__file__).with_name("programs")
"""Programs that hard-code the vendor's hosts, as strangers write them: no setting of ours."""

WHY_NOT = network.why_not()
private = pytest.mark.skipif(bool(WHY_NOT), reason=f"no private network here: {WHY_NOT}")
NETWORKS = [
    pytest.param("--private-network", marks=private, id="private"),
    pytest.param("--no-private-network", id="proxy"),
]


def run(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload,no-any-return] # more is passed on
        [*RUN, *words], capture_output=True, text=True, check=False, **more
    )


COMMANDS = {
    "python": [sys.executable, PROGRAMS / "program.py"],
    "requests": [sys.executable, PROGRAMS / "library.py", "requests"],
    "httpx2": [sys.executable, PROGRAMS / "library.py", "httpx2"],
    "curl": ["sh", PROGRAMS / "program.sh"],
    "java": ["java", PROGRAMS / "Program.java"],
    "go": ["go", "run", PROGRAMS / "program.go"],
    "node https": ["node", PROGRAMS / "program.mjs", "https"],
    "node fetch": ["node", PROGRAMS / "program.mjs", "fetch"],
}


def command(name: str) -> list[str]:
    words = [str(word) for word in COMMANDS[name]]
    if shutil.which(words[0]) is None:
        pytest.skip(f"{name} is not installed")
    return words


@private
@pytest.mark.parametrize("name", COMMANDS)
def test_a_program_finishes_its_flow_unchanged_in_a_private_network(
    name: str,
) -> None:
    done = run("--private-network", *FAST, "--", *command(name))
    assert (done.returncode, done.stdout.strip()) == (0, JPEG), done.stderr
    assert re.search("called: swapImage(Pro)?$", done.stderr, re.MULTILINE)
    assert "called: deleteResults" in done.stderr
    assert "refused" not in done.stderr


@pytest.mark.parametrize("name", ["python", "requests", "httpx2", "curl", "java", "go"])
def test_a_program_that_takes_a_proxy_finishes_its_flow_without_one(
    name: str,
) -> None:
    done = run("--no-private-network", *FAST, "--", *command(name))
    assert (done.returncode, done.stdout.strip()) == (0, JPEG), done.stderr


@private
def test_an_ordinary_user_needs_no_rights_and_stays_who_he_is(tmp_path: Path) -> None:
    """With what the user may read: the interpreter, and the checkout, can lie in root's home."""
    if os.getuid() != 0:
        pytest.skip("the other tests run as an ordinary user already")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    paths = [path for path in sys.path if path.endswith("site-packages")]
    paths += [str(ROOT / name) for name in ("mock", "openapi", "client", "generated")]
    other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env"]
    other += [f"PYTHONPATH={':'.join(paths)}", f"HOME={tmp_path}", "PYTHONDONTWRITEBYTECODE=1"]
    for python in (sys.executable, f"/usr/bin/{version}"):
        with contextlib.suppress(OSError):
            ran = subprocess.run([*other, python, "-c", "import akool_faceswap.cli"], check=False)
            if ran.returncode == 0:
                break
    else:
        pytest.skip("an ordinary user may not start this Python, or not read this checkout")
    main = "from akool_faceswap.cli import main; main()"
    program = (PROGRAMS / "program.py").read_text("utf-8")
    tell = f"import os; print(os.getuid(), os.getgid())\n{program}"
    done = subprocess.run(
        [*other, python, "-c", main, "mock", "run", "--private-network", *FAST, python, "-c", tell],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    assert done.stdout.split("\n")[:2] == [f"{NOBODY} {NOBODY}", JPEG], done.stderr


@pytest.mark.parametrize("way", NETWORKS)
def test_the_exit_code_is_the_programs_own(way: str) -> None:
    assert run(way, "--", "sh", "-c", "exit 7").returncode == 7
    assert run(way, "--", "sh", "-c", "kill -9 $$").returncode == 128 + 9


@pytest.mark.parametrize("way", NETWORKS)
def test_a_host_outside_the_contract_is_refused_and_told(way: str) -> None:
    outside = "import urllib.request as r; r.urlopen('https://example.com/', timeout=20)"
    done = run(way, "--", sys.executable, "-c", outside)
    assert done.returncode == 1
    assert "403" in done.stderr
    assert "not a host of the contract: example.com" in done.stderr


@private
def test_nothing_gets_out_of_a_private_network_even_past_the_proxy() -> None:
    direct = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=20)"
    done = run("--private-network", "--", sys.executable, "-c", direct)
    assert done.returncode == 1
    assert "unreachable" in done.stderr


def test_what_the_mock_refused_is_told_with_its_reason() -> None:
    wrong = (
        (PROGRAMS / "program.py")
        .read_text("utf-8")
        .replace('os.environ["AKOOL_API_KEY"]', '"wrong"')
    )
    done = run("--", sys.executable, "-c", wrong)
    assert done.returncode == 1
    assert "refused: getCredit: 1101" in done.stderr


@pytest.mark.parametrize("words", [["--"], [], ["--", "no-such-program"]])
def test_a_command_that_cannot_be_run_is_one_line(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode in {2, 127}
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("way", NETWORKS)
def test_webhooks_reach_the_programs_own_server_and_nothing_far_away(way: str) -> None:
    hooked = [sys.executable, str(PROGRAMS / "hooked.py")]
    done = run(way, *FAST, "--", *hooked, "0", "2")
    assert (done.returncode, done.stdout.strip()) == (0, "['/own ']"), done.stderr


def test_all_webhooks_of_a_program_can_be_led_to_one_place() -> None:
    port = free_port()
    to = f"http://127.0.0.1:{port}/all"
    words = ["--webhook-to", to, "--", sys.executable, str(PROGRAMS / "hooked.py"), str(port), "4"]
    done = run(*FAST, *words)
    assert done.returncode == 0, done.stderr
    assert "'/all https://far.example/hook'" in done.stdout
    assert f"'/all http://127.0.0.1:{port}/own'" in done.stdout


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_a_backend_that_does_what_was_observed_finishes_its_flow() -> None:
    port = free_port()
    words = ["--as", "observed", "--webhook-to", f"http://127.0.0.1:{port}/hook"]
    backend = [sys.executable, str(PROGRAMS / "backend.py"), str(port)]
    done = run(*words, *FAST, "--", *backend)
    assert (done.returncode, done.stdout.strip()) == (0, "[2, 3]"), done.stderr
    assert "refused" not in done.stderr


@pytest.mark.browser
@private
def test_a_page_in_a_browser_finishes_its_flow() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on the PATH")
    page = [sys.executable, str(PROGRAMS / "page.py"), chromium]
    done = run("--as", "observed", *FAST, "--", *page)
    assert (done.returncode, done.stdout.strip()) == (0, JPEG), done.stderr


def test_the_transcript_of_the_docs_repeats_itself(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "guides" / "run-a-program.md").read_text("utf-8")
    program, transcript = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[:2]
    command, _, shown = transcript.partition("\n")
    words = command.split()
    assert words[:4] == ["$", "akool-faceswap", "mock", "run"]
    assert words[-2:] == ["python", "app.py"]
    (tmp_path / "app.py").write_text(program, "utf-8")
    done = run(*words[4:-2], sys.executable, "app.py", cwd=tmp_path)
    told = "".join(line for line in done.stderr.splitlines(keepends=True)
                   if not line.startswith("without a private network"))  # fmt: skip
    assert done.stdout + told == shown


CHILD = """
import os, signal, sys, time
def once(*_):
    signal.signal(signal.SIGINT, lambda *_: os._exit(7))
    time.sleep(0.2)
    os._exit(6)
signal.signal(signal.SIGINT, once)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
print("ready", flush=True)
while True: time.sleep(0.05)
"""


@contextlib.contextmanager
def started(way: str, mark: str, folder: Path, **more: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # type: ignore[call-overload] # more is passed on
        [*RUN, way, "--", sys.executable, "-c", CHILD, mark],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=os.environ | {"TMPDIR": str(folder)}, start_new_session=True, **more,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def running(mark: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and mark in (entry / "cmdline").read_bytes().decode().split(
                "\0"
            ):
                found.append(int(entry.name))
    return found


def wait_until_gone(mark: str, folder: Path) -> None:
    """Real processes end in their own time: the test's own timeout is the bound."""
    while running(mark) or list(folder.iterdir()):
        time.sleep(0.05)


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@on_linux
@pytest.mark.parametrize("way", NETWORKS)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 6), (signal.SIGTERM, 5)])
def test_a_signal_to_us_reaches_the_program(
    way: str, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    with started(way, f"mark-{code}-{way}", tmp_path) as process:
        process.send_signal(number)
        assert process.wait() == code
    wait_until_gone(f"mark-{code}-{way}", tmp_path)


@on_linux
@pytest.mark.parametrize("way", NETWORKS)
def test_ctrl_c_is_the_programs_business(way: str, tmp_path: Path) -> None:
    """By a real terminal, which sends it to all in the foreground: the program gets it once."""
    ours, theirs = pty.openpty()
    take = lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # noqa: E731 - in the child, before exec
    try:
        with started(way, f"mark-c-{way}", tmp_path, stdin=theirs, preexec_fn=take) as process:
            os.write(ours, b"\x03")
            assert process.wait() == 6
    finally:
        os.close(theirs)
        os.close(ours)


def mask(status: str, name: str) -> int:
    return int(status.split(f"{name}:", 1)[1].split(maxsplit=1)[0], 16)


@on_linux
@pytest.mark.parametrize("way", NETWORKS)
def test_no_thread_but_the_first_takes_a_signal_that_is_the_programs(
    way: str, tmp_path: Path
) -> None:
    """One that did would end us by Ctrl-C, now and then, before the program had its say."""
    with started(way, f"mark-t-{way}", tmp_path):
        program = Path("/proc", str(max(running(f"mark-t-{way}"))), "status").read_text("utf-8")
        parent = program.split("PPid:", 1)[1].split(maxsplit=1)[0]
        tasks = sorted(Path("/proc", parent, "task").iterdir(), key=lambda task: int(task.name))
        others = [(task / "status").read_text("utf-8") for task in tasks[1:]]
    assert others
    wanted = sum(1 << (number - 1) for number in PASSED_ON)
    assert all(mask(status, "SigBlk") & wanted == wanted for status in others)


@on_linux
@pytest.mark.parametrize("way", NETWORKS)
def test_nothing_is_left_when_we_are_killed(way: str, tmp_path: Path) -> None:
    with started(way, f"mark-k-{way}", tmp_path) as process:
        process.kill()
        process.wait()
        wait_until_gone(f"mark-k-{way}", tmp_path)


@on_linux
@pytest.mark.parametrize("way", NETWORKS)
def test_nothing_is_left_when_the_program_is_killed(way: str, tmp_path: Path) -> None:
    mark = f"mark-p-{way}"
    with started(way, mark, tmp_path) as process:
        os.kill(max(running(mark)), signal.SIGKILL)
        assert process.wait() == 128 + 9
    wait_until_gone(mark, tmp_path)
