"""`make demo`: from the docs pages to a finished swap, on a loopback port, with a transcript.

Each step prints what it did and what it saw, and checks it; the first step that does not hold ends
the demo with one line and exit code 1. Uses only what users use: the pipeline's commands, the
mock's server, the client.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_faceswap import JobState
    from akool_mock import MockServer

ROOT = Path(__file__).resolve().parents[1]


class StepFailedError(Exception):
    """A step of the demo did not hold; the message says which and what was seen."""


def hold(condition: object, what: str) -> None:
    """Ends the demo unless `condition` is true."""
    if not condition:
        raise StepFailedError(what)


def step(title: str) -> None:
    """Begins a part of the transcript."""
    print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}")


def say(line: str) -> None:
    """One line of the transcript."""
    print(f"  {line}")


def pipeline(*arguments: str) -> None:
    """Runs one command of the contract pipeline and shows its output, but counts its notes."""
    command = [sys.executable, "-m", "akool_pipeline", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    notes = sum(line.startswith("note: ") for line in lines)
    for line in lines:
        if not line.startswith("note: "):
            say(line)
    if notes:
        say(f"({notes} notes about words that differ between pages: `make spec` shows them)")
    if done.returncode:
        raise StepFailedError(f"`contract {' '.join(arguments)}` said no (exit {done.returncode})")


@contextmanager
def webhook_receiver() -> Iterator[tuple[str, Queue[bytes]]]:
    """A receiver as an application would have one: answers 200 and hands the body on."""
    bodies: Queue[bytes] = Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Quiet: the transcript says what matters."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", bodies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def docs_example(contract: dict[str, Any]) -> dict[str, Any]:
    """The V3 image page's own request example, read from the merged contract."""
    operation = contract["paths"]["/api/open/v3/faceswap/highquality/specifyimage"]["post"]
    example: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["example"]
    return example


def await_final_webhook(bodies: Queue[bytes], job_id: str, mock: MockServer) -> None:
    """Shows every delivery for the job until the one that says it is finished."""
    from akool_faceswap import JobStatus, webhooks

    deadline = time.monotonic() + 15
    while True:
        try:
            body = bodies.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise StepFailedError("no webhook about the finished job arrived in 15 s") from None
        event = webhooks.unwrap(body, client_id=mock.client_id, client_secret=mock.client_secret)
        say(f"webhook: {len(body)} encrypted bytes -> status {int(event.status)}, job {event.id}")
        hold(event.id == job_id, "a webhook named another job")
        if event.status is JobStatus.SUCCESS:
            say(f"webhook url: {event.url}")
            return


def swap(contract: dict[str, Any]) -> None:
    """One swap from the credit to the deletion, as an application would do it."""
    from PIL import Image

    from akool_faceswap import Face, FaceSwap
    from akool_mock import MockServer

    example = docs_example(contract)
    with MockServer() as mock, webhook_receiver() as (hook_url, bodies):
        step("3. The simulator")
        say(f"listens on {mock.url}")
        step("4. One swap with the client")
        with FaceSwap(api_key=mock.api_key, base_url=mock.url) as client:
            before = client.credit()
            say(f"credit: {before}")
            job = client.swap_image(
                source=[Face(f["path"], f["opts"]) for f in example["sourceImage"]],
                target=[Face(f["path"], f["opts"]) for f in example["targetImage"]],
                image=example["modifyImage"],
                webhook_url=hook_url,
            )
            say(f"submitted the docs page's own example: job {job.id}")
            seen: list[str] = []

            def show(update: JobState) -> None:
                if not seen or seen[-1] != update.status.name:
                    seen.append(update.status.name)
                    say(f"status: {update.status.name}")

            result = job.wait(timeout=60, on_update=show)
            hold(seen[-1] == "SUCCESS", f"the job ended as {seen[-1]}")
            after = client.credit()
            say(f"credit: {after} (was {before})")
            hold(after < before, "the swap cost nothing")
            with tempfile.TemporaryDirectory() as folder:
                path = result.save(Path(folder))
                picture = Image.open(io.BytesIO(Path(path).read_bytes()))
                picture.load()
                say(f"saved {Path(path).name}: {picture.format}, {picture.width}x{picture.height}")
            await_final_webhook(bodies, job.id, mock)
            job.delete()
            listed = client.results([job.id])[0].listed
            say(f"deleted; the result list {'still has' if listed else 'no longer has'} it")
            hold(not listed, "the deleted result is still listed")


def main() -> int:
    """Runs the demo; 0 only if every step held."""
    started = time.monotonic()
    try:
        step("1. The contract, from the blocks of the docs pages")
        pipeline("build")
        contract = json.loads((ROOT / "openapi/akool_openapi/contract.json").read_text("utf-8"))
        step("2. The client, generated from the contract")
        pipeline("generate")
        swap(contract)
    except StepFailedError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    print(f"\nEvery step held ({time.monotonic() - started:.1f} s).")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
