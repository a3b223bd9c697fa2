"""Holds every answer to the oracle's verdict on its request. One check for each documented rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.registry import VARYING, Finding, clause, judge, passive
from akool_contract._wire.known import SUBMITS
from akool_contract.oracle.verdict import (
    AUTH_CODES,
    BANNED,
    NO_CREDIT,
    OK,
    RULES,
    TOO_MANY_FACES,
    TOO_OFTEN,
    Outcome,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.answer import Answer
    from akool_contract._findings.registry import Found

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
def broken_rule(answer: Answer) -> Iterator[Found]:
    """The rule that the server does not enforce, or enforces with the wrong code.

    That a rule is kept shows only in a request that breaks no other.
    """
    verdict = answer.verdict
    if verdict.outcome is not Outcome.REFUSE:
        return
    name = rule_check(verdict.rules[0])
    expected = _unkept(answer)
    if expected:
        yield name, Finding(expected, answer.short() or "no body", verdict.causes[0])
    elif expected is not None and len(verdict.rules) == 1:
        yield name, None


def _unkept(answer: Answer) -> str | None:
    """What a broken rule should have led to; empty: it did. None: the answer does not say."""
    verdict, operation = answer.verdict, answer.operation
    codes = ", ".join(str(code) for code in sorted(verdict.codes))
    wanted = f"code {codes}: {verdict.why}"
    if not _usable(answer):
        return wanted if _has_no_code(answer) else None
    if answer.apart:
        return f"a refusal: {verdict.why}" if answer.ok else ""
    # Looked at first, no credit may be the answer: whether it is true the credit checks say.
    if answer.code in LATER or (operation and operation.is_submit and answer.code == NO_CREDIT):
        return None
    return "" if answer.code in verdict.codes else wanted


RULED = (*SUBMITS, "listResults", "getCredit", "getToken")


def _has_no_code(answer: Answer) -> bool:
    """The status of a refused credential is open; that a code says which refusal it is, is not."""
    verdict = answer.verdict
    answered = answer.status in verdict.statuses and not answer.exchange.response.fault
    ours = answer.operation is not None and not answer.apart
    return verdict.rules[0] in AUTH_RULES and answered and ours


def _must_be_accepted(answer: Answer) -> bool:
    """Not where credit decides, or that calls come too often; nor deletions of unknown ids."""
    operation = answer.operation
    if answer.verdict.outcome is not Outcome.ACCEPT or not _usable(answer) or operation is None:
        return False
    return not (
        answer.apart or answer.code in LATER or (operation.is_submit and answer.code == NO_CREDIT)
    )


def _is_left_open(answer: Answer) -> bool:
    return answer.verdict.outcome is Outcome.OPEN and _usable(answer) and not answer.apart


@passive(
    ACCEPTS,
    "rules",
    "A request that keeps every documented rule is accepted (code 1000).",
    of=RULED,
    when=_must_be_accepted,
)
def accepts(answer: Answer) -> Iterator[Finding]:
    """The other side of every rule: what the server says tells one false refusal from another."""
    if not answer.ok:
        said = VARYING.sub("*", str(answer.body.get("msg", "")))[:60]
        cause = f"refused with code {str(answer.code)[:20]}: {said}"
        yield Finding("code 1000: the request keeps every documented rule", answer.short(), cause)


@passive(
    "rules.no-code-without-cause",
    "rules",
    "1007 means more than 8 faces, 1006 the quota; 1101, 1102 and 1200 mean the credentials.",
    of=(*RULED, "deleteResults"),
    when=_is_left_open,
)
def cause(answer: Answer) -> Iterator[Finding]:
    """A code whose documented cause is not there, in an answer that may be a refusal."""
    operation, verdict = answer.operation, answer.verdict
    if operation is None or answer.code in verdict.codes or answer.code == OK:
        return
    if answer.code == TOO_MANY_FACES:
        yield Finding("no 1007: there are no more than 8 faces", answer.short())
    if answer.code in AUTH_CODES and answer.account and BANNED not in verdict.codes:
        why = verdict.why
        if "uthorization" not in why and "token" not in why and "key" not in why:
            yield Finding("no refusal of good credentials", answer.short())
    if answer.code == NO_CREDIT and not operation.is_submit:
        yield Finding("no 1006: nothing is to be paid here", answer.short())
