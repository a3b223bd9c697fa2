"""Drives the ergonomic client through the session: every check sees its requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2

from akool_contract._wire.errors import UnusableError
from akool_contract._wire.http import Request
from akool_contract.oracle.samples import OPTS, VIDEO
from akool_faceswap import Face, FaceSwap

if TYPE_CHECKING:
    import threading

    from akool_contract._run.run import Run
    from akool_faceswap import Job

AGENT = "akool-faceswap-client"
PATIENCE_S = 86_400.0
"""The client's own deadlines: how busy this machine is must not end its calls."""


class Clock:
    """The target's clock for the client. If it can be moved, waiting takes no real time."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def monotonic(self) -> float:
        return self._run.clock.now()

    def time(self) -> float:
        return self._run.clock.now()

    def sleep(self, seconds: float) -> None:
        self._run.clock.wait(seconds)

    def wait(self, condition: threading.Condition, seconds: float) -> None:  # noqa: ARG002 - see there
        """See `akool_faceswap.Clock`; the client has one thread here, so nobody wakes it."""
        self._run.clock.wait(seconds)


class Transport(httpx2.BaseTransport):
    """Sends the client's requests through the session, which judges them like its own."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._by_path = {
            run.url(operation).split("://", 1)[1].partition("/")[2]: operation.id
            for operation in run.contract.operations.values()
        }
        self.submitted: Request | None = None
        """The submit that was sent last."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request of the client's."""
        body = request.read()
        path = request.url.path.lstrip("/")
        name = self._by_path.get(path, "")
        headers = tuple(
            (key.decode("latin-1"), value.decode("latin-1"))
            for key, value in request.headers.raw
            if key.lower() not in (b"host", b"content-length", b"connection", b"accept-encoding")
            and key.lower() != b"user-agent"
        )
        ours = Request(
            request.method, str(request.url), (*headers, ("User-Agent", AGENT)), body, name
        )
        if name and self._run.contract.operations[name].is_submit:
            self.submitted = ours
        with self._run.collector.deferred():
            answer = (
                self._run.sender.send(ours) if name else self._run.sender.fetch(str(request.url))
            )
        response = answer.exchange.response
        if response.fault:
            raise httpx2.ReadError(response.fault, request=request)
        if (response.header("content-encoding") or "identity").lower() != "identity":
            # A violation of its own, and unpacked it may be a thousand times as large.
            raise httpx2.DecodingError(
                "compressed, which the request did not ask for", request=request
            )
        kept = [(k, v) for k, v in response.headers if k.lower() != "transfer-encoding"]
        return httpx2.Response(response.status, headers=kept, content=response.body)


class Driver:
    """One client on the run's main account, with methods named as in `Run`."""

    def __init__(self, run: Run) -> None:
        self.run = run
        known = run.credentials
        key = next((k for k, owner in known.keys.items() if owner == "main"), None)
        if key is None and not known.client_id:
            raise UnusableError("no credentials that the client accepts")
        self.transport = Transport(run)
        self.client = FaceSwap(
            key,
            client_id=None if key else known.client_id,
            client_secret=None if key else known.client_secret,
            base_url=run.target.base_url,
            timeout=PATIENCE_S,
            transport=self.transport,
            clock=Clock(run),
            jitter=lambda: 0.5,
        )

    @property
    def submitted(self) -> Request | None:
        """The submit request that the client sent last."""
        return self.transport.submitted

    def submit(self, name: str) -> Job:
        """Submits a job of that kind with the run's pictures; may raise what the client raises."""
        reason = self.run.budget.refusal(name)
        if reason or not self.run.can.submit:
            raise UnusableError(reason or "submitting is not allowed")
        body: dict[str, Any] = self.run.valid_body(name)
        client = self.client
        if name == "swapPlus":
            return client.swap_plus(body["source_url"], body["target_url"])
        source = Face(body["sourceImage"][0]["path"], OPTS)
        target = Face(body["targetImage"][0]["path"], OPTS)
        if name == "swapImage":
            return client.swap_image(source, target, body["modifyImage"])
        if name == "swapVideo":
            return client.swap_video(source, target, body.get("modifyVideo", VIDEO))
        return client.swap_image_pro(source, target)
