"""Credentials: the documented decision table, on every operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._collector import UnusableError
from akool_contract._registry import Finding, active

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._session import Session

WRONG_KEY = "wrong-key-0123456789abcdefghijkl"
EXPIRED = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJpZCI6IjY0ZCIsInR5cGUiOiJ1c2VyIiwiZnJvbSI6InRvYiIsImlhdCI6MTY5MTcyODM3NywiZXhwIjoxNjkxNzI4Mzc4fQ."
    "2iVj6oVGcLhqHk5ZtgOHhBQqBHqPXkzTbkLC2zbXQxs"
)
"""A token in the documented form whose life ended in 2023."""
UNGUARDED = ("getToken", "detectFacesLegacy")


def _valid(run: Session, name: str, headers: dict[str, str]) -> None:
    """A request that is right but for its credentials; harmless where spending is not allowed."""
    operation = run.contract.operations[name]
    body = None
    if operation.request is not None:
        body = run.valid_body(name)
        if (operation.is_submit and not run.can.submit) or (
            name == "deleteResults" and not run.can.delete
        ):
            body = {}
    query = {"_ids": run.made_up_id()} if "_ids" in operation.required_query else None
    run.call(name, body=body, query=query, headers=headers)


def _rows(run: Session) -> Iterator[dict[str, str]]:
    key = next((k for k, owner in run.credentials.keys.items() if owner == "main"), "")
    token = next((t for t, owner in run.credentials.tokens.items() if owner == "main"), "")
    yield {}
    yield {"x-api-key": WRONG_KEY}
    yield {"Authorization": f"Bearer {EXPIRED}"}
    yield {"Authorization": "Bearer not-a-token"}
    yield {"Authorization": "Basic bm90OmF0b2tlbg=="}
    if key:
        yield {"x-api-key": key, "Authorization": f"Bearer {EXPIRED}"}
        yield {"x-api-key": key, "Authorization": "Bearer not-a-token"}
        yield {"x-api-key": spoiled(run, key, "cut")}
        yield {"x-api-key": spoiled(run, key, "longer")}
        yield {"x-api-key": spoiled(run, key, "swapped")}
    if token:
        yield {"Authorization": f"Bearer {spoiled(run, token, 'cut')}"}
        yield {"Authorization": f"Bearer {spoiled(run, token, 'longer')}"}


def spoiled(run: Session, good: str, how: str) -> str:
    """A wrong credential that is nearly a good one; kept secret like the good one."""
    if good.startswith("{") and good.endswith("}"):
        return f"{good[:-1]}-{how}}}"  # a recording's placeholder: it has names for these too
    value = {"cut": good[:-1], "longer": good + "x", "swapped": good.swapcase()}[how]
    if value != good:
        run.credentials.derived[value] = (good, how)
        run.redactor.learn([value])
    return value


def _guarded(run: Session) -> list[str]:
    return [n for n in run.contract.operations if n not in UNGUARDED and n not in run.unserved]


@active(
    "auth.decision-table",
    "auth",
    "Without credentials 1102; wrong or expired ones 1101; Authorization counts before x-api-key.",
    needs=("codes",),
    order=10,
)
def table(run: Session) -> None:
    """Each row of the table on each operation; a wrong answer is reported by the rule it breaks."""
    for name in _guarded(run):
        try:
            for headers in _rows(run):
                _valid(run, name, headers)
        except UnusableError as error:
            run.collector.skip("auth.decision-table", error.reason, name)


@active(
    "auth.good-credentials",
    "auth",
    "Either of x-api-key and a bearer token is enough, whatever stands in a discarded x-api-key.",
    needs=("codes",),
    order=11,
)
def good(run: Session) -> None:
    """The accepting rows, on what costs nothing."""
    key = next((k for k, owner in run.credentials.keys.items() if owner == "main"), "")
    token = next((t for t, owner in run.credentials.tokens.items() if owner == "main"), "")
    rows = []
    if key:
        rows += [{"x-api-key": key}, {"X-API-KEY": key}]
    if token:
        rows += [
            {"Authorization": f"Bearer {token}"},
            {"authorization": f"Bearer {token}", "x-api-key": WRONG_KEY},
        ]
        if key:
            rows.append({"Authorization": f"Bearer {token}", "x-api-key": key})
    credits_seen = []
    for headers in rows:
        answer = run.call("getCredit", headers=headers)
        if answer.ok:
            credits_seen.append(answer.data.get("credit"))
        run.call("listResults", query={"_ids": run.made_up_id()}, headers=headers)
        if "detectFaces" not in run.unserved and run.options.wants_operation("detectFaces"):
            answer = run.call("detectFaces", body=run.valid_body("detectFaces"), headers=headers)
            refused = answer.code in (1101, 1102, 1200)
            finding = Finding("good credentials accepted", answer.short()) if refused else None
            run.expect("auth.good-credentials", finding, answer)
    if key and token and not run.ledger.jobs and any(c != credits_seen[0] for c in credits_seen):
        finding = Finding("the same credit by key as by token", f"{credits_seen}")
        run.expect("auth.good-credentials", finding, None, "getCredit")


@active(
    "auth.bearer-submits",
    "auth",
    "A bearer token is enough to submit, and the job belongs to its account.",
    needs=("codes", "submit", "token"),
    order=45,
)
def bearer_submits(run: Session) -> None:
    """What was submitted by token is listed by key, and the other way round."""
    token = next((t for t, owner in run.credentials.tokens.items() if owner == "main"), "")
    if not token:
        raise UnusableError("getToken gave no token")
    bearer = {"Authorization": f"Bearer {token}"}
    answer = run.call("swapImage", body=run.valid_body("swapImage"), headers=bearer)
    job = run.job_of(answer)
    run.look([job.id])
    run.call("listResults", query={"_ids": job.id}, headers=bearer)


@active(
    "auth.token",
    "auth",
    "getToken gives a token, at the top level, for a clientId with its clientSecret only.",
    needs=("codes",),
    operations=("getToken",),
    order=5,
)
def token(run: Session) -> None:
    """The good pair first: its token serves the rest of the run."""
    client_id, secret = run.credentials.client_id, run.credentials.client_secret
    if client_id and secret:
        for _ in range(2):
            answer = run.call("getToken", body=run.valid_body("getToken"), headers={})
            value = answer.body.get("token")
            if answer.ok and isinstance(value, str) and value:
                learn_token(run, value)
    else:
        run.collector.skip("auth.token", "no --client-id and --client-secret", "getToken")
    wrong = {"clientId": client_id or "no-such-client-id", "clientSecret": WRONG_KEY}
    other = {"clientId": "bm8tc3VjaC1jbGllbnQtaWQ=", "clientSecret": secret or WRONG_KEY}
    bodies: list[object] = [wrong, other, {}, {"clientId": client_id or "x"}]
    bodies += [{"clientSecret": secret or "x"}, {"clientId": "", "clientSecret": ""}]
    bodies += [{"clientId": 1, "clientSecret": 2}, [], b"{", b""]
    for body in bodies:
        run.call("getToken", body=body, headers={})


def learn_token(run: Session, value: str) -> None:
    """Makes a fresh token the main account's; older ones may or may not go on working."""
    known = run.credentials
    for old, owner in list(known.tokens.items()):
        if owner == "main" and old != value:
            del known.tokens[old]
            known.stale_tokens.add(old)
    known.stale_tokens.discard(value)
    known.tokens[value] = "main"
    run.redactor.learn([value])


@active(
    "auth.banned",
    "auth",
    "The account has been banned: 1200, on every operation.",
    needs=("codes", "banned"),
    order=12,
)
def banned(run: Session) -> None:
    """Needs the key of a banned account."""
    key = next(iter(run.credentials.banned))
    for name in _guarded(run):
        _valid(run, name, {"x-api-key": key})
