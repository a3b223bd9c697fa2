"""No check is there for show: each has a defect that makes it fail.

Most are in the table of defects, whose last run (`make mutants`) docs/mutants.md tells. What stands
there for no defect has one here, tried on the simulator with as few checks as it takes.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import akool_openapi
from akool_contract._findings.registry import CLAUSES
from akool_contract._findings.report_model import State
from akool_contract._options import PROFILES, Options
from akool_contract._run.plan import in_order
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._wire.contract import Contract
from akool_contract._wire.http import Response
from akool_contract._wire.known import KNOWN, SUBMITS
from akool_contract.suite import verify
from akool_contract_proof.mutants import TABLE
from akool_contract_proof.mutants._kit import (
    asked,
    edit,
    listed,
    operation_of,
    relisted,
    success,
    value,
    with_json,
)
from akool_contract_proof.runner import CONTRACT
from akool_faceswap import FaceSwap

TINY = replace(PROFILES["quick"], rule_examples=2, schema_examples=1, machine_examples=1, fields=3)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"
FIRST = "state.submit-then-list"
ANY = {"code": 1000, "msg": "OK", "token": "t" * 40}
DATA = {"_id": "0" * 24, "job_id": "20240102082900592-5653", "url": "https://x.example/y.jpg"}


def says_yes(upstream):
    """Does nothing that it is asked for and never refuses."""

    def send(request):
        answer = upstream(request)
        if not operation_of(request) or success(answer):
            return answer
        return with_json(replace(answer, status=200), ANY | {"data": DATA | {"credit": 5}})

    return send


def says_nothing(upstream):
    def send(request):
        answer = upstream(request)
        body = value(answer.body)
        body.pop("msg", None)
        return with_json(answer, body) if operation_of(request) and body else answer

    return send


def lists_twice(upstream):
    def send(request):
        answer = upstream(request)
        return relisted(answer, listed(answer) * 2) if listed(answer) else answer

    return send


def lists_everybodys(upstream):
    known = {}

    def send(request):
        answer = upstream(request)
        if operation_of(request) != "listResults" or not success(answer):
            return answer
        known.update({item["_id"]: item for item in listed(answer)})
        return relisted(answer, [known[name] for name in asked(request) if name in known])

    return send


def reads_otherwise(upstream):
    """Tells whoever names a program another credit."""

    def send(request):
        answer = upstream(request)
        body = value(answer.body)
        if (
            operation_of(request) == "getCredit"
            and request.header("user-agent")
            and success(answer)
        ):
            body["data"]["credit"] += 5
            return with_json(answer, body)
        return answer

    return send


def credit(change):
    """A layer over the credit; `change` gets it, how often it was asked for, and the submits."""

    def layer(upstream):
        counts = {"asked": 0, "submitted": 0}

        def send(request):
            answer = upstream(request)
            name = operation_of(request)
            counts["submitted"] += name in SUBMITS and success(answer)
            if name != "getCredit" or not success(answer):
                return answer
            counts["asked"] += 1
            body = value(answer.body)
            body["data"]["credit"] = change(body["data"]["credit"], **counts)
            return with_json(answer, body)

        return send

    return layer


@edit("listResults")
def all_fail(body):
    for item in body["data"]["result"]:
        item["faceswap_status"] = 4


def refunds_too_much(upstream):
    return credit(lambda c, submitted, **_: c + 100 * submitted)(all_fail(upstream))


def busy_later(upstream):
    calls = []

    def send(request):
        answer = upstream(request)
        calls.extend([1] if operation_of(request) == "detectFaces" else [])
        busy = operation_of(request) == "detectFaces" and len(calls) > 4
        return with_json(answer, {"error_code": 1, "error_msg": "busy"}) if busy else answer

    return send


def takes_no_hook(upstream):
    def send(request):
        answer = upstream(request)
        hooked = operation_of(request) in SUBMITS and value(request.body).get("webhookUrl")
        return with_json(answer, {"code": 1003, "msg": "no webhooks"}) if hooked else answer

    return send


def created_backwards(upstream):
    order = []

    def send(request):
        answer = upstream(request)
        items = listed(answer)
        for item in items:
            order.extend([] if item["_id"] in order else [item["_id"]])
            item["createdAt"] = f"20{60 - order.index(item['_id']):02}-01-01T00:00:00.000Z"
        return relisted(answer, items) if items else answer

    return send


def in_conflict(upstream):
    def send(request):
        answer = upstream(request)
        return replace(answer, status=409) if operation_of(request) == "getCredit" else answer

    return send


def deletes_nothing(upstream):
    def send(request):
        if operation_of(request) != "deleteResults":
            return upstream(request)
        return Response(200, (("Content-Type", "application/json"),), b'{"code":1003,"msg":"no"}')

    return send


@edit("listResults")
def never_ends(body):
    for item in body["data"]["result"]:
        item["faceswap_status"] = 2


def late_on_kept(upstream):
    """On a kept connection, who asks is told what was asked before."""
    last = []

    def send(request):
        answer = upstream(request)
        if request.header("connection") != "keep-alive" or operation_of(request) == "getToken":
            return answer
        last.append(answer)
        return last[-2] if len(last) > 1 else answer

    return send


def one_frame_more(upstream):
    """An image has a second frame."""

    def send(request):
        answer = upstream(request)
        body = value(answer.body)
        frames = body.get("faces_obj")
        if operation_of(request) != "detectFaces" or not frames:
            return answer
        return with_json(answer, body | {"faces_obj": frames | {"1": frames["0"]}})

    return send


def same_nonce(url, body, post):
    return post(url, json.dumps(json.loads(body) | {"nonce": "7"}).encode())


def elsewhere():
    """The packaged contract with a submit that no page of face swap knows."""
    document = copy.deepcopy(akool_openapi.load())
    method, path = KNOWN["swapImage"]
    item = document["paths"].pop(path)
    item[method.lower()]["operationId"] = "makePicture"
    document["paths"]["/v9/pictures"] = item
    return document


@dataclass(frozen=True)
class Try:
    """How a check is made to fail: a defect, and what has to run before it."""

    layer: object = None
    before: tuple[str, ...] = ()
    hook: object = None
    moves: bool = True
    """Whether waiting moves the simulator's clock, as far as the suite knows."""
    cheap: bool = True
    """Whether what is generated is made small too, which takes long where all of it fails."""
    document: object = None
    patience: float = 10.0
    """The budget for an answer: in process each comes at once."""


