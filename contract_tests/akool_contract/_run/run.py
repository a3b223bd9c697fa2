"""One run: its parts, and the API calls that checks are written with."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from akool_contract._findings.collector import Collector
from akool_contract._findings.coverage import Coverage
from akool_contract._findings.ledger import Ledger
from akool_contract._run.budget import Budget
from akool_contract._run.guard import Guard
from akool_contract._run.judge import Judge
from akool_contract._run.observers import Observers
from akool_contract._run.parallel import Parallel
from akool_contract._run.payments import Payments
from akool_contract._run.post import Post
from akool_contract._run.sender import Sender
from akool_contract._run.waiting import Waiting
from akool_contract._target.clock import Clock, Pace
from akool_contract._wire.contract import Shape
from akool_contract._wire.errors import UnusableError
from akool_contract._wire.http import Request
from akool_contract._wire.redact import Redactor
from akool_contract._wire.strict_json import read_object
from akool_contract.oracle.by_contract import sample_by_contract, sample_parameter
from akool_contract.oracle.samples import Pictures, sample_body
from akool_openapi.operations import put

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from akool_contract._findings.answer import Answer
    from akool_contract._findings.job import Job
    from akool_contract._options import Options
    from akool_contract._target.mailbox import Mailbox
    from akool_contract._target.target import Target
    from akool_contract._wire.contract import Contract, Operation
    from akool_openapi.operations import Address

MAIN, SECOND = "main", "second"
IDS_A_LOOK = 20
TOKEN = re.compile(r"[!-~]+")
"""What a header can carry after `Bearer `: printable ASCII without spaces."""


class Run:
    """What every check is given.

    Attributes:
        guard: which requests may be sent.
        sender: sends one, and has its answer judged.
        parallel: sends several at once.
        judge: reports what checks find.
        ledger: every job of the run, and what was seen of it.
        budget: what may be spent.
        payments: what was.
        clock: the target's time.
        waiting: waits for jobs to end.
        post: webhooks.
        observers: they are notified of events.
    """

    def __init__(
        self,
        target: Target,
        contract: Contract,
        options: Options,
        mailbox: Mailbox | None = None,
    ) -> None:
        self.target, self.contract, self.options = target, contract, options
        self.credentials, self.can = target.credentials, target.capabilities
        self.random = self._ids = random.Random(options.seed)  # noqa: S311 - repeatable, not secret
        self.pictures = Pictures.of(options)
        self.redactor = Redactor(self.credentials.secrets())
        self.collector = Collector(options.excludes_check)
        self.coverage = Coverage()
        self.judge = Judge(self.can, self.collector, self.redactor)
        self.clock = Clock(target)
        self.ledger = Ledger(options.list_grace)
        self.budget = Budget(
            None if self.can.cheap else options.max_credits,
            contract.prices,
            options.price,
            leave=self.can.submit,
        )
        self.guard = Guard(contract, options, self.can, self.budget, self.ledger)
        self.sender = Sender(
            target,
            contract,
            self.clock,
            Pace(options.rate, self.clock),
            self.guard,
            self.budget,
            self.judge,
            self.collector,
            self.coverage,
            options.concurrency,
        )
        self.parallel = Parallel(self.sender, self.guard, self.budget, self.can, options)
        self.payments = Payments(
            contract, self.budget, self.can, self.judge, self.collector, self.balance
        )
        self.post = Post(mailbox)
        self.observers = Observers()
        self.polls = 0
        """Those of the requests that only polled a job: their number depends on its speed."""
        self.waiting = Waiting(self.clock, options, self.can, self._poll, self.observers)
        self.sender.followers += [
            self._learn_tokens,
            self._enter,
            self.payments.follow,
        ]

    @property
    def mailbox(self) -> Mailbox | None:
        """Where webhooks arrive; None: they are not checked."""
        return self.post.mailbox

    def begin(self, check: str) -> None:
        """A check starts: its random numbers depend on the seed alone, not on earlier requests."""
        seed = f"{self.options.seed} {check}"
        self.random, self._ids = random.Random(seed), random.Random(f"{seed} ids")  # noqa: S311 - as above

    def _poll(self, jobs: Iterable[Job]) -> bool:
        before = self.sender.sent
        try:
            return self.look_at(jobs)
        finally:
            self.polls += self.sender.sent - before

    # -- what each answer tells the run -------------------------------------------------------

    def _learn_tokens(self, answers: Sequence[Answer]) -> None:
        """A new token is the main account's; if it fits into a header, the run uses it."""
        for answer in answers:
            if not (answer.name == "getToken" and self.contract.knows("getToken") and answer.ok):
                continue
            value = answer.body.get("token")
            token = value.strip() if isinstance(value, str) else ""
            sent = read_object(answer.exchange.request.body).get("clientId")
            if TOKEN.fullmatch(token) and sent == self.credentials.client_id:
                self.credentials.renew(token)
                self.redactor.learn([token])

    def _enter(self, answers: Sequence[Answer]) -> None:
        """The ledger learns of jobs, lists and deletions, and finds contradictions."""
        for answer in answers if self.can.state else ():
            if answer.operation is not None:
                for name, finding in self.ledger.enter(answer, self.clock.now()):
                    self.judge.note(name, finding, answer)

    def purse(self) -> AbstractContextManager[None]:
        """No other check spends inside the block: for comparing the credit before and after."""
        return self.sender.money.alone()

    # -- requests -----------------------------------------------------------------------------

    def auth(self, account: str = MAIN) -> dict[str, str]:
        """Credential headers of an account; empty if we have no credentials for it."""
        for key, owner in self.credentials.keys.items():
            if owner == account:
                return {"x-api-key": key}
        for token, owner in self.credentials.tokens.items():
            if owner == account:
                return {"Authorization": f"Bearer {token}"}
        return {}

    def url(self, operation: Operation, parts: Mapping[str, str] | None = None) -> str:
        """Where an operation is: on the target, or on its own documented server in a live run.

        `parts` are parameters of its path; others get made-up values.
        """
        live = self.target.base_url in self.contract.servers
        base = operation.server if live and operation.server else self.target.base_url
        path = operation.path
        given = parts or {}
        for name, value in (self.samples(operation, "path", given) | dict(given)).items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return base.rstrip("/") + path

    def samples(
        self, operation: Operation, where: str, given: Container[str] = ()
    ) -> dict[str, str]:
        """A valid value for each required parameter at `where` that is not given yet."""
        found = {}
        for parameter in operation.parameters:
            wanted = parameter.get("in") == where and parameter.get("required")
            if wanted and parameter["name"] not in given:
                value = sample_parameter(self.contract.document, parameter)
                text = value if isinstance(value, str) and value else json.dumps(value)
                found[parameter["name"]] = self.made_up_id() if value in (None, "") else text
        named = self.contract.names_jobs(operation.id)
        here = named is not None and named.parameter.part == where
        if named is not None and here and named.parameter.name not in given:
            found[named.parameter.name] = self.made_up_id()
        return found

    def request(  # noqa: PLR0913 - what there is to a request
        self,
        name: str,
        *,
        body: Any = None,  # noqa: ANN401 - any JSON value, or bytes as they are
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        account: str = MAIN,
        parts: Mapping[str, str] | None = None,
    ) -> Request:
        """A request of an operation. `headers` replaces the account's credentials when given."""
        operation = self.contract.operations.get(name)
        if operation is None:
            raise UnusableError(f"the contract has no operation {name}")
        url = self.url(operation, parts)
        if query:
            url += "?" + urlencode(query)
        pairs = dict(self.auth(account) if headers is None else headers)
        content = b""
        if isinstance(body, bytes):
            content = body
        elif body is not None:
            content = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if body is not None and not any(key.lower() == "content-type" for key in pairs):
            pairs["Content-Type"] = "application/json"
        return Request(operation.method, url, tuple(pairs.items()), content, name)

    def call(
        self,
        name: str,
        *,
        body: Any = None,  # noqa: ANN401 - any JSON value, or bytes as they are
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        account: str = MAIN,
    ) -> Answer:
        """Sends a request of an operation."""
        return self.sender.send(
            self.request(name, body=body, query=query, headers=headers, account=account)
        )

    def valid_body(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """A body that must be accepted, with the pictures that the person named."""
        operation = self.contract.operations.get(name)
        if operation is None:
            raise UnusableError(f"the contract has no operation {name}")
        if operation.ours:
            return sample_body(operation, self.pictures, self.credentials, self.made_up_id())
        address = self.contract.deletions.get(name)
        body = sample_by_contract(self.contract, operation)
        if address is not None and address.parameter.part == "body":
            body = put(body, address.parameter.name, self.made_up_id())
        return body

    def right(
        self,
        name: str,
        body: Any = ...,  # noqa: ANN401 - any JSON value
        account: str = MAIN,
        credentials: Mapping[str, str] | None = None,
    ) -> Request:
        """A valid request of an operation, with all required parameters; `body` replaces its own.

        Raises:
            UnusableError: the contract does not say enough to make one.
        """
        operation = self.contract.operations.get(name)
        if operation is None:
            raise UnusableError(f"the contract has no operation {name}")
        if operation.request is None:
            body = None
        elif body is ...:
            body = self.valid_body(name)
        query = self.samples(operation, "query")
        own = self.auth(account) if credentials is None else dict(credentials)
        headers = self.samples(operation, "header") | own
        return self.request(name, body=body, query=query, headers=headers)

    def made_up_id(self) -> str:
        """An id in the right form that nobody was given."""
        name = f"{self._ids.getrandbits(64):016x}" + "deadbeef"
        self.ledger.made_up.add(name)
        return name

    # -- verbs --------------------------------------------------------------------------------

    def submit(
        self, name: str, changes: Mapping[str, Any] | None = None, account: str = MAIN
    ) -> Job:
        """Submits a job; raises UnusableError if it is not accepted."""
        if not changes:
            return self.job_of(self.sender.send(self.right(name, account=account)))
        body = self.valid_body(name) | dict(changes)
        return self.job_of(self.call(name, body=body, account=account))

    def job_of(self, answer: Answer) -> Job:
        """The job that a submit started; raises UnusableError if there is none."""
        job = self.ledger.jobs.get(answer.started)
        if not answer.ok or job is None:
            raise UnusableError(f"{answer.name} gave no job: {answer.short(120)}")
        return job

    def look(self, ids: Iterable[str], account: str = MAIN) -> Answer:
        """Lists results."""
        return self.call("listResults", query={"_ids": ",".join(ids)}, account=account)

    def look_at(self, jobs: Iterable[Job]) -> bool:
        """Polls jobs, several at once if `x-job` allows it; False: one request was refused."""
        there = [job for job in jobs if not job.deleted]
        return all(answer.ok for answer in self.name_jobs(there, lambda job: job.spec.poll))

    def name_jobs(
        self, jobs: Iterable[Job], address_of: Callable[[Job], Address | None]
    ) -> list[Answer]:
        """Sends the ids of jobs to where `address` says, a moderate number at once."""
        groups: dict[tuple[str, Address], list[str]] = {}
        for job in jobs:
            address = address_of(job)
            if address is not None:
                groups.setdefault((job.account, address), []).append(job.id)
        requests: list[Request] = []
        for (account, address), ids in groups.items():
            step = 1 if address.separator is None else IDS_A_LOOK
            parts = (ids[start : start + step] for start in range(0, len(ids), step))
            requests += [self.naming(address, part, account) for part in parts]
        return self.parallel.send_each(requests)

    def name_ids(self, address: Address, ids: Iterable[str], account: str = MAIN) -> Answer:
        """Sends ids to where `address` says."""
        return self.sender.send(self.naming(address, ids, account))

    def naming(
        self,
        address: Address,
        ids: Iterable[str],
        account: str = MAIN,
        credentials: Mapping[str, str] | None = None,
    ) -> Request:
        """The request that sends ids to where `address` says; `credentials` replace the account's.

        Raises:
            UnusableError: the contract says too little to make one.
        """
        name, place = address.operation, address.parameter
        operation = self.contract.operations.get(name)
        if operation is None:
            raise UnusableError(f"the contract has no operation {name}")
        given, text = {}, (address.separator or "").join(ids)
        body = None
        if place.part == "body":
            body = put(
                {} if operation.ours else sample_by_contract(self.contract, operation),
                place.name,
                text,
            )
        else:
            given[place.name] = text
        parts = {part: self.samples(operation, part, given) for part in ("query", "header", "path")}
        parts.setdefault(place.part, {}).update(given)
        own = self.auth(account) if credentials is None else dict(credentials)
        headers = parts["header"] | own
        return self.request(
            name, body=body, query=parts["query"], headers=headers, parts=parts["path"]
        )

    def delete(self, ids: Iterable[str], account: str = MAIN) -> Answer:
        """Deletes results; only ids of this run, or made-up ones."""
        return self.call("deleteResults", body={"_ids": ",".join(ids)}, account=account)

    def credit(self, account: str = MAIN) -> float:
        """The account's credit; raises UnusableError when the server does not say."""
        name = self.contract.credit
        if name is None:
            raise UnusableError(f"no operation of the contract {Shape.CREDIT.value}")
        answer = self.sender.send(self.right(name, account=account))
        value = answer.data.get("credit")
        if not answer.ok or isinstance(value, bool) or not isinstance(value, (int, float)):
            raise UnusableError(f"{name} returned no credit: {answer.short(120)}")
        return float(value)

    def balance(self) -> float | None:
        """What the server says of the main account's credit; None when it does not say."""
        try:
            return self.credit()
        except UnusableError:
            return None
