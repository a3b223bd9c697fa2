"""What the contract says beyond OpenAPI is acted upon, so a change of it has a verdict too."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.pipeline.diff.base import (
    ADDITIVE,
    BREAKING,
    DOCUMENTATION,
    GENERATED,
    GONE,
    NEITHER,
    READ,
    REQUEST,
    RESPONSE,
    edited,
    only,
    told,
)
from tests.pipeline.diff.small import NAME, contract

from akool_pipeline.diff import compare
from akool_pipeline.documents.pointer import resolve

OPERATION = "/paths/~1swap/post"


class TestEffect:
    @pytest.mark.parametrize(
        ("before", "after", "severity"),
        [
            ("reads", "spends", BREAKING),
            ("reads", "changes", BREAKING),
            ("reads", None, BREAKING),
            ("changes", "spends", BREAKING),
            ("spends", "deletes", BREAKING),
            (None, "deletes", BREAKING),
            ("spends", "reads", ADDITIVE),
            ("deletes", "reads", ADDITIVE),
            (None, "reads", ADDITIVE),
        ],
    )
    def test_only_what_reads_now_may_be_sent_as_before(self, before, after, severity) -> None:
        old, new = (contract() if e is None else contract(x_effect=e) for e in (before, after))
        change = only(old, new)
        assert told([change]) == [(severity, "effect-changed", NEITHER)]
        assert change.pointer == OPERATION + "/x-effect"
        assert change.message == f"it {before or 'spends'}, and now it {after or 'spends'}"

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_what_only_asks_reads_if_nothing_is_said(self, method) -> None:
        def using(**keys: Any) -> dict[str, Any]:
            document = contract(**keys)
            item = document["paths"]["/swap"]
            item[method] = item.pop("post")
            return document

        assert compare(using(), using(x_effect="reads")) == []
        assert told(compare(using(), using(x_effect="spends")))[0][0] is BREAKING


class TestPrice:
    @pytest.mark.parametrize(
        ("before", "after", "severity"),
        [
            ({"credits": 4}, {"credits": 5}, BREAKING),
            ({"credits": 4}, {"credits": 3}, ADDITIVE),
            ({"credits": 4, "perSeconds": 10}, {"credits": 4, "perSeconds": 5}, BREAKING),
            ({"credits": 4, "perSeconds": 10}, {"credits": 4, "perSeconds": 20}, ADDITIVE),
            ({"credits": 4}, {"credits": 4, "perSeconds": 20}, BREAKING),
            ({"credits": 4, "perSeconds": 10}, {"credits": 4}, ADDITIVE),
            ({"credits": 4, "perSeconds": 10}, {"credits": 5, "perSeconds": 20}, BREAKING),
            (None, {"credits": 4}, ADDITIVE),
            ({"credits": 4}, None, BREAKING),
        ],
    )
    def test_dearer_breaks(self, before, after, severity) -> None:
        old, new = (contract() if p is None else contract(x_price=p) for p in (before, after))
        change = only(old, new)
        assert told([change]) == [(severity, "price-changed", NEITHER)]
        assert change.pointer == OPERATION + "/x-price"

    def test_the_line_says_both(self) -> None:
        old, new = (
            contract(x_price={"credits": 4}),
            contract(x_price={"credits": 1, "perSeconds": 2}),
        )
        assert only(old, new).message == "the price became 1 credits for each 2 s, was 4 credits"
        assert only(old, contract()).message == "the price is no longer known"
        assert only(contract(), old).message == "the price is known now"

    def test_the_same_price_is_no_change(self) -> None:
        assert compare(contract(x_price={"credits": 4}), contract(x_price={"credits": 4.0})) == []


ENVELOPE = {"success": "$response.body#/code == 1000", "code": "/code", "data": "/data"}


class TestEnvelope:
    @pytest.mark.parametrize(
        ("edits", "severity", "message"),
        [
            (
                {"/success": "$response.body#/code == 0"},
                BREAKING,
                (
                    "success of the envelope is $response.body#/code == 0, "
                    "was $response.body#/code == 1000"
                ),
            ),
            ({"/code": "/status"}, BREAKING, "code of the envelope is /status, was /code"),
            ({"/code": GONE}, BREAKING, "code of the envelope is gone, was /code"),
            ({"/data": GONE}, BREAKING, "data of the envelope is gone, was /data"),
            ({"/text": "/msg"}, ADDITIVE, "text of the envelope is /msg"),
        ],
    )
    def test_a_change_gets_its_verdict(self, edits, severity, message) -> None:
        new = contract(x_envelope=edited(ENVELOPE, edits))
        change = only(contract(x_envelope=ENVELOPE), new)
        assert told([change]) == [(severity, "envelope-changed", RESPONSE)]
        assert change.message == message
        assert change.pointer == OPERATION + "/x-envelope" + next(iter(edits))

    def test_data_that_was_the_whole_body_moves(self) -> None:
        bare = {k: v for k, v in ENVELOPE.items() if k != "data"}
        change = only(contract(x_envelope=bare), contract(x_envelope=ENVELOPE))
        assert change.severity is BREAKING

    def test_one_that_comes_or_goes_breaks(self) -> None:
        without, with_it = contract(), contract(x_envelope=ENVELOPE)
        change = only(without, with_it)
        assert change.severity is BREAKING
        assert change.message == "the body now tells success; before, the status did"
        change = only(with_it, without)
        assert change.severity is BREAKING
        assert change.message == "the status now tells success; before, the body did"
        assert change.pointer == OPERATION + "/x-envelope"

    def test_the_documents_own_holds_where_the_operation_says_none(self) -> None:
        documents = [contract() for _ in range(2)]
        documents[0]["x-envelope"] = ENVELOPE
        documents[1]["x-envelope"] = ENVELOPE | {"code": "/status"}
        change = only(*documents)
        assert change.severity is BREAKING
        assert (change.operations, change.pointer) == ((NAME,), "/x-envelope/code")
        assert compare(documents[0], contract(x_envelope=ENVELOPE) | {"x-envelope": ENVELOPE}) == []


JOB: dict[str, Any] = {
    "id": "$response.body#/data/_id",
    "poll": {"operationId": "list", "parameter": "$request.query.ids", "separator": ","},
    "fields": {"status": "/status", "result": "/url"},
    "statuses": {"queued": [1], "running": [2], "succeeded": [3], "failed": [4, "error"]},
    "resultLifetimeSeconds": 100,
}


class TestJob:
    @pytest.mark.parametrize(
        ("edits", "severity", "rule"),
        [
            ({"/id": "$response.body#/data/id"}, BREAKING, "job-changed"),
            ({"/poll/operationId": "look"}, BREAKING, "job-changed"),
            ({"/poll/separator": GONE}, BREAKING, "job-changed"),
            ({"/fields/result": GONE}, BREAKING, "job-changed"),
            ({"/fields/reason": "/why"}, ADDITIVE, "job-changed"),
            ({"/delete": {"operationId": "drop"}}, ADDITIVE, "job-changed"),
            ({"/resultLifetimeSeconds": 99}, BREAKING, "job-changed"),
            ({"/resultLifetimeSeconds": 101}, ADDITIVE, "job-changed"),
            ({"/resultLifetimeSeconds": GONE}, BREAKING, "job-changed"),
            ({"/statuses/queued": [], "/statuses/running": [2, 1]}, BREAKING, "job-status-changed"),
            ({"/statuses/failed": [4, "error", 5]}, BREAKING, "job-status-changed"),
            ({"/statuses/failed": [4]}, BREAKING, "job-status-changed"),
            ({"/statuses/succeeded": []}, BREAKING, "job-status-changed"),
            ({"/statuses/running": [2, 7]}, ADDITIVE, "job-status-changed"),
            ({"/statuses/queued": []}, ADDITIVE, "job-status-changed"),
        ],
    )
    def test_a_change_gets_its_verdict(self, edits, severity, rule) -> None:
        old, new = contract(x_job=JOB), contract(x_job=edited(JOB, edits))
        change = only(old, new)
        assert told([change]) == [(severity, rule, RESPONSE)]
        assert any(resolve_or_none(d, change.pointer) is not None for d in (old, new))

    def test_a_job_that_comes_is_more_and_one_that_goes_breaks(self) -> None:
        with_job, without = contract(x_job=JOB), contract()
        change = only(without, with_job)
        assert (change.severity, change.message) == (ADDITIVE, "it starts a job now")
        change = only(with_job, without)
        assert (change.severity, change.message) == (BREAKING, "it no longer starts a job")
        assert change.pointer == OPERATION + "/x-job"

    def test_the_lines_say_what_was(self) -> None:
        old = contract(x_job=JOB)

        def line(edits: dict[str, Any]) -> str:
            return only(old, contract(x_job=edited(JOB, edits))).message

        moved = {"/statuses/queued": [], "/statuses/running": [2, 1]}
        assert line(moved) == "status 1 means running, meant queued"
        assert line({"/statuses/queued": []}) == "status 1 means nothing, meant queued"
        assert line({"/resultLifetimeSeconds": 5}) == "results live 5 s, lived 100 s"
        unknown = only(contract(x_job=edited(JOB, {"/resultLifetimeSeconds": GONE})), old)
        assert unknown.severity is ADDITIVE
        assert unknown.message == "results live 100 s, lived for a time that is not known"
        assert (
            line({"/poll/operationId": "look"}) == "poll.operationId of the job is look, was list"
        )

    def test_the_order_of_values_does_not_matter(self) -> None:
        new = edited(JOB, {"/statuses/failed": ["error", 4]})
        assert compare(contract(x_job=JOB), contract(x_job=new)) == []


def resolve_or_none(document: Any, pointer: str) -> Any:
    try:
        return resolve(document, pointer)
    except KeyError:
        return None


CODE = {"code": 7, "name": "SLOW", "meaning": "Slow", "retryable": True, "operations": ["swap"]}


class TestCodes:
    def using(self, **keys: Any) -> dict[str, Any]:
        return contract(x_business_codes=[CODE | keys])

    def test_a_code_that_may_no_longer_be_retried_breaks(self) -> None:
        change = only(self.using(), self.using(retryable=False))
        assert told([change]) == [(BREAKING, "code-retryable-changed", RESPONSE)]
        assert change.message == "after code 7 the same request must not be sent again"
        assert change.pointer == "/x-business-codes/0/retryable"
        assert change.operations == (NAME,)
        change = only(self.using(retryable=False), self.using())
        assert told([change]) == [(ADDITIVE, "code-retryable-changed", RESPONSE)]
        assert change.message == "after code 7 the same request may be sent again"

    def test_its_name_is_that_of_generated_code(self) -> None:
        change = only(self.using(), self.using(name="LATER"))
        assert told([change]) == [(GENERATED, "code-renamed", NEITHER)]
        assert change.message == "name of code 7: SLOW became LATER"

    def test_its_meaning_is_words(self) -> None:
        change = only(self.using(), self.using(meaning="Late"))
        assert told([change]) == [(DOCUMENTATION, "text-changed", NEITHER)]
        assert only(self.using(), self.using(meaning="Slow: wait 3 s")).severity is READ

    def test_a_code_that_comes_or_goes(self) -> None:
        none = contract(x_business_codes=[])
        change = only(none, self.using())
        assert told([change]) == [(ADDITIVE, "code-added", RESPONSE)]
        assert (change.message, change.operations) == ("code 7 is new", (NAME,))
        change = only(self.using(), none)
        assert told([change]) == [(BREAKING, "code-removed", RESPONSE)]
        assert change.message == "code 7 is gone"
        final = self.using(retryable=False)
        assert told(compare(final, none)) == [(ADDITIVE, "code-removed", RESPONSE)]

    def test_where_it_may_come_from(self) -> None:
        change = only(self.using(operations=[]), self.using())
        assert told([change]) == [(ADDITIVE, "code-operations-changed", RESPONSE)]
        assert change.message == "code 7 may come from swap"
        assert change.pointer == "/x-business-codes/0/operations"
        change = only(self.using(), self.using(operations=[]))
        assert change.message == "code 7 is no longer documented from swap"

    def test_the_order_of_codes_does_not_matter(self) -> None:
        other = CODE | {"code": 8}
        old, new = (contract(x_business_codes=codes) for codes in ([CODE, other], [other, CODE]))
        assert compare(old, new) == []

    def test_an_operation_that_is_not_there_is_named_as_it_is_written(self) -> None:
        old, new = (
            contract(x_business_codes=[CODE | {"operations": ["lost"], "retryable": r}])
            for r in (True, False)
        )
        assert only(old, new).operations == ("lost",)

    def test_a_code_of_no_operation_concerns_the_contract(self) -> None:
        old, new = (self.using(operations=[], retryable=r) for r in (True, False))
        assert only(old, new).operations == ()


RULE: dict[str, Any] = {
    "id": "aligned", "kind": "request", "text": "Lists correspond", "operations": ["swap"],
    "code": 7, "evidence": "Page",
}  # fmt: skip


class TestRules:
    def using(self, **keys: Any) -> dict[str, Any]:
        document = contract(x_rules=[RULE | keys])
        other = copy.deepcopy(document["paths"]["/swap"])
        other["post"]["operationId"] = "other"
        document["paths"]["/other"] = other
        return document

    def test_a_rule_that_covers_one_operation_more_breaks_that(self) -> None:
        change = only(self.using(), self.using(operations=["swap", "other"]))
        assert told([change]) == [(BREAKING, "rule-added", REQUEST)]
        assert change.operations == ("other (POST /other)",)
        assert (change.message, change.pointer) == ("rule aligned holds", "/x-rules/0")
        change = only(self.using(operations=["swap", "other"]), self.using())
        assert told([change]) == [(ADDITIVE, "rule-removed", REQUEST)]
        assert change.message == "rule aligned no longer holds"

    def test_a_promise_is_the_other_way_round(self) -> None:
        none = self.using(kind="behaviour", operations=[])
        some = self.using(kind="behaviour")
        assert told(compare(none, some)) == [(ADDITIVE, "rule-added", RESPONSE)]
        assert told(compare(some, none)) == [(BREAKING, "rule-removed", RESPONSE)]

    def test_a_rule_that_comes_or_goes_is_told_for_its_operations(self) -> None:
        new = self.using(operations=["swap", "other"])
        old = copy.deepcopy(new)
        old["x-rules"] = []
        change = only(old, new)
        assert change.operations == ("other (POST /other)", "swap (POST /swap)")
        assert told([change]) == [(BREAKING, "rule-added", REQUEST)]
        assert told(compare(new, old)) == [(ADDITIVE, "rule-removed", REQUEST)]

    def test_a_promise_that_becomes_a_demand_is_both(self) -> None:
        assert told(compare(self.using(kind="behaviour"), self.using())) == [
            (BREAKING, "rule-added", REQUEST),
            (BREAKING, "rule-removed", RESPONSE),
        ]

    def test_every_word_of_a_rule_is_to_be_read(self) -> None:
        change = only(self.using(), self.using(text="Lists differ"))
        assert told([change]) == [(READ, "text-changed", NEITHER)]
        assert (change.before, change.after) == ("Lists correspond", "Lists differ")
        assert (change.pointer, change.operations) == ("/x-rules/0/text", (NAME,))
        assert compare(self.using(), self.using(text="Lists\n correspond")) == []

    def test_another_code_breaks_who_waits_for_the_old(self) -> None:
        change = only(self.using(), self.using(code=8))
        assert told([change]) == [(BREAKING, "rule-code-changed", RESPONSE)]
        assert change.message == "code of a request that breaks the rule: 7 became 8"
        assert change.pointer == "/x-rules/0/code"

    def test_its_evidence_is_documentation(self) -> None:
        change = only(self.using(), self.using(evidence="Other page"))
        assert told([change]) == [(DOCUMENTATION, "detail-changed", NEITHER)]