JOBS = ("side.webhook-lengths", "state.jobs-finish", "side.webhook-arrives")
PADDED = next(mutant for mutant in TABLE if mutant.name == "hooks-padded-by-need").hook
BY_NAME = {mutant.name: mutant.layer for mutant in TABLE}
GZIP_REFUSED, RACED = BY_NAME["gzip-refused"], BY_NAME["quota-raced"]
GET_DELETES, MANY_DELETED = BY_NAME["get-deletes"], BY_NAME["many-deleted-cut"]
HERE = {
    "auth.banned": Try(says_yes),
    "auth.decision-table": Try(says_yes),
    "auth.headers-as-spelt": Try(says_yes),
    "auth.submits-guarded": Try(says_yes),
    "auth.token": Try(says_yes),
    "client.reads": Try(reads_otherwise),
    "client.refusals": Try(says_yes),
    "credits.never-negative": Try(credit(lambda _c, **_: -5), ("credits.reading-is-free",)),
    "credits.reading-is-free": Try(credit(lambda c, asked, **_: c - asked)),
    "credits.same-price-always": Try(
        credit(lambda c, submitted, **_: c - 5 * max(0, submitted - 3)),
        ("credits.same-price", "credits.deducted-once"),
        cheap=False,
    ),
    "credits.never-overdrawn": Try(RACED, ("credits.deducted-at-submission",)),
    "credits.refunds-bounded": Try(
        refunds_too_much,
        ("credits.reading-is-free", "credits.deducted-at-submission"),
    ),
    "isolation.lists": Try(lists_everybodys),
    "rules.delete-parameter": Try(says_yes),
    "rules.detection-frames": Try(one_frame_more, ("rules.detection-takes",)),
    "rules.detections-apart": Try(busy_later, moves=False),
    "rules.each-parameter": Try(says_yes),
    "rules.extremes": Try(says_yes),
    "rules.garbage": Try(says_yes),
    "rules.generated": Try(says_yes, cheap=False),
    "rules.id-lists": Try(says_yes),
    "rules.limits": Try(says_yes),
    "rules.methods": Try(says_yes),
    "schema.examples": Try(says_nothing),
    "schema.generated": Try(says_nothing, cheap=False),
    "side.webhook-lengths": Try(None, JOBS, PADDED()),
    "side.webhook-nonce": Try(None, JOBS, same_nonce),
    "side.webhook-setup": Try(takes_no_hook),
    "state.created-in-order": Try(created_backwards, (FIRST,)),
    "state.job-ends": Try(never_ends, document=elsewhere),
    "state.job-is-deleted": Try(deletes_nothing, document=elsewhere),
    "state.job-is-told": Try(lists_twice, document=elsewhere),
    "state.machine": Try(lists_twice, cheap=False),
    "state.many-at-once": Try(lists_twice, (FIRST,)),
    "state.many-deleted": Try(MANY_DELETED, ("side.webhook-lengths",)),
    "state.methods-do-nothing": Try(GET_DELETES),
    "state.parallel-reads": Try(lists_twice, (FIRST,), moves=False),
    "state.parallel-submits": Try(
        credit(lambda c, submitted, **_: c - 3 * max(0, submitted - 4)),
        ("credits.deducted-at-submission",),
        moves=False,
    ),
    "state.still-so-later": Try(lists_twice, (FIRST,)),
    FIRST: Try(lists_twice),
    "wire.compressed": Try(GZIP_REFUSED),
    "wire.kept-connection": Try(late_on_kept),
    "wire.latency": Try(None, ("credits.reading-is-free",), patience=-1.0),
    "wire.status-agrees": Try(in_conflict, ("credits.reading-is-free",)),
}


