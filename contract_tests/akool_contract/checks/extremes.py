"""What few clients send and every server gets: other methods, odd headers, enormous inputs.

Most of it is judged as every answer is; here is only what must not have happened besides.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akool_contract._findings.ledger import named
from akool_contract._findings.registry import Finding
from akool_contract._run.plan import Stage, check
from akool_contract._run.run import MAIN
from akool_contract._target.target import KEPT, HttpTarget
from akool_contract.checks._shared.jobs import cohort, credit_is_off

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.answer import Answer
    from akool_contract._run.run import Run
    from akool_contract._wire.contract import Operation
    from akool_contract._wire.http import Request

METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST")
ASKING = ("HEAD", "OPTIONS")
"""Methods that a server may answer with success and never does anything for."""
SERVER_ERROR, NOT_IMPLEMENTED = 500, 501
MANY_IDS = 100
DEEP, DEEPER, LONG, MANY = 200, 20_000, 200_000, 2_000
"""As deep as every common reader of JSON goes by its defaults, and deeper than most go."""
ODD = "\0\N{LINE SEPARATOR}'\"\\%\N{GRINNING FACE}"
HALF = "\ud800"
DIGITS = 5_000
"""More than common readers make a number of."""


@check(
    "rules.methods",
    "rules",
    "An operation has the documented method and no other; HEAD and OPTIONS do not make it fail.",
    needs=("codes",),
    stage=Stage.FREE,
)
def other_methods(run: Run) -> None:
    """On what does not spend, and by GET on what does, where nothing may be submitted."""
    if run.parallel.far() and run.can.submit and run.can.delete and run.can.state:
        return  # `state.methods-do-nothing` sends them, and sees more
    for operation in run.contract.operations.values():
        if run.guard.serves(operation.id) and operation.ours:
            for request in _other_methods(run, operation, run.made_up_id()):
                if not operation.spends or request.method == "GET":
                    _refused(run, operation, run.sender.send(request))


@check(
    "state.methods-do-nothing",
    "state",
    "A method other than the documented one starts nothing, deletes nothing and costs nothing.",
    needs=("submit", "delete", "state", "codes"),
    operations=("listResults",),
    purse=True,
    shows=("state", "rules.methods"),
    stage=Stage.PRICES,
)
def methods(run: Run) -> None:
    """Each operation by each other method, with the id of a job that must stay."""
    job = cohort(run)[0]
    run.look_at([job])
    before = run.balance()
    taken = run.payments.accepted
    served = [one for one in run.contract.operations.values() if run.guard.serves(one.id)]
    tries = [(one, request) for one in served for request in _other_methods(run, one, job.id)]
    answers = run.parallel.send_each(request for _, request in tries)
    for (operation, _), answer in zip(tries, answers, strict=True):
        _refused(run, operation, answer)
    run.look_at([job])
    after = run.balance()
    if before is None or after is None or run.payments.accepted > taken or run.can.live:
        return
    finding = None
    if credit_is_off(run, before, after):
        finding = Finding(f"credit {before:g} still", f"credit {after:g} after other methods")
    run.judge.expect("state.methods-do-nothing", finding, None, run.contract.credit or "")


def _other_methods(run: Run, operation: Operation, job: str) -> Iterator[Request]:
    """With all that the operation needs, so that whoever does not look at the method does it."""
    right = run.right(operation.id)
    address = run.contract.names_jobs(operation.id)
    if address is not None:
        place = address.parameter
        part = {place.name.rpartition("/")[2]: job}  # in a body it is named by a pointer
        right = run.request(
            operation.id,
            body=part if place.part == "body" else None,
            query=part,
            parts=part if place.part == "path" else None,
        )
    documented = {
        one.method for one in run.contract.operations.values() if one.path == operation.path
    }
    few = operation.spends and run.budget.limit is not None and run.budget.tight
    for method in ("GET", "HEAD") if few else METHODS:
        if method not in documented:
            yield replace(right, method=method, operation="")


def _refused(run: Run, operation: Operation, answer: Answer) -> None:
    method, finding = answer.exchange.request.method, None
    # 501 is how HTTP itself says that a method is not implemented.
    if answer.status >= SERVER_ERROR and answer.status != NOT_IMPLEMENTED:
        finding = Finding(f"{method} refused without failing", answer.short())
    elif answer.ok and method not in ASKING and (operation.spends or operation.takes_away):
        finding = Finding(f"{method} refused", answer.short())
    run.judge.expect("rules.methods", finding, answer, operation.id)


@check(
    "auth.headers-as-spelt",
    "auth",
    "Only the documented headers and forms of credentials count, however often they are sent.",
    needs=("codes",),
    operations=("getCredit", "listResults"),
    shows=("auth", "wire", "rules"),
    stage=Stage.FREE,
)
def headers_as_spelt(run: Run) -> None:
    """Other names, quotes, other schemes, and the same header twice."""
    headers = list(_spellings(run))
    every = run.contract.operations.values()
    plain = [run.right(one.id) for one in every if one.method == "GET" and run.guard.knows(one.id)]
    run.parallel.send_each(replace(r, headers=pairs) for r in plain for pairs in headers)


def _spellings(run: Run) -> Iterator[tuple[tuple[str, str], ...]]:
    known = run.credentials
    key = next((k for k, owner in known.keys.items() if owner == MAIN), "")
    token = next((t for t, owner in known.tokens.items() if owner == MAIN), "")
    wrong = "wrong-key-0123456789abcdefghijkl"
    if key:
        for name in ("x-apikey", "api-key", "x-api-keys", "api_key", "cookie"):
            yield ((name, f"x-api-key={key}" if name == "cookie" else key),)
        yield (("x-api-key", f'"{key}"'),)
        yield (("x-api-key", f"{key}/x"),)
        yield (("X-Api-Key", key),)
        yield (("x-api-key", key), ("x-api-key", wrong))
        yield (("x-api-key", wrong), ("X-API-Key", key))
    yield (("x-api-key", wrong), ("x-api-key", f"{wrong}2"))
    if token:
        yield (("Authorization", f"Token {token}"),)
        yield (("Authorization", f'Bearer "{token}"'),)
        yield (("Authorization", f"Bearer {token} {token}"),)
        yield (("Authorization", f"Bearer {token}"), ("Authorization", "Bearer not-a-token"))
        yield (("Proxy-Authorization", f"Bearer {token}"),)


@check(
    "rules.extremes",
    "rules",
    "Very long, very deep, very many and very odd inputs never make the server fail.",
    needs=("codes",),
    shows=("wire", "rules"),
    stage=Stage.FREE,
)
def extremes(run: Run) -> None:
    """Only what costs nothing: a submit is refused for what else is wrong with it."""
    operations = run.contract.operations.values()
    names = [one.id for one in operations if one.request and run.guard.knows(one.id)]
    run.parallel.send_all(
        run.request(name, body=body) for name in names for body in _enormous(run, name)
    )
    for name, jobs in run.contract.polls.items():
        if run.guard.knows(name) and jobs[0].poll.separator is not None:
            run.name_ids(jobs[0].poll, [run.made_up_id() for _ in range(MANY_IDS)])


def _enormous(run: Run, name: str) -> Iterator[Any]:
    body = run.valid_body(name)
    if run.contract.operations[name].spends:
        body.pop(next(iter(body)))  # it must be refused, whatever else it holds
    for depth in (DEEP, DEEPER):
        yield b'{"deep": ' + b"[" * depth + b"]" * depth + b"}"
    yield b"[" * DEEP
    yield json.dumps(body | {"extra": HALF}).encode()
    yield json.dumps(body | {"extra": 0}).replace(" 0}", f" {'9' * DIGITS}}}").encode()
    texts = {key: value + ODD for key, value in body.items() if isinstance(value, str)}
    yield body | {"extra": ODD} | texts
    yield body | {"extra": "x" * LONG}
    yield body | {"extra": [{"path": "x"}] * MANY}
    yield body | {f"extra{number}": number for number in range(MANY)}
    for field, value in body.items():
        if isinstance(value, list) and value:
            yield body | {field: value * MANY}
        elif isinstance(value, str) and value.startswith("http"):
            yield body | {field: f"{value}?{'x' * LONG}"}


@check(
    "wire.compressed",
    "wire",
    "A request that accepts gzip gets the same answer, as complete gzip data or uncompressed.",
    shows=("wire", "schema", "rules"),
    stage=Stage.FREE,
)
def compressed(run: Run) -> None:
    """What costs nothing, refusals too, each asked twice: plainly, and as most clients ask."""
    plain = list(_harmless(run))
    for request, first in zip(plain, _twice(run, plain), strict=True):
        # Once may be chance.
        pair = first if _otherwise(*first) is None else _twice(run, [request])[0]
        run.judge.expect("wire.compressed", _otherwise(*pair), pair[1])


def _twice(run: Run, requests: list[Request]) -> list[tuple[Answer, Answer]]:
    """The answers to each, and to the same from who takes compressed data: asked at once."""
    zipped = {"Accept-Encoding": "gzip, deflate"}
    pairs = ((plain, plain.with_headers(zipped)) for plain in requests)
    answers = run.parallel.send_each(one for pair in pairs for one in pair)
    return list(zip(answers[::2], answers[1::2], strict=True))


def _harmless(run: Run) -> Iterator[Request]:
    """Requests of each operation that cost and change nothing: its questions, and refusals."""
    for operation in run.contract.operations.values():
        if not run.guard.serves(operation.id):
            continue
        if operation.spends or operation.takes_away:
            if operation.ours:
                yield run.right(operation.id, {})
            continue
        right = run.right(operation.id)
        yield right
        if not right.body:
            yield replace(right, headers=())
        poll = next(iter(run.contract.polls.get(operation.id, ())), None)
        jobs = [job for job in run.ledger.of(MAIN) if poll and job.spec.poll == poll.poll]
        if poll and jobs:
            count = 1 if poll.poll.separator is None else 20
            yield run.naming(poll.poll, [job.id for job in jobs[-count:]])


@check(
    "wire.kept-connection",
    "wire",
    "On a connection that is kept open, each request gets its own answer.",
    shows=("wire", "schema", "rules", "state"),
    stage=Stage.FREE,
)
def kept_connection(run: Run) -> None:
    """The same requests over and over, in turn: an answer that is late is another request's.

    Whoever answers before it has read a body takes the rest of it for the next request. What comes
    after the head of an answer to HEAD is taken for the next answer.
    """
    credit = run.contract.credit
    if isinstance(run.target, HttpTarget) and credit and run.guard.serves(credit):
        beyond = run.target.beyond_head(run.right(credit))
        if beyond:  # a recording does not hold it, so only what is wrong is noted
            seen = f"{len(beyond)} bytes after the head: {beyond[:80].decode('utf-8', 'replace')}"
            finding = Finding("nothing after the head of an answer to HEAD", seen)
            run.judge.expect("wire.kept-connection", finding, None, credit)
    requests = [request for request in _harmless(run) if _bears_twice(run, request)]
    for _ in range(3):
        run.random.shuffle(requests)
        for request in requests:
            run.sender.send(request.with_headers(KEPT))


def _bears_twice(run: Run, request: Request) -> bool:
    """What is lost with a kept connection is sent again, and may be charged for both times."""
    return not run.guard.spends(request) or run.budget.bears([request.operation] * 2)


def _otherwise(told: Answer, asked: Answer) -> Finding | None:
    if told.fault is not None or asked.fault is not None or _gist(told) == _gist(asked):
        return None
    wanted = f"the answer without Accept-Encoding: {told.short(100)}"
    return Finding(wanted, asked.short(), "another answer to who takes gzip")


def _gist(answer: Answer) -> tuple[object, ...]:
    """What does not change from one request to the next, unless it is answered to somebody else."""
    told: tuple[str, ...] = ()
    if answer.ok and answer.name in answer.contract.polls:
        asked = answer.contract.ids_in(answer.exchange.request)
        told = tuple(sorted(name for name, _ in named(answer, asked)))
    credit = answer.data.get("credit") if answer.name == answer.contract.credit else None
    return answer.code, credit, told
