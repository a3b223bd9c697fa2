"""First contact: which operations exist, whether the credentials work, how much credit is left."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding, clause
from akool_contract._wire.contract import Shape
from akool_contract._wire.errors import UnusableError
from akool_contract.oracle.verdict import AUTH_CODES

if TYPE_CHECKING:
    from akool_contract._run.run import Run
    from akool_contract._wire.http import Response

SERVED = clause(
    "wire.operation-served", "wire", "Every documented operation is served at its path."
)
NOT_FOUND = 404
MALFORMED, GONE = "RemoteProtocolError: ", "disconnected"
"""Somebody answers, and it is no HTTP."""
NOT_SERVED = (NOT_FOUND, 405, 501)
PARTIAL = 3
"""If so many operations are missing, the target serves only a part of the contract."""


def greet(run: Run) -> str:
    """Calls each operation once, without changing anything. Returns why to stop, or "".

    Requests that could be charged for come last, when the credit is known.
    """
    wanted = [name for name in run.contract.operations if run.options.wants_operation(name)]
    wanted.sort(key=lambda name: run.contract.operations[name].spends)
    missing: list[str] = []
    asked: list[str] = []
    free = [name for name in wanted if not run.contract.operations[name].spends]
    for names in (wanted[:1], free[1:], wanted[max(1, len(free)) :]):
        if names and run.contract.operations[names[0]].spends:
            _read_credit(run, missing)
        for name, response in _knock(run, names):
            asked.append(name)
            if response.fault and name == wanted[0] and not response.status:
                if response.fault.startswith(MALFORMED):
                    finding = Finding("an HTTP answer", response.fault)
                    run.judge.expect("wire.answers", finding, None, name)
                return f"no answer from {run.target.base_url}: {response.fault}"
            if _is_missing(run, name, response):
                missing.append(name)
    if wanted and len(missing) == len(wanted):
        return "the target serves no documented operation: is the base URL right?"
    for name in asked:
        if name not in missing:
            run.judge.note(SERVED.name, None, None, name)
    _set_aside(run, missing)
    _credentials(run)
    return _probe_credit(run)


def _is_missing(run: Run, name: str, response: Response) -> bool:
    """Whether this says that the operation is not there."""
    operation = run.contract.operations[name]
    # The missing thing may be what the path names, not the operation.
    named = response.status == NOT_FOUND and "{" in operation.path
    lawful = named or str(response.status) in operation.statuses
    return response.status in NOT_SERVED and not response.fault and not lawful


def _read_credit(run: Run, missing: list[str]) -> None:
    name = run.contract.credit
    if run.budget.limit is None or name is None or name in missing or not run.guard.serves(name):
        return
    if run.auth():
        run.balance()


def _knock(run: Run, names: list[str]) -> list[tuple[str, Response]]:
    """First requests, side by side, that change nothing, however the server reads them.

    What is held back has no answer.
    """
    found: dict[str, Response] = {}

    def one(name: str) -> None:
        with suppress(UnusableError):
            found[name] = run.sender.probe(run.right(name, body={}))

    run.sender.rounds.run([partial(one, name) for name in names])
    return [(name, found[name]) for name in names if name in found]


def _set_aside(run: Run, missing: list[str]) -> None:
    partial = len(missing) >= PARTIAL
    for name in missing:
        operation = run.contract.operations[name]
        chosen = name in run.options.operations
        if operation.server and not chosen:
            reason = f"not served here: its documented server is {operation.server}"
        elif partial and not chosen:
            reason = "the target serves only a part of the contract"
        else:
            finding = Finding(f"{operation.method} {operation.path} served", "HTTP 404, 405 or 501")
            run.judge.expect(SERVED.name, finding, None, name)
            reason = "not served"
        run.collector.skip(SERVED.name, reason, name)
        run.guard.unserved.add(name)


def _credentials(run: Run) -> None:
    known = run.credentials
    if known.client_id and not known.client_secret:
        known.client_secret = next((k for k, o in known.keys.items() if o == "main"), "")
    if not (known.client_id and known.client_secret) or not run.can.codes:
        return
    if run.guard.knows("getToken"):
        answer = run.call("getToken", body=run.valid_body("getToken"), headers={})
        run.can.token = run.can.token or (answer.ok and "main" in known.tokens.values())
    if "main" not in known.keys.values():
        # The API key is documented to be the client secret under another name.
        known.keys[known.client_secret] = "main"
    run.redactor.learn(known.secrets())


def _probe_credit(run: Run) -> str:
    name = run.contract.credit
    if name is None or not run.guard.serves(name):
        return ""
    answer = run.sender.send(run.right(name))
    if run.can.codes and answer.code in AUTH_CODES:
        polls = filter(run.guard.serves, run.contract.of(Shape.POLL))
        others = [run.sender.send(run.right(poll)) for poll in polls]
        if all(other.code in AUTH_CODES for other in others):
            run.collector.forget()
            return f"the target refuses the credentials given: {answer.short(120)}"
    return ""
