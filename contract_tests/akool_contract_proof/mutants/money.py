"""Defects between accounts and of money: wrong owners, wrong balances, wrong moments."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from akool_contract._wire.known import SUBMITS
from akool_contract_proof.mutants._kit import (
    Json,
    Memory,
    asked,
    asking,
    deleting,
    listed,
    note_submit,
    operation_of,
    refuse,
    relisted,
    story,
    success,
    value,
    wrong_balance,
)

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Response, Upstream

KIND = "state"
SUCCESS = 3


# -- accounts
@story(KIND, "listResults", "accounts see each other's results")
def lists_for_all(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    have = {str(item["_id"]) for item in listed(answer)}
    more: list[Json] = []
    for name in dict.fromkeys(asked(request)):
        if name not in have and name in memory.jobs:
            more += listed(
                upstream(replace(asking(request, [name]), headers=memory.jobs[name]["headers"]))
            )
    return relisted(answer, listed(answer) + more)


@story(KIND, "deleteResults", "accounts can delete each other's results")
def deletes_for_all(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) == "deleteResults":
        for name in asked(request):
            if name in memory.jobs and request.header("x-api-key"):
                upstream(replace(deleting(request, [name]), headers=memory.jobs[name]["headers"]))
    return answer


@story(KIND, "swapImage", "jobs are booked on whoever came first")
def first_account_pays(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    key = request.header("x-api-key")
    if success(answer) and key and not request.header("authorization"):
        memory.last.setdefault("key", key)
    if operation_of(request) == "getCredit" and success(answer) and key and memory.last.get("key"):
        return upstream(request.with_headers({"x-api-key": memory.last["key"]}))
    return answer


# -- money
_credit = partial(wrong_balance, KIND)
PRICES = {"swapImage": 4.0, "swapVideo": 10.0, "swapImagePro": 4.0, "swapPlus": 4.0}


def _paid(request: Request, answer: Response, *operations: str) -> float:
    name = operation_of(request)
    return PRICES.get(name, 0.0) if success(answer) and name in (operations or SUBMITS) else 0.0


def _finished(memory: Memory, request: Request, answer: Response) -> int:
    if operation_of(request) != "listResults":
        return 0
    done = {str(i["_id"]) for i in listed(answer) if i.get("faceswap_status") == SUCCESS}
    new = done - memory.deleted
    memory.deleted |= new
    return len(new)


_credit("free-of-charge", "swapImage", "nothing is deducted", lambda m, r, a: _paid(r, a))
_credit(
    "pro-is-free",
    "swapImagePro",
    "Pro jobs are not charged",
    lambda m, r, a: _paid(r, a, "swapImagePro"),
)
_credit(
    "charged-at-the-end",
    "swapVideo",
    "charged when done, not at submission",
    lambda m, r, a: _paid(r, a) - 4.0 * _finished(m, r, a),
)
_credit(
    "charged-twice",
    "swapPlus",
    "charged at submission and again at the end",
    lambda m, r, a: -4.0 * _finished(m, r, a),
)
_credit(
    "refusals-charged",
    "swapImage",
    "refused submits are charged",
    lambda m, r, a: (
        -4.0 if operation_of(r) in SUBMITS and value(a.body).get("code") == 1003 else 0.0
    ),
)
_credit(
    "bad-auth-charged",
    "swapVideo",
    "1007 is charged",
    lambda m, r, a: -4.0 if value(a.body).get("code") == 1007 else 0.0,
)
_credit(
    "lists-charged",
    "listResults",
    "looking costs a little",
    lambda m, r, a: -0.1 if operation_of(r) == "listResults" and success(a) else 0.0,
)
_credit(
    "detections-charged",
    "detectFaces",
    "detections cost credits",
    lambda m, r, a: -1.0 if operation_of(r) == "detectFaces" and success(a) else 0.0,
)
_credit(
    "deletion-refunds",
    "deleteResults",
    "deleting gives the credits back",
    lambda m, r, a: (
        4.0 if operation_of(r) == "deleteResults" and set(asked(r)) & set(m.jobs) else 0.0
    ),
)
_credit(
    "success-refunds",
    "getCredit",
    "credits come back at success",
    lambda m, r, a: 4.0 * _finished(m, r, a),
)
_credit("credit-drifts", "getCredit", "the credit sinks by itself", lambda m, r, a: -0.5)


@story(KIND, "getCredit", "the credit goes below zero in place of 1006")
def credit_goes_negative(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if value(answer.body).get("code") == 1006 and memory.last.get("good"):
        memory.count("owed")
        return upstream(
            request.with_headers({"x-api-key": memory.last["good"], "authorization": None})
        )
    if success(answer) and request.header("x-api-key") and operation_of(request) in SUBMITS:
        memory.last.setdefault("good", request.header("x-api-key"))
    return answer


@story(KIND, "swapImage", "an empty account answers 1104")
def empty_is_1104(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    return refuse(1104, "insufficient credit") if value(answer.body).get("code") == 1006 else answer


@story(KIND, "swapPlus", "an empty account gets a parameter error")
def empty_is_1003(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    return refuse(1003) if value(answer.body).get("code") == 1006 else answer
