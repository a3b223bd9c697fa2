"""Webhooks that are refused, in every way that a receiver may, and so must come again."""

from __future__ import annotations

from posixpath import splitext
from typing import TYPE_CHECKING

from akool_contract._findings.collector import UnusableError
from akool_contract._findings.registry import Finding, active
from akool_contract._run.session import TARGET
from akool_contract._target.mailbox import REFUSALS
from akool_contract.checks.state import THREE_HOURS_S
from akool_contract.checks.webhooks import BLOCK, collect

if TYPE_CHECKING:
    from akool_contract._run.ledger import Job
    from akool_contract._run.session import Session


@active(
    "side.webhook-setup",
    "side",
    "A job may name a webhookUrl of its own.",
    needs=("submit", "state", "webhooks", "codes"),
    order=14,
)
def setup(run: Session) -> None:
    """Submits the jobs whose messages are refused, early, so that retries have time to come."""
    if run.mailbox is None:
        return
    own = run.can.cheap or run.can.loopback
    for status in REFUSALS if own else (run.random.choice(REFUSALS),):
        hook = run.mailbox.url("refused", refuse=status)
        run.refused_hooks[status] = run.submit("swapImage", {"webhookUrl": hook})


@active(
    "side.webhook-lengths",
    "side",
    "A message is padded whatever its length, a whole number of blocks too.",
    needs=("submit", "state", "webhooks", "codes"),
    order=15,
)
def lengths(run: Session) -> None:
    """Names of all lengths in a block: what comes is judged as every other message is."""
    if run.mailbox is None:
        return
    if not (run.can.cheap or run.can.loopback):
        raise UnusableError("sixteen jobs for one padding are too many where they cost money")
    if run.options.target_url:
        raise UnusableError("the picture that was given has one name only")
    stem, ending = splitext(TARGET)
    for more in range(BLOCK):
        changes = {
            "modifyImage": f"{stem}{'0' * more}{ending}",
            "webhookUrl": run.mailbox.url("length"),
        }
        run.submit("swapImage", changes)


@active(
    "side.webhook-retry",
    "side",
    "A webhook that is not answered with HTTP 200 is sent again, with the same status.",
    needs=("submit", "state", "webhooks", "codes"),
    order=83,
)
def again(run: Session) -> None:
    """Each status that was turned away comes a second time, whatever it was turned away with."""
    patience = THREE_HOURS_S if run.can.clock else run.options.webhook_patience
    jobs = {status: job for status, job in run.refused_hooks.items() if not job.deleted}
    waiting = {status: _missing(run, job) for status, job in jobs.items()}
    waited, tick = 0.0, 0.1
    while waited <= patience:
        collect(run)
        waiting = {status: _missing(run, job) for status, job in jobs.items()}
        if not any(waiting.values()) and all(job.id in run.turned_away for job in jobs.values()):
            break
        run.target.wait(tick)
        waited, tick = waited + tick, min(tick * 1.5, 3600.0 if run.can.clock else 0.5)
    for status, job in jobs.items():
        _judge(run, status, job, waiting[status], patience)


def _missing(run: Session, job: Job) -> set[int]:
    """Statuses that were refused and have not come again; one more attempt is enough."""
    refused, got = run.turned_away.get(job.id, []), run.announced.get(job.id, [])
    return {status for status in refused if refused.count(status) < 2 and status not in got}  # noqa: PLR2004 - again


def _judge(run: Session, answered: int, job: Job, missing: set[int], patience: float) -> None:
    if job.id not in run.turned_away:
        run.collector.skip("side.webhook-retry", "no webhook came that could be refused")
    elif not missing or run.can.clock or not run.can.live:
        finding = None
        if missing:
            statuses = ", ".join(map(str, sorted(missing)))
            finding = Finding(
                f"status {statuses} once more after HTTP {answered}", f"none within {patience:g} s"
            )
        run.expect("side.webhook-retry", finding, None, "webhook")
    else:
        reason = (
            f"no second attempt within {patience:g} s of a refusal; the spacing is not documented"
        )
        run.collector.skip("side.webhook-retry", reason)
