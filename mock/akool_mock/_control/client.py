"""Typed access to a control plane, in this process or over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, unquote, urlencode

from akool_mock._http import Request
from akool_mock._world.clock import ClockState
from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_mock._service import Service

    Send = Callable[[str, str, bytes], tuple[int, bytes]]


_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class JobView:
    """A job: `_id`, operationId, clientId, true state, listed or not, times in seconds."""

    id: str
    operation: str
    account: str
    status: int
    listed: bool
    created: float
    age_s: float
    url: str
    video: bool
    webhook: str
    cost: float


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account, without its key."""

    client_id: str
    credits: float
    banned: bool
    user_id: str
    uid: int


@dataclass(frozen=True, slots=True)
class FaultView:
    """A fault rule; see `Rule` for its fields."""

    id: int
    fault: str
    operation: str
    account: str
    job: str
    times: int | None
    after: int
    probability: float


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request and its answer, cut to a few kilobytes and without credentials."""

    number: int
    at: float
    method: str
    path: str
    query: str
    operation: str
    account: str
    fault: str
    status: int
    reset: bool
    request: str
    response: str


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook and its attempts: `(mock time, HTTP status or error text)`."""

    number: int
    job: str
    status: int
    url: str
    due: float
    state: str
    attempts: tuple[tuple[float, int | str], ...]


