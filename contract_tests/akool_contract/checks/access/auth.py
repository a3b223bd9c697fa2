"""Credentials: the documented decision table, on every operation."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from akool_contract._findings.registry import Finding, passive
from akool_contract._run.plan import Stage, check
from akool_contract._run.run import SECOND, TOKEN
from akool_contract._wire.clocks import clocks
from akool_contract._wire.contract import Shape
from akool_contract._wire.errors import UnusableError
from akool_contract._wire.strict_json import read_kindly
from akool_contract.checks._shared.jobs import cohort, kinds, submits, told_of
from akool_contract.oracle.verdict import AUTH_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.answer import Answer
    from akool_contract._run.run import Run
    from akool_contract._wire.http import Request

WRONG_KEY = "wrong-key-0123456789abcdefghijkl"
EXPIRED = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJpZCI6IjY0ZCIsInR5cGUiOiJ1c2VyIiwiZnJvbSI6InRvYiIsImlhdCI6MTY5MTcyODM3NywiZXhwIjoxNjkxNzI4Mzc4fQ."
    "2iVj6oVGcLhqHk5ZtgOHhBQqBHqPXkzTbkLC2zbXQxs"
)
"""A token in the documented form whose life ended in 2023."""
A_YEAR_S = 364 * 86_400.0
SHORT_S = 3.0
OPERATOR = {"$ne": None}
UNGUARDED = ("getToken", "detectFacesLegacy")


def _valid(run: Run, name: str, headers: dict[str, str]) -> Request:
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
    return run.request(name, body=body, query=query, headers=headers)


def _rows(run: Run) -> Iterator[dict[str, str]]:
    key = next((k for k, owner in run.credentials.keys.items() if owner == "main"), "")
    token = next((t for t, owner in run.credentials.tokens.items() if owner == "main"), "")
    yield {}
    yield {"x-api-key": ""}
    yield {"x-api-key": WRONG_KEY}
    yield {"Authorization": f"Bearer {EXPIRED}"}
    yield {"Authorization": "Bearer not-a-token"}
    yield {"Authorization": "Basic bm90OmF0b2tlbg=="}
    client_id = run.credentials.client_id
    if client_id and client_id not in run.credentials.keys:
        yield {"x-api-key": client_id}
        yield {"Authorization": f"Bearer {client_id}"}
    if key:
        yield {"x-api-key": key, "Authorization": f"Bearer {EXPIRED}"}
        yield {"x-api-key": key, "Authorization": "Bearer not-a-token"}
    for how in ("cut", "longer", "swapped") if key else ():
        wrong = spoiled(run, key, how)
        if wrong != key:
            yield {"x-api-key": wrong}
    for how in ("cut", "longer", "swapped", "forged", "unsigned") if token else ():
        wrong = spoiled(run, token, how)
        if wrong != token:
            yield {"Authorization": f"Bearer {wrong}"}


def spoiled(run: Run, good: str, how: str) -> str:
    """A wrong credential that is nearly a good one; kept secret like the good one."""
    if good.startswith("{") and good.endswith("}"):
        name = f"{good[:-1]}-{how}}}"  # a recording's placeholder: it has names for these too
        return name if name in run.credentials.derived else good
    value = {"cut": good[:-1], "longer": good + "x", "swapped": good.swapcase()}.get(how)
    value = value or _forged(good, signed=how == "forged") or good
    if value != good:
        run.credentials.derived[value] = (good, how)
        run.redactor.learn([value])
    return value


def _forged(token: str, *, signed: bool) -> str:
    """A JWT that says something else, under the old signature or under none; "" for another."""
    parts = token.split(".")
    claims = jwt_claims(token)
    if not claims:
        return ""
    payload = _encode(claims | {"iat": 1_600_000_000, "forged": True})
    if signed:
        return f"{parts[0]}.{payload}.{parts[2]}"
    return f"{_encode({'alg': 'none', 'typ': 'JWT'})}.{payload}."


def _encode(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt_claims(token: str) -> dict[str, Any]:
    """What a JWT says; empty for a token that is none."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - head, claims, signature
        return {}
    try:
        value = read_kindly(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _guarded(run: Run) -> list[str]:
    names = run.contract.operations
    found = [name for name in names if name not in UNGUARDED and run.guard.knows(name)]
    if not found and not any(map(run.contract.knows, names)):
        raise UnusableError("the contract does not have the operations of the decision table")
    return found


@check(
    "auth.decision-table",
    "auth",
    "Without credentials 1102; wrong or expired ones 1101; Authorization counts before x-api-key.",
    needs=("codes",),
    stage=Stage.CREDENTIALS,
    shows=("auth", "rules.no-code-without-cause"),
)
def table(run: Run) -> None:
    """Each row of the table on each operation; a wrong answer is reported by the rule it breaks."""
    names = [name for name in _guarded(run) if not run.contract.operations[name].spends]
    _refused(run, "auth.decision-table", names)


@check(
    "auth.submits-guarded",
    "auth",
    "Without valid credentials, an operation that costs credits is refused too.",
    needs=("codes",),
    stage=Stage.FREE,
    shows=("auth", "rules.no-code-without-cause"),
)
def submits_guarded(run: Run) -> None:
    """Later than the others: once a price is known several of them can go at once."""
    names = [name for name in _guarded(run) if run.contract.operations[name].spends]
    _refused(run, "auth.submits-guarded", names)


def _refused(run: Run, check: str, names: list[str]) -> None:
    rows = list(_rows(run))
    if names and run.contract.operations[names[0]].spends:
        rows += [{"x-api-key": key} for key in sorted(run.credentials.banned)]
    held = run.parallel.send_all([_valid(run, name, row) for name in names for row in rows])
    for name in dict.fromkeys(request.operation for request in held):
        reason = run.guard.refused or "some rows were not answered in time"
        run.collector.skip(check, reason, name)


@check(
    "auth.good-credentials",
    "auth",
    "Either x-api-key or a bearer token is enough, whatever a discarded x-api-key contains.",
    needs=("codes",),
    operations=("getCredit", "listResults"),
    together=True,
    stage=Stage.CREDENTIALS,
    shows=("rules.accepts-what-is-right",),
)
def good(run: Run) -> None:
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
    names = ["getCredit", "listResults"]
    others = ["detectFaces", *(["deleteResults"] if run.can.delete else [])]
    others = [name for name in others if run.guard.knows(name)]
    names += others
    answers = run.parallel.send_each(_valid(run, name, row) for row in rows for name in names)
    credits_seen = [a.data.get("credit") for a in answers if a.name == "getCredit" and a.ok]
    for answer in answers:
        if answer.name in others:  # what a picture, or an id that nobody has, is answered is open
            refused = answer.code in AUTH_CODES
            finding = Finding("good credentials accepted", answer.short()) if refused else None
            run.judge.expect("auth.good-credentials", finding, answer)
    if key and token and not run.ledger.jobs and any(c != credits_seen[0] for c in credits_seen):
        finding = Finding("the same credit by key as by token", f"{credits_seen}")
        run.judge.expect("auth.good-credentials", finding, None, "getCredit")


@check(
    "auth.bearer-submits",
    "auth",
    "A bearer token is enough to submit, and the job belongs to its account.",
    needs=("codes", "submit", "token"),
    operations=(Shape.SUBMIT, Shape.POLL, Shape.CREDIT),
    together=True,
    stage=Stage.PRICES,
    shows=("state", "isolation", "rules.accepts-what-is-right"),
)
def bearer_submits(run: Run) -> None:
    """What was submitted by token is listed by key, and the other way round."""
    token = next((t for t, owner in run.credentials.tokens.items() if owner == "main"), "")
    if not token:
        raise UnusableError("getToken gave no token")
    bearer = {"Authorization": f"Bearer {token}"}
    names = submits(run)
    each = (run.can.loopback or run.can.cheap) and not run.budget.tight
    for name in names if each else names[:1]:
        job = run.job_of(run.sender.send(run.right(name, credentials=bearer)))
        poll = job.spec.poll
        run.look_at([job])
        run.sender.send(run.naming(poll, [job.id], credentials=bearer))
        other = next((k for k, o in run.credentials.keys.items() if o == SECOND), WRONG_KEY)
        both = bearer | {"x-api-key": other}
        run.sender.send(run.naming(poll, [job.id], credentials=both))
    _one_purse(run, bearer)


def _one_purse(run: Run, bearer: dict[str, str]) -> None:
    before = run.credit()
    answer = run.sender.send(run.right(run.contract.credit or "", credentials=bearer))
    seen = answer.data.get("credit")
    finding = None
    if answer.ok and seen != before and not run.can.live and run.credit() == before:
        finding = Finding(f"credit {before:g} as by the key", f"credit {seen} by the token")
    run.judge.expect("auth.bearer-submits", finding, answer)


@check(
    "auth.token",
    "auth",
    "getToken returns a token, at the top level, only for a clientId with its own clientSecret.",
    needs=("codes",),
    operations=("getToken",),
    stage=Stage.CREDENTIALS,
    shows=("auth", "rules", "schema.success-is-complete"),
)
def token(run: Run) -> None:
    """The good pair first: the newest token serves the rest of the run."""
    client_id, secret = run.credentials.client_id, run.credentials.client_secret
    if client_id and secret:
        for _ in range(2):
            run.call("getToken", body=run.valid_body("getToken"), headers={})
    else:
        run.collector.skip("auth.token", "no --client-id and --client-secret", "getToken")
    wrong = {"clientId": client_id or "no-such-client-id", "clientSecret": WRONG_KEY}
    other = {"clientId": "bm8tc3VjaC1jbGllbnQtaWQ=", "clientSecret": secret or WRONG_KEY}
    bodies: list[object] = [wrong, other, {}, {"clientId": client_id or "x"}]
    bodies += [{"clientSecret": secret or "x"}, {"clientId": "", "clientSecret": ""}]
    bodies += [{"clientId": 1, "clientSecret": 2}, [], b"{", b""]
    for how in ("cut", "longer", "swapped") if client_id and secret else ():
        near = spoiled(run, secret, how)
        if near != secret:
            bodies.append({"clientId": client_id, "clientSecret": near})
    # What a database takes for a condition is no secret.
    bodies += [{"clientId": client_id or "x", "clientSecret": OPERATOR}]
    bodies += [{"clientId": OPERATOR, "clientSecret": OPERATOR}]
    run.parallel.send_each(run.request("getToken", body=body, headers={}) for body in bodies)


@passive(
    "auth.token-fits",
    "auth",
    "A token can be used in an Authorization header unchanged.",
    of=("getToken",),
    when=lambda answer: answer.ok,
)
def fits(answer: Answer) -> Iterator[Finding]:
    """White space or a line break in it makes a request that no server gets."""
    value = answer.body.get("token")
    if isinstance(value, str) and value and not TOKEN.fullmatch(value):
        strange = sorted({char for char in value if not TOKEN.fullmatch(char)})
        yield Finding("a token of printable ASCII without spaces", f"{strange[:5]} in the token")


@check(
    "auth.refused-does-nothing",
    "auth",
    "A request that is refused for its credentials changes nothing.",
    needs=("submit", "delete", "state", "codes"),
    operations=(Shape.DELETE, Shape.POLL),
    together=True,
    stage=Stage.PRICES,
)
def refused_does_nothing(run: Run) -> None:
    """Deletions of a job of our own, under each wrong credential: it must stay."""
    refused = [h for h in _rows(run) if "Authorization" in h or WRONG_KEY in h.values() or not h]
    for name in kinds(run):
        # The first jobs serve where jobs are dear; the newest of the others may still run.
        dear = run.budget.tight and run.contract.knows(name)
        job = cohort(run)[0] if dear else run.submit(name)
        delete = job.spec.delete
        if not job.listed:
            run.waiting.until_done([job], SHORT_S)
        if not job.listed or delete is None:
            reason = "the job was not listed" if delete else "x-job names no deletion"
            run.collector.skip("auth.refused-does-nothing", reason, name)
            continue
        tries = run.parallel.send_each(
            run.naming(delete, [job.id], credentials=headers) for headers in refused
        )
        if any(one.ok for one in tries) and not run.contract.knows(delete.operation):
            run.collector.skip("auth.refused-does-nothing", "nothing was refused", name)
            continue
        answer = run.name_ids(job.spec.poll, [job.id])
        finding = None
        if answer.ok and not told_of(answer, job):
            finding = Finding(f"{job.id} listed after refused deletions", answer.short())
        run.judge.expect("auth.refused-does-nothing", finding, answer, delete.operation)


def _says_its_end(answer: Answer) -> bool:
    ends = jwt_claims(str(answer.body.get("token"))).get("exp") if answer.ok else None
    return isinstance(ends, (int, float)) and not isinstance(ends, bool)


@passive(
    "auth.token-lasts",
    "auth",
    "A token is valid for more than one year.",
    of=("getToken",),
    when=_says_its_end,
)
def lasts(answer: Answer) -> Iterator[Finding]:
    """Only of a token that says itself when it ends."""
    claims = jwt_claims(str(answer.body.get("token")))
    ends = claims["exp"]
    made = claims.get("iat")
    moments = clocks([answer.exchange.at], answer.exchange.response.header("date"), "", "")
    moments += [made] if isinstance(made, (int, float)) else []
    if all(ends - moment < A_YEAR_S for moment in moments):
        seen = f"exp {ends:g}, {ends - min(moments):g} s after it was made"
        yield Finding("a token whose exp is a year away", seen)


@check(
    "auth.banned",
    "auth",
    "The account has been banned: 1200, on every operation.",
    needs=("codes", "banned"),
    stage=Stage.CREDENTIALS,
    shows=("auth.account-not-banned",),
)
def banned(run: Run) -> None:
    """Needs the key of a banned account; submits come with `auth.submits-guarded`."""
    key = next(iter(run.credentials.banned))
    names = [name for name in _guarded(run) if not run.contract.operations[name].spends]
    run.parallel.send_all([_valid(run, name, {"x-api-key": key}) for name in names])
