"""First contact: which operations exist, whether the credentials work, how much credit is left."""

from __future__ import annotations

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
    for name in wanted:
        operation = run.contract.operations[name]
        if operation.spends and not run.budget.was_read and run.contract.credit not in missing:
            _read_credit(run)
        response = _knock(run, name)
        if response is None:
            continue
        asked.append(name)
        if response.fault and name == wanted[0] and not response.status:
            if response.fault.startswith(MALFORMED):
                run.judge.expect(
                    "wire.answers", Finding("an HTTP answer", response.fault), None, name
                )
            return f"no answer from {run.target.base_url}: {response.fault}"
        # The missing thing may be what the path names, not the operation.
        named = response.status == NOT_FOUND and "{" in operation.path
        lawful = named or str(response.status) in operation.statuses
        if response.status in NOT_SERVED and not response.fault and not lawful:
            missing.append(name)
    if wanted and len(missing) == len(wanted):
        return "the target serves no documented operation: is the base URL right?"
    for name in asked:
        if name not in missing:
            run.judge.note(SERVED.name, None, None, name)
    _set_aside(run, missing)
    _credentials(run)
    return _probe_credit(run)


def _read_credit(run: Run) -> None:
    if run.budget.limit is not None and run.auth() and run.guard.serves(run.contract.credit or ""):
        run.balance()


def _knock(run: Run, name: str) -> Response | None:
    """A first request that changes nothing, however the server reads it; None: held back."""
    try:
        return run.sender.probe(run.right(name, body={}))
    except UnusableError:
        return None


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
