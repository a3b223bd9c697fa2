"""Holds every answer to the oracle's verdict on its request. One check for each documented rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding, clause, judge, passive
from akool_contract._wire.known import SUBMITS
from akool_contract.oracle import RULES, Outcome
from akool_contract.oracle.verdict import (
    AUTH_CODES,
    BANNED,
    NO_CREDIT,
    OK,
    TOO_MANY_FACES,
    TOO_OFTEN,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.answer import Answer

AUTH_RULES = ("auth-required", "auth-valid", "authorization-first", "account-not-banned")
ACCEPTS = "rules.accepts-what-is-right"
LATER = frozenset({TOO_OFTEN})

for _rule, _text in RULES.items():
    _layer = "auth" if _rule in AUTH_RULES or _rule == "secret-matches" else "rules"
    clause(f"{_layer}.{_rule}", _layer, _text)


def rule_check(rule: str) -> str:
    """The name of the check that enforces a rule of the oracle."""
    layer = "auth" if rule in AUTH_RULES or rule == "secret-matches" else "rules"
    return f"{layer}.{rule}"


def _usable(answer: Answer) -> bool:
    response = answer.exchange.response
    return bool(answer.operation) and not response.fault and answer.code is not None


@judge
def broken_rule(answer: Answer) -> Iterator[tuple[str, Finding]]:
    """The rule that the server does not enforce, or enforces with the wrong code."""
    verdict = answer.verdict
    if verdict.outcome is not Outcome.REFUSE:
        return
    name = rule_check(verdict.rules[0])
    if not _usable(answer):
        yield from _no_code(answer, name)
        return
    if answer.apart:
        if answer.ok:
            yield name, Finding(f"a refusal: {verdict.why}", answer.short())
        return
    if answer.operation and answer.operation.is_submit and answer.code == NO_CREDIT:
        return  # looked at first, it may be the answer; whether it is true the credit checks say
    if answer.code not in verdict.codes and answer.code not in LATER:
        codes = ", ".join(str(code) for code in sorted(verdict.codes))
        yield name, Finding(f"code {codes}: {verdict.why}", answer.short())


RULED = (*SUBMITS, "listResults", "getCredit", "getToken")


def _no_code(answer: Answer, name: str) -> Iterator[tuple[str, Finding]]:
    """The status of a refused credential is open; that a code says which refusal it is, is not."""
    verdict, operation = answer.verdict, answer.operation
    answered = answer.status in verdict.statuses and not answer.exchange.response.fault
    if verdict.rules[0] in AUTH_RULES and answered and operation and not answer.apart:
        codes = ", ".join(str(code) for code in sorted(verdict.codes))
        yield name, Finding(f"code {codes}: {verdict.why}", answer.short() or "no body")


@passive(
    ACCEPTS,
    "rules",
    "A request that keeps every documented rule is accepted (code 1000).",
    of=RULED,
)
def accepts(answer: Answer) -> Iterator[Finding]:
    """The other side of every rule."""
    if answer.verdict.outcome is not Outcome.ACCEPT or not _usable(answer) or answer.ok:
        return
    operation = answer.operation
    if operation is None or answer.apart or answer.code in LATER:
        return
    if operation.is_submit and answer.code == NO_CREDIT:
        return  # whether there was credit is for the credit checks to say
    if operation.id == "deleteResults":
        return  # what happens to unknown ids is not documented; known ones have their own check
    yield Finding("code 1000: the request keeps every documented rule", answer.short())


@passive(
    "rules.no-code-without-cause",
    "rules",
    "1007 is for more than 8 faces, 1006 for the quota, 1101, 1102 and 1200 for credentials.",
    of=(*RULED, "deleteResults"),
)
def cause(answer: Answer) -> Iterator[Finding]:
    """A code whose documented cause is not there, in an answer that may be a refusal."""
    operation, verdict = answer.operation, answer.verdict
    if verdict.outcome is not Outcome.OPEN or operation is None or not _usable(answer):
        return
    if answer.apart or answer.code in verdict.codes or answer.code == OK:
        return
    if answer.code == TOO_MANY_FACES:
        yield Finding("no 1007: there are no more than 8 faces", answer.short())
    if answer.code in AUTH_CODES and answer.account and BANNED not in verdict.codes:
        why = verdict.why
        if "uthorization" not in why and "token" not in why and "key" not in why:
            yield Finding("no refusal of good credentials", answer.short())
    if answer.code == NO_CREDIT and not operation.is_submit:
        yield Finding("no 1006: nothing is to be paid here", answer.short())
