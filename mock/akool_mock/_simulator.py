"""The simulator: a request in, an answer out, without a socket.

Parse, authenticate, validate, apply faults, handle, validate our own answer, record: `handle` is
that list. All time, chance and identifiers come from what it was made with, so the same calls give
the same answers.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from akool_mock._contract import answers
from akool_mock._contract.compiled import Contract, merged_contract
from akool_mock._contract.gateway import addresses, spoiled
from akool_mock._contract.requests import Head, read
from akool_mock._http import Request, Response, text_response
from akool_mock._media import files
from akool_mock._operations.detection import DETECTION, MediaFault
from akool_mock._operations.results import list_results
from akool_mock._operations.swaps import HANDLERS, Call, remember_polls
from akool_mock._webhooks.courier import Courier
from akool_mock._world.accounts import Account, Accounts, Refusal
from akool_mock._world.clock import Clock
from akool_mock._world.faults import NONE, Directives, Rule, from_name, parse
from akool_mock._world.ids import Ids
from akool_mock._world.jobs import Job, Plan
from akool_mock._world.journal import Journal
from akool_mock._world.outbox import Outbox
from akool_mock._world.settings import MockError, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_mock._contract.compiled import Operation, Route
    from akool_mock._operations.swaps import Target
    from akool_mock._world.state_file import StateFile

    Middleware = Callable[["Request", "Response", "Simulator"], "Response"]
    Receiver = Callable[[str, bytes], int]

__all__ = ["Simulator"]

CONTROL_PREFIX = "/_mock/"
_SHOWN_FAULT = 500
_KEPT_FAILURES = 20
_STALE_IDS = 1024
_HANDLERS = {**HANDLERS, **DETECTION, "listResults": list_results}


class Simulator:
    """The vendor's API, acted out in memory.

    Safe to call from several threads; every call is short except rendering, which answers leave to
    their transport.

    Args:
        contract: an OpenAPI 3 document, compiled or not; the merged contract if not given.
        settings: what the pages leave open.
        clock: time; runs with the real one if not given.
        seed: of identifiers, failures and jitter.

    Attributes:
        jobs: every job by `_id`.
        rules: standing fault orders.
        journal: the latest requests.
        outbox: webhooks to be sent, and their log.
        middleware: functions `(request, response, simulator) -> response`, called on every
            contract answer after it was checked; what they change is not checked again. For tests
            of tests: defects are put in here.
        receiver: takes webhooks in place of HTTP: `(url, body) -> status`.
        origin: where it is served, as `http://host:port`.
        hosts: names besides loopback under which the control plane answers.
        served: a thread sends webhooks; else they are sent by the calls that make time pass.
        restored: its state file had been used before.
        failures: what went wrong inside, newest last; empty unless there is a bug.
    """

    def __init__(
        self,
        contract: Contract | Mapping[str, Any] | None = None,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        seed: int = 0,
    ) -> None:
        if contract is None:
            contract = merged_contract()
        self.contract = contract if isinstance(contract, Contract) else Contract(contract)
        self.clock = clock or Clock()
        self.middleware: list[Middleware] = []
        self.receiver: Receiver | None = None
        self.storage: StateFile | None = None
        self.failures: deque[str] = deque(maxlen=_KEPT_FAILURES)
        self.wake: Callable[[], None] = lambda: None
        self.clock.moved = self._time_moved
        self.origin = "http://127.0.0.1"
        self.hosts: frozenset[str] = frozenset()
        self.served = False
        self.restored = False
        self.revision = 0
        # One string for all jobs of an origin, not one for each.
        self.origins: dict[bytes, str] = {}
        # Listed jobs as JSON, held against the contract when they were made; see `_operations/`.
        self.listed: dict[tuple[str, int, float, str], bytes] = {}
        self.lock = threading.RLock()
        self.courier = Courier(self)
        self._initial = settings or Settings()
        self._codes = {
            int(entry["code"]): str(entry.get("meaning", ""))
            for entry in self.contract.document.get("x-business-codes", ())
        }
        self.seed = seed
        self.reset()

    def reset(self, *, seed: int | None = None) -> None:
        """Forget all but contract, clock, middleware and receiver; start from a seed."""
        with self.lock:
            self.seed = self.seed if seed is None else seed
            self.jobs: dict[str, Job] = {}
            self._ages: deque[str] = deque()
            self.renderer = files.Renderer()
            self.rules: list[Rule] = []
            self._last_rule = 0
            self.rng = random.Random(f"outcomes {self.seed}")  # noqa: S311 - repeatable on purpose
            self.ids = Ids(self.seed)
            self.configure(self._initial)
            first = Account(self.settings.client_id, self.settings.api_key, self.settings.credits)
            self.accounts = Accounts(f"akool_mock {self.seed}".encode())
            self.accounts.accept_any = self.settings.accept_any_key
            self.accounts.add(first)
            self.journal = Journal(self.settings.journal)
            self.outbox = Outbox(self.settings.webhook_retry_s, self.settings.webhook_log)
            if self.storage is not None:
                self.storage.clear(self)
            self.changed()

    def reconfigure(self, values: Mapping[str, Any]) -> None:
        """Change settings by name, and for restarts too if there is a state file.

        Raises:
            MockError: a name is unknown, or a value makes no sense.
        """
        self.configure(self.settings.changed(values))
        if self.storage is not None:
            started = self._initial.as_json()
            now = self.settings.as_json()
            self.storage.set_up({name: now[name] for name in now if now[name] != started[name]})
        self.changed()

    def configure(self, settings: Settings) -> None:
        """Use other settings from now on; jobs that were accepted keep their plan."""
        self.settings = settings
        self.listed.clear()
        self.targets: dict[tuple[str, str], Target] = {}
        self.plan = Plan(settings.queue_s, settings.processing_s)
        if hasattr(self, "accounts"):
            self.accounts.accept_any = settings.accept_any_key

    def changed(self) -> None:
        """Say that there is something new to see or to send."""
        self.revision += 1
        self.wake()

    def _time_moved(self) -> None:
        with self.lock:
            if self.storage is not None:
                self.storage.timed(self.clock.state)
            self.changed()

    def accept(self, job: Job, account: Account, directives: Directives) -> None:
        """Keep a job, durably if there is a state file, before its answer leaves."""
        if self.storage is not None:
            self.storage.accepted(job, account)
        self.remember(job)
        if directives.poll:
            remember_polls(self, job, directives)
        if job.webhook:
            self.outbox.plan(job, directives)
        self.changed()

    def remember(self, job: Job) -> None:
        """Keep a job in memory; beyond `max_jobs` the oldest go."""
        self.jobs[job.id] = job
        self._ages.append(job.id)
        while len(self.jobs) > self.settings.max_jobs:
            oldest = self.jobs.pop(self._ages.popleft(), None)
            if oldest is not None and self.storage is not None:
                self.storage.deleted(oldest)

    def forget(self, job: Job) -> None:
        """Delete a job for good; its id is never used again."""
        if self.storage is not None:
            self.storage.deleted(job)
        del self.jobs[job.id]
        if len(self._ages) > 2 * len(self.jobs) + _STALE_IDS:
            self._ages = deque(self.jobs)  # deleted jobs leave their ids behind
        self.changed()

    def add_fault(self, rule: Rule) -> Rule:
        """Add a standing order; it gets its number.

        Raises:
            MockError: it is about an operation that the contract does not have.
        """
        if rule.operation and rule.operation not in self.contract.operations:
            known = ", ".join(self.contract.operations)
            raise MockError(f"no operation {rule.operation!r} for a fault; there are: {known}")
        with self.lock:
            self._last_rule += 1
            rule.id = self._last_rule
            self.rules.append(rule)
            self._keep_rules()
            self.changed()
        return rule

    def restore_faults(self, rules: list[Rule], last: int) -> None:
        """Go on with these standing orders, under the numbers that they have."""
        self.rules, self._last_rule = rules, last

    def _keep_rules(self) -> None:
        if self.storage is not None:
            self.storage.ordered(self.rules, self._last_rule)

    def drop_faults(self, number: int | None = None) -> None:
        """Withdraw one standing order, or all."""
        with self.lock:
            self.rules = [rule for rule in self.rules if number is not None and rule.id != number]
            self._keep_rules()
            self.changed()

    def force(self, job: Job, status: int) -> None:
        """Put a job into a state for good; its remaining webhooks follow the new plan."""
        with self.lock:
            now = self.clock.time()
            job.plan = job.plan.forced(now - job.created, status)
            self.listed.clear()
            if self.storage is not None:
                self.storage.saved(job)
            if job.webhook:
                self.outbox.drop(job.id)
                self.outbox.plan(job, NONE, after=job.notified)
            self.changed()

    def advance(self, seconds: float) -> None:
        """Let mock time pass at once, and send the webhooks that fall due."""
        self.clock.advance(seconds)
        self.courier.pump()

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises: our own mistake is a 500, and in `failures`."""
        try:
            with self.lock:
                return self._handle(request)
        except MockError as error:
            return text_response(400, f"{error}")
        except Exception as error:  # noqa: BLE001 - the last line of defence of a server
            self.failures.append(f"{request!r}: {error!r}")
            return text_response(
                500, "the simulator made a mistake: see `failures` in /_mock/state"
            )

    def _handle(self, request: Request) -> Response:
        head = request.head
        if head is None or head.owner is not self:
            if request.path.startswith(CONTROL_PREFIX) or request.path == CONTROL_PREFIX[:-1]:
                from akool_mock._control import routes  # noqa: PLC0415 - most servers are never asked

                return routes.respond(self, request)
            route = self.contract.route(request.method, request.path)
            head = request.head = Head(self, request, route)
        now = self.clock.time()
        if len(request.body) > self.settings.max_body:
            return text_response(413, f"a body may have {self.settings.max_body} bytes")
        if head.operation is None:
            response, trace = self._elsewhere(request, head.route, now), ("", "", "")
        else:
            response, trace = self._operate(request, head, head.operation, now)
            for change in self.middleware:
                response = change(request, response, self)
        self.journal.add(now, request, response, trace)
        self.revision += 1
        return response

    def _elsewhere(self, request: Request, route: Route, now: float) -> Response:
        if route.allowed:
            response = text_response(405, f"{request.path} takes {', '.join(route.allowed)}")
            response.headers = (*response.headers, (b"allow", ", ".join(route.allowed).encode()))
            return response
        found = files.serve(self, request, now)
        if found is None:
            return text_response(404, "the contract has no such path")
        if request.method not in ("GET", "HEAD"):
            return text_response(405, "files are read with GET")
        return found

    def _operate(
        self, request: Request, head: Head, operation: Operation, now: float
    ) -> tuple[Response, tuple[str, str, str]]:
        who, fault, directives = "", "", NONE
        try:
            if operation.secured:
                account = self.accounts.authenticate(head.authorization, head.key, now)
                if self.settings.rate_limit:
                    account.meter(now, self.settings.rate_limit, self.settings.rate_window_s)
                who = account.client_id
            else:
                account = self.accounts.first
            values, body = read(request, head, operation)
            if self.rules or head.order is not None or b"mock." in request.body:
                directives, fault = self._directives(request, head, operation.id, who, body)
            response = self._answer(
                operation, Call(account, body, values, directives, now, head.base)
            )
        except Refusal as refusal:
            ordered = directives.code == refusal.code
            response = answers.refused(self, operation, refusal, ordered=ordered)
        if directives is not NONE:
            response = spoiled(response, directives)
            response.delay_s = directives.latency_s
            if directives.jitter_s:
                response.delay_s += self.rng.uniform(0, directives.jitter_s)
        return response, (operation.id, who, fault)

    def _directives(
        self,
        request: Request,
        head: Head,
        operation: str,
        account: str,
        body: object,
    ) -> tuple[Directives, str]:
        found, said = NONE, []
        for rule in self._due_rules(operation, account, request.query):
            found = rule.directives.over(found)
            said.append(rule.fault)
        if b"mock." in request.body:
            for address in addresses(body):
                meant = from_name(address)
                if meant is not NONE:
                    found = meant.over(found)
                    said.append(address)
        if head.order is not None:
            text = head.order.decode("latin-1")
            found = parse(text).over(found)
            said.append(text)
        return found, "; ".join(said)[:_SHOWN_FAULT]

    def _due_rules(self, operation: str, account: str, query: bytes) -> list[Rule]:
        due, counted = [], False
        for rule in self.rules:
            if not rule.fits(operation, account, query):
                continue
            counted = counted or rule.after > 0 or rule.times is not None
            if rule.after:
                rule.after -= 1
            elif rule.probability >= 1 or self.rng.random() < rule.probability:
                due.append(rule)
                if rule.times is not None:
                    rule.times -= 1
        if any(rule.times == 0 for rule in due):
            self.rules = [rule for rule in self.rules if rule.times != 0]
        if counted:
            self._keep_rules()
        return due

    def _answer(self, operation: Operation, call: Call) -> Response:
        if call.directives is not NONE:
            response = self._instead(call.directives, operation)
            if response is not None:
                return response
        handler = _HANDLERS.get(operation.id)
        if handler is None:
            return answers.from_contract(self, operation)
        try:
            answer = handler(self, call)
        except MediaFault as fault:
            payload = {"error_code": 1, "error_msg": fault.message, "faces_obj": {}}
            return answers.checked(self, operation, payload, fault.status)
        if isinstance(answer, Response):
            return answer
        return answers.checked(self, operation, answer)

    def _instead(self, directives: Directives, operation: Operation) -> Response | None:
        """What a fault answers in place of the handler, if it does."""
        if directives.reset == "before":
            response = Response(0)
            response.reset = True
            return response
        if directives.http:
            return answers.gateway(operation, directives.http)
        if directives.code:
            meaning = self._codes.get(directives.code) or "a code that no page documents"
            raise Refusal(directives.code, f"{meaning} (asked for by a fault)")
        return None