def ended(check: str, one: Try):
    contract = Contract(one.document()) if one.document else CONTRACT
    target = SimulatorTarget(contract.document if one.document else None)
    target.capabilities.clock, target.capabilities.cheap = one.moves, one.cheap
    if one.layer:
        target.upstream = one.layer(target.upstream)
    if one.hook:
        deliver = target.mailbox.deliver
        target.simulator.receiver = lambda url, body: one.hook(url, body, deliver)
    names = {check, *one.before}
    plan = [active for active in in_order() if active.clause.name in names]
    options = Options(profile=TINY, max_credits=50_000.0, latency_budget=one.patience)
    report = verify(target, contract, options, plan=plan, mailbox=target.mailbox)
    return next(outcome for outcome in report.outcomes if outcome.check == check), report


@pytest.mark.parametrize("check", HERE)
def test_it_fails_on_a_defect(check) -> None:
    outcome, report = ended(check, HERE[check])
    assert outcome.state is State.FAILED, (outcome, report.error, report.not_run)
    assert not report.mistake


def test_a_mistake_of_the_client_is_found(monkeypatch) -> None:
    def broken(_self):
        raise KeyError("ours")

    monkeypatch.setattr(FaceSwap, "credit", broken)
    outcome, report = ended("client.typed-errors", Try(None, ("client.reads",)))
    assert outcome.state is State.FAILED
    assert not report.mistake


def test_every_check_has_a_defect_that_it_fails_on() -> None:
    """A new check: add a defect to the table and run `make mutants`, or to HERE in this file."""
    told = set(re.findall(r"[a-z]+\.[a-z0-9-]+", PAGE.read_text("utf-8")))
    here = HERE.keys() | {"client.typed-errors"}
    assert sorted(CLAUSES.keys() - told - here) == []
