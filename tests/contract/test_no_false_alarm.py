"""Correct servers are not accused, whichever of the permissible choices they made."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from akool_contract._options import Options
from akool_contract._run.post import News, Post
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._target.target import Capabilities
from akool_contract.checks import retries, webhooks
from akool_contract_proof.reference import Variant
from akool_contract_proof.reference.serve import post
from akool_contract_proof.runner import on_reference, on_simulator

# Choices that do not touch each other are made together, so that few runs cover all of them;
# `make mutants` runs each one alone.
BUNDLES = {
    "as sampled": Variant(),
    "terse and swift": Variant(
        queue_s=0.0,
        processing_s=0.0,
        minimal_items=True,
        auth_status=401,
        malformed_status=400,
        error_data="null",
        success_msg="",
        legacy_auth=False,
        legacy_string=False,
        presigned=True,
        redirected_files=True,
        detect_error_status=200,
        detect_ok_msg="",
        detect_no_faces="empty",
        webhook_processing=False,
        trim_ids=False,
        file_before_status=404,
        opaque_token=True,
    ),
    "talkative and lenient": Variant(
        extra_fields=True,
        item_order="reverse",
        v4_url=True,
        duplicates_twice=True,
        error_data="empty",
        pretty_json=True,
        ascii_json=True,
        content_type="Application/JSON;charset=UTF-8",
        strict_opts=False,
        strict_urls=False,
        key_as_bearer=True,
        empty_authorization_ignored=True,
        token_with_msg=True,
        webhook_deduction=True,
        webhook_nonce="number",
        price_by_request=True,
        chunked=True,
        gzip=True,
    ),
    "strict and failing": Variant(
        processing_s=0.3,
        fail_every=3,
        refund_failed=True,
        observed_items=True,
        unknown_delete_code=1014,
        strict_unknown_fields=True,
        pro_over_8="refuse",
        one_pair_mapping=False,
        auth_after_validation=True,
        one_token_only=True,
        detect_auth_style="detection",
        pending_url="absent",
        whole_second_times=True,
        offset_times=True,
        close_connections=True,
        prices={"swapImage": 0.5, "swapVideo": 37.5, "swapImagePro": 2.25, "swapPlus": 1.0},
    ),
    "by polls, limited, files elsewhere": Variant(
        polls_per_step=2,
        pending_url="empty",
        rate_limit_every=60,
        rate_status=429,
        foreign_files="https://cdn.akool-files.invalid",
        webhook_delay_s=0.3,
        file_type="application/octet-stream",
    ),
    "only the published pages": Variant(partial=True),
    "nothing succeeds": Variant(fail_every=1, unknown_delete_code=1003),
}


@pytest.mark.parametrize("name", BUNDLES)
def test_no_permissible_server_is_accused(name) -> None:
    report = on_reference(variant=BUNDLES[name])
    assert report.violations == []
    assert report.error == ""


@pytest.mark.parametrize("seed", range(2))
def test_the_simulator_is_clean_whatever_the_seed(seed) -> None:
    report = on_simulator(None, seed=seed)
    assert report.violations == []
    assert report.error == ""


def test_slow_jobs_are_not_a_violation_and_are_named_as_not_run(quick) -> None:
    quick.operations = ("swapImage", "listResults", "getCredit")
    quick.job_timeout = 0.5
    quick.webhook_patience = 0.5
    report = on_reference(variant=Variant(queue_s=500.0, processing_s=500.0), options=quick)
    assert report.violations == []
    assert "state.jobs-finish" in {entry.check for entry in report.not_run}


def test_jobs_that_exceed_a_limit_that_was_given_are_a_violation(quick) -> None:
    quick.operations = ("swapImage", "listResults", "getCredit")
    quick.job_timeout, quick.job_timeout_given = 0.5, True
    quick.webhook_patience = 0.5
    report = on_reference(variant=Variant(queue_s=500.0, processing_s=500.0), options=quick)
    assert {v.check for v in report.violations} == {"state.jobs-finish"}


@pytest.mark.parametrize("url", ["http://[", "http://127.0.0.1:x/", "http://127.0.0.1:1/\n", ""])
def test_the_reference_server_goes_on_when_a_webhook_cannot_be_delivered(url) -> None:
    assert post(url, b"{}") == 0


def test_the_simulator_itself_made_no_mistake() -> None:
    target = SimulatorTarget()
    target.wait(10.0)
    assert not target.simulator.failures


def retried(monkeypatch, *again: int, given: bool) -> tuple[list[object], list[str]]:
    """What is found, and skipped, where the refusals with these statuses came again."""
    found: list[object] = []
    skipped: list[str] = []
    refused = {status: SimpleNamespace(id=str(status), deleted=False) for status in (404, 500, 503)}
    run = SimpleNamespace(
        options=Options(webhook_patience=0.3, webhook_patience_given=given),
        can=Capabilities(loopback=True),
        clock=SimpleNamespace(wait=lambda _seconds: None),
        post=SimpleNamespace(
            refused=refused,
            turned_away={job.id: [3] for job in refused.values()},
            announced={str(status): [3] for status in again},
        ),
        judge=SimpleNamespace(expect=lambda _name, finding, *_: found.append(finding)),
        collector=SimpleNamespace(skip=lambda _name, reason: skipped.append(reason)),
    )
    monkeypatch.setattr(retries, "collect", lambda _run: None)
    retries.again(run)
    return [finding for finding in found if finding], skipped


def test_a_webhook_may_come_again_later_than_anybody_waits(monkeypatch) -> None:
    found, skipped = retried(monkeypatch, given=False)
    assert found == []
    assert all("--webhook-patience" in reason for reason in skipped)
    assert len(skipped) == 3


def test_a_refused_webhook_is_missed_if_the_others_came_or_a_limit_was_given(monkeypatch) -> None:
    found, _ = retried(monkeypatch, 500, 503, given=False)
    assert [finding.expected for finding in found] == ["status 3 once more after HTTP 404"]
    assert len(retried(monkeypatch, given=True)[0]) == 3


@pytest.mark.parametrize(
    ("stories", "accused"),
    [
        (["23", "32", "23"], False),
        (["32"], False),
        (["32", "32", "23"], True),
        (["3", "2", "3"], False),
    ],
)
def test_one_message_that_was_lost_and_sent_again_is_no_other_order(stories, accused) -> None:
    found: list[object] = []
    run = SimpleNamespace(
        can=Capabilities(),
        post=Post(),
        judge=SimpleNamespace(expect=lambda _name, finding, *_: found.append(finding)),
    )
    for number, story in enumerate(stories):
        job = SimpleNamespace(id=str(number), operation="swapImage")
        for place, status in enumerate(story):
            news = News(int(status), 10.0 * place, 10_000 * place)
            webhooks._in_order(run, job, news, SimpleNamespace(at=news.at, answered=200))
    assert any(found) is accused
