"""The simulator: a request in, an answer out, without a socket.

`Simulator.handle` takes these steps in order: route, authenticate, validate, find the faults, run
the handler, check the answer against the contract, apply a fault to it, log. The state is in the
world. Time, randomness and ids come from there too, so the same calls give the same answers.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from akool_mock._contract.answers import checked, from_contract, refusal_as_documented
from akool_mock._contract.compiled import Contract, merged_contract
from akool_mock._contract.cors import preflight, shared
from akool_mock._contract.elsewhere import misdirected, no_such_method, no_such_path
from akool_mock._contract.gateway import gateway, spoiled
from akool_mock._contract.hosts import hosts_of
from akool_mock._contract.requests import Head, read
from akool_mock._http import (
    Request,
    Response,
    base_of,
    host_name,
    is_address,
    is_loopback,
    json_response,
    text_response,
)
from akool_mock._media.files import Files
from akool_mock._operations.by_contract import price_of, refusal_of, successful
from akool_mock._operations.call import Call, ErrorAnswer
from akool_mock._operations.handlers import handlers_of
from akool_mock._operations.swaps import face_swap_event
from akool_mock._webhooks.courier import Courier
from akool_mock._world.accounts import BANNED, Refusal
from akool_mock._world.clock import Clock
from akool_mock._world.directives import NONE, from_name, parse, texts_in
from akool_mock._world.settings import MockError, Settings
from akool_mock._world.storage import StorageError
from akool_mock._world.world import Terms, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from akool_mock._contract.compiled import Operation, Route
    from akool_mock._operations.events import Event
    from akool_mock._operations.handlers import Handler
    from akool_mock._webhooks.courier import Receiver
    from akool_mock._world.accounts import Account, Accounts
    from akool_mock._world.directives import Directives
    from akool_mock._world.faults import Rule
    from akool_mock._world.jobs import Job
    from akool_mock._world.journal import Journal
    from akool_mock._world.outbox import Outbox

    Middleware = Callable[["Request", "Response", "Simulator"], "Response"]


CONTROL_PREFIX = "/_mock/"
_MAGIC = b"mock."
_SHOWN_FAULT = 500


class Simulator:
    """A simulator of the vendor's API, in memory.

    Safe to call from several threads. Calls are short: the transport renders pictures later.

    Args:
        contract: an OpenAPI 3 document, compiled or not; default: the merged contract.
        settings: settings for what the pages do not say.
        clock: the clock; default: one that runs with the real time.
        seed: seed of ids, failures and jitter.

    Attributes:
        contract: what is served.
        world: the state: accounts, jobs, time, faults, webhooks, requests.
        courier: sends webhooks to their receivers.
        middleware: functions `(request, response, simulator) -> response`, called on every
            contract answer after it was checked; what they change is not checked again. For tests
            of tests: defects are put in here.
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
        self._handlers: Mapping[str, Handler] = handlers_of(self.contract)
        terms = Terms(
            {name: price_of(spec) for name, spec in self.contract.specs.items()},
            {
                name: spec.job.result_s
                for name, spec in self.contract.specs.items()
                if spec.job and spec.job.result_s is not None and not self._handlers[name].by_hand
            },
            tuple(name for name, spec in self.contract.specs.items() if spec.job),
        )
        self.world = World(
            settings or Settings(), clock or Clock(), seed, self.contract.operations, terms
        )
        self.courier = Courier(self.world, self._event)
        self.middleware: list[Middleware] = []
        self._hosts = frozenset(hosts_of(self.contract.document))
        self._files = Files(self.world)
        self._codes = {
            int(entry["code"]): str(entry.get("meaning", ""))
            for entry in self.contract.document.get("x-business-codes", ())
        }

    def _event(self, world: World, job: Job, status: int) -> Event:
        handler = self._handlers.get(job.operation)
        return (handler.event if handler else face_swap_event)(world, job, status)

    @property
    def accounts(self) -> Accounts:
        """Who may call."""
        return self.world.accounts

    @property
    def clock(self) -> Clock:
        """Mock time."""
        return self.world.clock

    @property
    def settings(self) -> Settings:
        """The settings that apply now."""
        return self.world.settings

    @property
    def jobs(self) -> Mapping[str, Job]:
        """Every job by `_id`, oldest first."""
        return self.world.jobs.by_id

    @property
    def rules(self) -> Sequence[Rule]:
        """The fault rules in force."""
        return self.world.faults.rules

    @property
    def journal(self) -> Journal:
        """The latest requests."""
        return self.world.journal

    @property
    def outbox(self) -> Outbox:
        """Webhooks to be sent, and their log."""
        return self.world.outbox

    @property
    def failures(self) -> Sequence[str]:
        """Errors inside the simulator, newest last. Empty unless there is a bug."""
        return self.world.failures

    @property
    def origin(self) -> str:
        """Where it is served: scheme, host and port, such as ``http://127.0.0.1:8970``."""
        return self.world.origin

    @origin.setter
    def origin(self, origin: str) -> None:
        self.world.origin = origin

    @property
    def receiver(self) -> Receiver | None:
        """If set, receives webhooks instead of sending them by HTTP: `(url, body) -> status`."""
        return self.courier.receiver

    @receiver.setter
    def receiver(self, receiver: Receiver | None) -> None:
        self.courier.receiver = receiver

    def reset(self, *, seed: int | None = None) -> None:
        """Forget everything except contract, clock, middleware and receiver. Start from a seed."""
        self.world.reset(seed=seed)

    def add_fault(self, rule: Rule) -> Rule:
        """Add a fault rule; it gets its number.

        Raises:
            MockError: it is about an operation that the contract does not have.
        """
        return self.world.add_fault(rule)

    def drop_faults(self, number: int | None = None) -> None:
        """Remove one fault rule, or all."""
        self.world.drop_faults(number)

    def advance(self, seconds: float) -> None:
        """Let mock time pass at once, and send the webhooks that are due."""
        self.world.clock.advance(seconds)
        self.courier.pump()

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises: our own errors are a 500, and in `failures`."""
        try:
            with self.world.lock:
                return self._handle(request)
        except StorageError as error:
            return text_response(507, f"{error}")
        except MockError as error:
            return text_response(400, f"{error}")
        except Exception as error:  # noqa: BLE001 - the last line of defence of a server
            self.world.failures.append(f"{request!r}: {error!r}")
            return text_response(
                500, "the simulator made a mistake: see `failures` in /_mock/state"
            )

    def _handle(self, request: Request) -> Response:
        world = self.world
        head: Head | None = request.head
        if head is None or head.reader is not world.epoch:
            if request.path.startswith(CONTROL_PREFIX) or request.path == CONTROL_PREFIX[:-1]:
                from akool_mock._control import routes  # noqa: PLC0415 - most are never asked

                return routes.respond(world, self.contract, request)
            head = request.head = self._head(request)
        now = world.clock.time()
        if len(request.body) > world.settings.max_body:
            return text_response(413, f"a body may have {world.settings.max_body} bytes")
        cors = world.settings.cors
        if head.stranger:
            response, trace = misdirected(request, head.stranger), ("", "", "")
        elif cors and (asked := preflight(request, cors)) is not None:
            return asked
        elif head.operation is None:
            response, trace = self._elsewhere(request, head.route, now), ("", "", "")
        else:
            response, trace = self._operate(request, head, head.operation, now)
            for change in self.middleware:
                response = change(request, response, self)
        if cors:
            response = shared(request, response, cors)
        world.journal.add(now, request, response, trace)
        world.revision += 1
        return response

    def _head(self, request: Request) -> Head:
        world = self.world
        route = self.contract.route(request.method, request.path)
        base = base_of(request, world.origin, trust_proxy=world.settings.trust_proxy)
        head = Head(request, route, base, world.epoch)
        if not request.origin:  # which a transport knows: nobody else's pages come that way
            host = host_name(request.fields.get(b"host", b"").decode("latin-1"))
            head.stranger = "" if self._answers_to(host) else host
        return head

    def _answers_to(self, host: str) -> bool:
        """Whether the host is the mock's. Else a web page could call it by its own host name."""
        named = self.world.settings.host_names
        return (
            not host
            or is_loopback(host)
            or host in self._hosts
            or host in self.world.hosts
            or host in named
            or "*" in named
            or (bool(self.world.hosts) and is_address(host))
        )

    def _elsewhere(self, request: Request, route: Route, now: float) -> Response:
        if route.allowed:
            return no_such_method(request, route)
        found = self._files.serve(request, now)
        if found is None:
            return no_such_path(self.contract, request)
        if request.method not in ("GET", "HEAD"):
            return text_response(405, "files are read with GET")
        return found

    def _operate(
        self, request: Request, head: Head, operation: Operation, now: float
    ) -> tuple[Response, tuple[str, str, str]]:
        world = self.world
        who, fault, directives = "", "", NONE
        try:
            if operation.secured:
                account = self._caller(operation, head, now)
                if world.settings.rate_limit:
                    account.meter(now, world.settings.rate_limit, world.settings.rate_window_s)
                who = account.client_id
            else:
                account = world.accounts.first
            values, body = read(request, head, operation, self._tolerant(operation))
            if world.faults.rules or head.directives is not None or _MAGIC in request.body:
                directives, fault = self._asked_for(request, head, operation.id, who, body)
            response = self._answer(
                Call(operation, account, body, values, directives, now, head.base)
            )
        except Refusal as refusal:
            ordered = directives.code == refusal.code
            response = self._refused(operation, refusal, ordered=ordered)
        if directives is not NONE:
            response = spoiled(response, directives)
            response.delay_s = directives.latency_s
            if directives.jitter_s:
                response.delay_s += world.rng.uniform(0, directives.jitter_s)
        return response, (operation.id, who, fault)

    def _caller(self, operation: Operation, head: Head, now: float) -> Account:
        accounts = self.world.accounts
        try:
            return accounts.authenticate(head.authorization, head.key, now)
        except Refusal as refusal:
            opened = operation.id in self.world.settings.open_operations
            if not opened or refusal.code == BANNED:
                raise
            return accounts.first

    def _tolerant(self, operation: Operation) -> Callable[[Any], Any] | None:
        handler = self._handlers.get(operation.id)
        if handler is None or handler.tolerant is None:
            return None
        return partial(handler.tolerant, self.world.settings)

    def _asked_for(
        self, request: Request, head: Head, operation: str, account: str, body: object
    ) -> tuple[Directives, str]:
        """The faults that rules, file names and the header ask for, and their text."""
        found, said = NONE, []
        for rule in self.world.due_faults(
            operation, account, request.path.encode() + b"?" + request.query
        ):
            found = rule.directives.over(found)
            said.append(rule.fault)
        if _MAGIC in request.body:
            for address in texts_in(body):
                meant = from_name(address)
                if meant is not NONE:
                    found = meant.over(found)
                    said.append(address)
        if head.directives is not None:
            text = head.directives.decode("latin-1")
            found = parse(text).over(found)
            said.append(text)
        return found, "; ".join(said)[:_SHOWN_FAULT]

    def _answer(self, call: Call) -> Response:
        operation, failures = call.operation, self.world.failures
        if call.directives is not NONE:
            response = self._instead(call.directives, operation)
            if response is not None:
                return response
        handler = self._handlers.get(operation.id)
        if handler is None:
            envelope = self.contract.specs[operation.id].envelope
            return from_contract(
                self.contract.document, operation, failures, partial(successful, envelope)
            )
        try:
            answer = handler.answer(self.world, call)
        except ErrorAnswer as error:
            return checked(operation, error.payload, failures, error.status)
        if isinstance(answer, Response):
            return answer
        return checked(operation, answer, failures)

    def _instead(self, directives: Directives, operation: Operation) -> Response | None:
        """The answer of a fault that replaces the handler's; None if no fault does."""
        if directives.reset == "before":
            response = Response(0)
            response.reset = True
            return response
        if directives.http:
            return gateway(operation, directives.http)
        if directives.code:
            meaning = self._codes.get(directives.code) or "a code that no page documents"
            raise Refusal(directives.code, f"{meaning} (asked for by a fault)")
        return None

    def _refused(self, operation: Operation, refusal: Refusal, *, ordered: bool) -> Response:
        """A refusal, in the operation's own envelope.

        If a fault `ordered` it, it may break the contract: an undocumented code, for example. A
        contract of another product may not know the platform's envelope.
        """
        handler = self._handlers.get(operation.id)
        if handler is None:
            payload, status = refusal_of(self.contract.specs[operation.id].envelope, refusal)
        else:
            payload, status = handler.refused(refusal)
        status = status or self.world.settings.error_status.get(refusal.code, 200)
        if ordered:
            return json_response(payload, status)
        if handler is None or not handler.by_hand:
            return refusal_as_documented(
                self.contract.document, operation, payload, status, refusal.message
            )
        return checked(operation, payload, self.world.failures, status)