class Control:
    """The control plane as Python: `Control.of(simulator)` or `Control.at("http://127.0.0.1:8970")`.

    If the control plane refuses, every method raises `MockError` with its message.
    """

    def __init__(self, send: Send) -> None:
        self._send = send

    @classmethod
    def of(cls, simulator: Service) -> Self:
        """Control of a simulator in this process. Webhooks that are due are sent with each call."""

        def send(method: str, target: str, body: bytes) -> tuple[int, bytes]:
            path, _, query = target.partition("?")
            request = Request(method, unquote(path), query=query.encode(), body=body)
            request.origin = simulator.world.origin
            answer = simulator.handle(request)
            simulator.courier.keep_up()
            return answer.status, answer.content()

        return cls(send)

    @classmethod
    def at(cls, url: str) -> Self:
        """Control of a simulator that listens at `url`."""
        import httpx2  # noqa: PLC0415 - in process nothing is sent

        def send(method: str, target: str, body: bytes) -> tuple[int, bytes]:
            try:
                answer = httpx2.request(
                    method, url.rstrip("/") + target, content=body, timeout=_TIMEOUT_S
                )
            except httpx2.HTTPError as error:
                raise MockError(f"no simulator answers at {url}: {error}") from error
            return answer.status_code, answer.content

        return cls(send)

    def call(self, method: str, path: str, sent: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """One control request: `call("GET", "state")`; the JSON that it answers.

        Raises:
            MockError: it was refused.
        """
        body = b"" if sent is None else json.dumps(sent).encode()
        status, answer = self._send(method, f"/_mock/{path}", body)
        if status == 200:  # noqa: PLR2004 - HTTP
            return json.loads(answer)
        text = answer.decode("utf-8", "replace")
        raise MockError(json.loads(text)["error"] if text.startswith("{") else text)

    def state(self) -> dict[str, Any]:
        """A summary of everything."""
        return dict(self.call("GET", "state"))

    def reset(self, *, seed: int | None = None) -> None:
        """Forget everything; start again from the same or another seed."""
        self.call("POST", "reset", {} if seed is None else {"seed": seed})

    def clock(self) -> ClockState:
        """Mock time."""
        return ClockState(**self.call("GET", "clock"))

    def advance(self, seconds: float) -> ClockState:
        """Let mock time pass at once."""
        return ClockState(**self.call("POST", "clock", {"action": "advance", "seconds": seconds}))

    def freeze(self) -> ClockState:
        """Stop mock time; `advance` still moves it."""
        return ClockState(**self.call("POST", "clock", {"action": "freeze"}))

    def resume(self) -> ClockState:
        """Let mock time run again, from the current mock time."""
        return ClockState(**self.call("POST", "clock", {"action": "resume"}))

    def real_time(self) -> ClockState:
        """Run with the real clock again; what was advanced is forgotten."""
        return ClockState(**self.call("POST", "clock", {"action": "real"}))

    def configure(self, **settings: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of Settings
        """Change settings by name; see `Settings`."""
        return dict(self.call("PATCH", "settings", settings))

    def accounts(self) -> list[AccountView]:
        """All accounts."""
        return [AccountView(**item) for item in self.call("GET", "accounts")]

    def add_account(self, client_id: str, api_key: str, *, credits: float = 1000.0) -> AccountView:  # noqa: A002 - the vendor's word
        """Add an account; the key has 16, 24 or 32 characters."""
        sent = {"client_id": client_id, "api_key": api_key, "credits": credits}
        return AccountView(**self.call("POST", "accounts", sent))

    def set_account(
        self,
        client_id: str,
        *,
        credits: float | None = None,  # noqa: A002 - the vendor's word
        banned: bool | None = None,
    ) -> AccountView:
        """Set an account's credits, or ban it."""
        said = {"credits": credits, "banned": banned}
        sent = {name: value for name, value in said.items() if value is not None}
        return AccountView(**self.call("PATCH", f"accounts/{quote(client_id, safe='')}", sent))

    def jobs(self, *, limit: int = 50, before: str = "") -> list[JobView]:
        """The newest jobs, newest first; with `before` those older than that one."""
        found: list[JobView] = []
        while len(found) < limit:
            last = found[-1].id if found else before
            older = f"&before={last}" if last else ""
            page = self.call("GET", f"jobs?limit={limit - len(found)}{older}")["jobs"]
            if not page:
                break
            found += [JobView(**item) for item in page]
        return found

    def job(self, job: str) -> JobView:
        """One job by `_id`."""
        return JobView(**self.call("GET", f"jobs/{job}"))

    def set_job(self, job: str, status: int) -> JobView:
        """Set the state of a job, which then stays."""
        return JobView(**self.call("PATCH", f"jobs/{job}", {"status": status}))

    def delete_job(self, job: str) -> None:
        """Delete a job, whoever owns it."""
        self.call("DELETE", f"jobs/{job}")

    def faults(self) -> list[FaultView]:
        """The fault rules in force."""
        return [FaultView(**item) for item in self.call("GET", "faults")]

    def add_fault(self, fault: str, **conditions: Any) -> FaultView:  # noqa: ANN401 - the fields of Rule
        """Add a rule: `add_fault("http=502", operation="listResults", times=2)`; see `Rule`."""
        return FaultView(**self.call("POST", "faults", {"fault": fault, **conditions}))

    def drop_faults(self, number: int | None = None) -> None:
        """Remove one fault rule, or all."""
        self.call("DELETE", f"faults?{urlencode({'id': number or 0})}")

    def _pages(self, what: str, after: int, limit: int | None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while limit is None or len(found) < limit:
            wanted = "" if limit is None else f"&limit={limit - len(found)}"
            page = self.call("GET", f"{what}?after={after}{wanted}")
            if not page[what]:
                break
            found, after = found + page[what], page["cursor"]
        return found

    def requests(self, *, after: int = 0, limit: int | None = None) -> list[RequestView]:
        """The requests in the journal with a number above `after`, oldest first, up to `limit`."""
        return [RequestView(**item) for item in self._pages("requests", after, limit)]

    def webhooks(self, *, after: int = 0, limit: int | None = None) -> list[WebhookView]:
        """The webhooks in the log with a number above `after`, oldest first, up to `limit`."""
        found = self._pages("webhooks", after, limit)
        return [
            WebhookView(
                **{
                    **item,
                    "attempts": tuple((one["at"], one["outcome"]) for one in item["attempts"]),
                }
            )
            for item in found
        ]

    def redeliver(self, number: int) -> WebhookView:
        """Send a logged webhook again."""
        item = self.call("POST", f"webhooks/{number}")
        return WebhookView(**{**item, "attempts": ()})
