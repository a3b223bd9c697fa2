"""One run: sends every request, judges every answer, keeps the model, the budget and the report."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from akool_contract._findings.answer import Answer
from akool_contract._findings.collector import Collector, TargetDownError, UnusableError
from akool_contract._findings.coverage import Coverage
from akool_contract._findings.registry import CLAUSES, JUDGES, PASSIVE, Finding, clause
from akool_contract._findings.report_model import Violation
from akool_contract._run.budget import Budget
from akool_contract._run.ledger import Ledger
from akool_contract._wire.http import Exchange, Request
from akool_contract._wire.redact import Redactor
from akool_contract._wire.strict_json import read_kindly
from akool_contract.oracle import Outcome, Verdict, judge_request
from akool_contract.oracle.verdict import NO_CREDIT, TOO_OFTEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from akool_contract._options import Options
    from akool_contract._run.ledger import Found
    from akool_contract._target.target import Target
    from akool_contract._wire.contract import Contract
    from akool_contract._wire.http import Response

BY_FORM = ("wire", "schema")
"""Layers that apply to a server whose answers do not depend on what was asked (Prism)."""
MAX_SILENT = 3
"""So many requests in a row without any answer end the run."""
PATIENCE_1005 = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 35.0)
"""Pauses, in seconds, before a request that was refused as too frequent is sent again."""
TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500
REDIRECTS, MAX_REDIRECTS = (301, 302, 303, 307, 308), 5
TOKEN = re.compile(r"[!-~]+")
"""What a header can carry after `Bearer `: printable ASCII without spaces."""
PLENTY = 500.0
"""Credits that pay for any one job: its price may depend on what it asks for."""
ENOUGH = clause(
    "credits.enough-is-enough", "credits", "1006 is answered only when the quota is not enough."
)
RATE = clause(
    "rules.rate-limit-ends",
    "rules",
    "1005 says that calls came too often: after a pause they are answered.",
)


class Run:
    """The state of one run. Checks use `send` and the calls of `Calls` on top of it."""

    def __init__(self, target: Target, contract: Contract, options: Options) -> None:
        self.target, self.contract, self.options = target, contract, options
        self.credentials = target.credentials
        self.can = target.capabilities
        self.collector = Collector(options.wants_check)
        self.coverage = Coverage()
        self.ledger = Ledger(options.list_grace)
        self.redactor = Redactor(self.credentials.secrets())
        self.budget = Budget(None if self.can.cheap else options.max_credits)
        self.layer = ""
        self.sent = 0
        self.latencies: dict[str, list[float]] = defaultdict(list)
        self.listeners: list[Callable[[Exchange], None]] = []
        self.defer = False
        self.unserved: set[str] = set()
        self.accepted = 0
        """Submits that were taken, whoever asked."""
        self._balance: float | None = None
        """What was left after the last submit, if nothing unknown has happened since."""
        self.costs: dict[str, list[float]] = defaultdict(list)
        """What equal submits of the main account cost, each time."""
        self._silent = 0
        self._next_slot = 0.0
        self._surprises: set[str] = set()
        self.files_origin = urlsplit(target.base_url).netloc

    # -- sending ------------------------------------------------------------------------------

    def send(self, request: Request) -> Answer:
        """Sends a request if it may be sent, and judges the answer in every respect."""
        verdict, account = judge_request(request, self.credentials)
        self._allowed(request, verdict)
        if not self.can.codes:
            verdict = verdict.without_codes()
        answer = self._once(request, verdict, account)
        for pause in PATIENCE_1005:
            if not too_often(answer):
                break
            self.target.wait(pause)
            answer = self._once(request, verdict, account)
        if too_often(answer):
            self._never_ends(answer)
        self._after(answer)
        if not self.defer:
            self.collector.flush()
        return answer

    def _never_ends(self, answer: Answer) -> None:
        """The operation is refused as too frequent, however long we wait."""
        self.unserved.add(answer.name)
        seconds = sum(PATIENCE_1005)
        if not self.can.live:
            seen = f"{answer.short()} for {seconds:g} s"
            finding = Finding("an answer after a pause", seen)
            self.report(RATE.name, finding, answer)
        raise UnusableError(f"{answer.name} is refused as too frequent for {seconds:g} s")

    def exchange(self, request: Request) -> Exchange:
        """Sends a request as it is: recorded, but neither judged nor held back."""
        start = time.perf_counter()
        response = self.target.send(request)
        return self.noted(request, response, time.perf_counter() - start)

    def noted(self, request: Request, response: Response, seconds: float) -> Exchange:
        self.sent += 1
        if response.seconds is not None:
            seconds = response.seconds
        at = time.time() if response.at is None else response.at
        exchange = Exchange(self.sent, request, response, seconds, self.layer, at)
        for listener in self.listeners:
            listener(exchange)
        return exchange

    def _once(self, request: Request, verdict: Verdict, account: str) -> Answer:
        self._rate()
        return self._answer(self.exchange(request), verdict, account)

    def _answer(self, exchange: Exchange, verdict: Verdict, account: str) -> Answer:
        operation = self.contract.operations.get(exchange.request.operation)
        answer = Answer(exchange, operation, verdict, account, self.contract, self.credentials)
        if operation:
            self.latencies[operation.id].append(exchange.seconds)
        self._silence(answer)
        self.coverage.see(answer)
        self._judge(answer)
        return answer

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Gets a result file: no credentials, no business rules."""
        extra = tuple((headers or {}).items())
        exchange = self.exchange(Request("GET", url, extra))
        for _ in range(MAX_REDIRECTS):
            # Stores of files send their readers on; to another host only in a live run.
            there = exchange.response.header("location")
            if exchange.response.status not in REDIRECTS or not there:
                break
            url = urljoin(url, there)
            if urlsplit(url).netloc != self.files_origin and not self.can.live:
                break
            exchange = self.exchange(Request("GET", url, extra))
        verdict = Verdict(Outcome.OPEN)
        return Answer(exchange, None, verdict, "", self.contract, self.credentials, is_file=True)

    def _rate(self) -> None:
        if self.options.rate <= 0:
            return
        now = time.monotonic()
        if self._next_slot > now:
            self.target.wait(self._next_slot - now)
        self._next_slot = max(now, self._next_slot) + 1 / self.options.rate

    def _silence(self, answer: Answer) -> None:
        if not answer.exchange.response.fault or answer.status:
            self._silent = 0
            return
        self._silent += 1
        if self._silent >= MAX_SILENT:
            self._judge(answer)
            fault = answer.exchange.response.fault
            raise TargetDownError(f"the target does not answer any more ({fault})")

    def _allowed(self, request: Request, verdict: Verdict) -> None:
        name = request.operation
        operation = self.contract.operations.get(name)
        if name in self.unserved:
            raise UnusableError(f"the target does not serve {name}")
        if operation is None or not self.options.wants_operation(name):
            if operation is not None:
                raise UnusableError(f"{name} is not among the selected operations")
            return
        if operation.is_submit:
            if verdict.may_spend:
                reason = self.can.reasons.get("submit", "") if not self.can.submit else ""
                reason = reason or self.budget.refusal(name)
                if reason or not self.can.submit:
                    raise UnusableError(reason or "submitting is not allowed")
            elif not self.can.submit and name in self._surprises:
                raise UnusableError(
                    f"{name} takes what it must refuse: not tried again without leave"
                )
        if name == "deleteResults" and verdict.may_spend:
            self._may_delete(request)

    def _may_delete(self, request: Request) -> None:
        if not self.can.delete:
            raise UnusableError(self.can.reasons.get("delete", "deleting is not allowed"))
        known = self.ledger.jobs.keys() | self.ledger.made_up
        if self.can.state and not known >= set(ids_in(request)):
            raise UnusableError("will not delete what this run did not create")

    # -- judging ------------------------------------------------------------------------------

    def _judge(self, answer: Answer) -> None:
        if answer.operation is None:
            return
        for check in PASSIVE:
            wrong_kind = not self.can.codes and check.clause.layer not in BY_FORM
            if wrong_kind or not check.concerns(answer.name):
                continue
            name = check.clause.name
            self.collector.passed(name, answer.name, check.clause.layer)
            for finding in check.fn(answer):
                self.report(name, finding, answer)
        for judge in JUDGES if self.can.codes else ():
            for name, finding in judge(answer):
                self.report(name, finding, answer)

    def learn_token(self, answer: Answer) -> None:
        """Makes a fresh token the main account's; older ones may or may not go on working."""
        value, known = answer.body.get("token"), self.credentials
        # What does not fit into a header is reported; what can be used of it serves the run.
        value = value.strip() if isinstance(value, str) else ""
        sent = _json_body(answer.exchange.request).get("clientId")
        if not (answer.ok and TOKEN.fullmatch(value)) or sent != known.client_id:
            return
        for old, owner in list(known.tokens.items()):
            if owner == "main" and old != value:
                del known.tokens[old]
                known.stale_tokens.add(old)
        known.stale_tokens.discard(value)
        known.tokens[value] = "main"
        self.redactor.learn([value])

    def _remember(self, answer: Answer) -> None:
        if answer.name == "getToken":
            self.learn_token(answer)
        if answer.operation and answer.operation.is_submit:
            broken = bool(answer.exchange.response.fault) or answer.status >= SERVER_ERROR
            self.accepted += answer.ok or broken  # who knows what became of it
            self._balance = None if broken else self._balance
        if answer.accepted_wrongly:
            self._surprises.add(answer.name)
        if self.can.state and answer.operation is not None:
            for name, finding in self._model(answer):
                self.report(name, finding, answer)

    def _after(self, answer: Answer) -> None:
        self._remember(answer)
        if not self.can.state or answer.operation is None:
            return
        if answer.operation.is_submit and answer.ok:
            self._paid(answer)
        elif answer.operation.is_submit and answer.code == NO_CREDIT and answer.account == "main":
            self._had_credit(answer)

    def _model(self, answer: Answer) -> Iterable[Found]:
        now = self.target.now()
        if answer.name == "listResults" and answer.ok:
            whole = answer.verdict.outcome is Outcome.ACCEPT
            asked = ids_in(answer.exchange.request)
            yield from self.ledger.listed(answer, asked, now, whole=whole)
        elif answer.name == "deleteResults" and answer.verdict.outcome is not Outcome.REFUSE:
            self.ledger.deleted(answer, ids_in(answer.exchange.request), now)
        elif answer.operation and answer.operation.is_submit and answer.ok:
            body = _json_body(answer.exchange.request)
            hook, target = body.get("webhookUrl"), body.get("target_url")
            video = answer.name == "swapVideo" or str(target).partition("?")[0].endswith(".mp4")
            yield from self.ledger.submitted(
                answer, now, webhook=hook if isinstance(hook, str) else "", video=video
            )

    def _had_credit(self, answer: Answer) -> None:
        """1006 is for a quota that is not enough: not for one that pays for many."""
        balance = self.balance()
        price = max(self.budget.prices.get(answer.name, 0.0), PLENTY)
        self.collector.passed(ENOUGH.name, answer.name, ENOUGH.layer)
        if balance is not None and balance >= price:
            finding = Finding(f"no 1006 with {balance:g} credits", answer.short())
            self.report(ENOUGH.name, finding, answer)

    def _paid(self, answer: Answer, count: int = 1) -> None:
        if self.budget.limit is None:
            self.budget.submits += count
            return
        before, after = self._balance, self.balance()
        self._balance = after
        self.budget.accepted(answer.name, after, count)
        if count == 1 and answer.account == "main" and before is not None and after is not None:
            body = _json_body(answer.exchange.request)
            body.pop("webhookUrl", None)
            key = f"{answer.name} {json.dumps(body, sort_keys=True)}"
            self.costs[key].append(round(before - after, 6))

    def balance(self) -> float | None:
        """What quota/info says of the main account; None when it does not say."""
        raise NotImplementedError

    def report(
        self, name: str, finding: Finding, answer: Answer | None, operation: str = ""
    ) -> None:
        """Reports what a check found."""
        promise = CLAUSES[name]
        self.collector.add(
            Violation(
                check=name,
                operation=operation or (answer.name if answer else ""),
                clause=promise.text,
                expected=self.redactor.text(finding.expected),
                seen=self.redactor.text(finding.seen)[:600],
                curl=self.redactor.curl(answer.exchange.request) if answer else "",
                layer=promise.layer,
            )
        )

    def expect(
        self, name: str, finding: Finding | None, answer: Answer | None, operation: str = ""
    ) -> None:
        """Counts an outcome of a check and reports it when there is a finding."""
        where = operation or (answer.name if answer else "")
        self.collector.passed(name, where, CLAUSES[name].layer)
        if finding is not None:
            self.report(name, finding, answer, operation)
        if not self.defer:
            self.collector.flush()


def too_often(answer: Answer) -> bool:
    if (
        answer.verdict.outcome is Outcome.REFUSE
        and answer.operation
        and answer.operation.is_detection
    ):
        return False
    return answer.code == TOO_OFTEN or answer.status == TOO_MANY_REQUESTS


def _json_body(request: Request) -> dict[str, Any]:
    value = read_kindly(request.body)
    return value if isinstance(value, dict) else {}


def ids_in(request: Request) -> list[str]:
    """The ids that a list or delete request asks for, as a splitter by comma reads them."""
    if request.operation == "listResults":
        values = [value for name, value in request.query if name == "_ids"]
        text = values[0] if values else ""
    else:
        text = str(_json_body(request).get("_ids") or "")
    return [part.strip() for part in text.split(",") if part.strip()]
