"""Commands as processes of their own: what signals and readers that leave do to them."""

import signal
import threading
from collections.abc import Iterator

import pytest
from tests.cli.conftest import child

from akool_faceswap.cli._exit import Exit
from akool_mock import API_KEY, MockServer, Settings

FACE = "https://faces.test/face.jpg"
IMAGE = "https://pictures.test/photo-32x24.jpg"
SWAP = ["swap", "image", "--source", FACE, "--target", FACE, "--image", IMAGE]


@pytest.fixture
def server() -> Iterator[MockServer]:
    """A simulator on a socket, whose jobs are done at once."""
    with MockServer(settings=Settings(queue_s=0, processing_s=0)) as started:
        yield started


@pytest.fixture
def live(server: MockServer) -> dict[str, str]:
    """Environment of a process that talks to the simulator over a socket."""
    return {"AKOOL_BASE_URL": server.url, "AKOOL_API_KEY": API_KEY}


def wait_for(server: MockServer, operation: str) -> None:
    """Return once the simulator has seen a request of this operation."""
    found = threading.Event()
    for _ in range(2000):
        if any(seen.operation == operation for seen in server.control.requests()):
            return
        found.wait(0.01)
    pytest.fail(f"no {operation} came")


def test_ctrl_c_while_waiting_prints_the_command_that_resumes(
    server: MockServer, live: dict[str, str]
) -> None:
    server.control.add_fault("job=stuck", operation="swapImage")
    with child(*SWAP, **live) as process:
        wait_for(server, "listResults")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == Exit.INTERRUPTED
    assert out == ""
    assert f"Go on with: akool-faceswap wait {server.control.jobs()[0].id}" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_during_a_paid_request_waits_for_its_answer(
    server: MockServer, live: dict[str, str], sent: signal.Signals
) -> None:
    server.control.add_fault("latency=1500", operation="swapImage")
    with child(*SWAP, **live) as process:
        wait_for(server, "swapImage")
        process.send_signal(sent)
        _, err = process.communicate()
    assert process.returncode == Exit.INTERRUPTED
    assert f"wait {server.control.jobs()[0].id}" in err


@pytest.mark.parametrize("wait", ["--wait", "--no-wait"])
def test_an_id_that_nobody_reads_on_stdout_is_in_the_command_that_resumes(
    server: MockServer, live: dict[str, str], wait: str
) -> None:
    with child(*SWAP, wait, **live) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == Exit.INTERRUPTED
    assert f"Go on with: akool-faceswap wait {server.control.jobs()[0].id}" in err
    assert "Exception ignored" not in err


def test_a_second_interrupt_leaves_the_paid_request_and_says_that_nobody_knows(
    server: MockServer, live: dict[str, str]
) -> None:
    server.control.add_fault("latency=60000", operation="swapImage")
    with child(*SWAP, **live) as process:
        assert process.stderr is not None
        wait_for(server, "swapImage")
        process.send_signal(signal.SIGINT)
        assert "again" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == Exit.UNCERTAIN
    assert "may have been accepted and charged" in err
    assert "Traceback" not in err


def test_an_interrupt_while_the_faces_are_being_found_pays_nothing(
    server: MockServer, live: dict[str, str]
) -> None:
    server.control.add_fault("latency=60000", operation="detectFaces")
    arguments = ["swap", "image", "--detect", "--source", FACE, "--image", IMAGE]
    with child(*arguments, **live) as process:
        wait_for(server, "detectFaces")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == Exit.INTERRUPTED
    assert "nothing was left half-done" in err
    assert server.control.jobs() == []
