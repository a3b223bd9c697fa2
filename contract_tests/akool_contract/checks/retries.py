"""Webhooks that are refused, in every way that a receiver may, and so must come again."""

from __future__ import annotations

from posixpath import splitext
from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding
from akool_contract._run.plan import Stage, check
from akool_contract._target.mailbox import REFUSALS
from akool_contract._wire.envelope import BLOCK
from akool_contract._wire.errors import UnusableError
from akool_contract._wire.known import SUBMITS
from akool_contract.checks._shared.jobs import THREE_HOURS_S
from akool_contract.checks.webhooks import PADDED, collect
from akool_contract.oracle.samples import TARGET

if TYPE_CHECKING:
    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run


@check(
    "side.webhook-setup",
    "side",
    "A job may have its own webhookUrl.",
    needs=("submit", "state", "webhooks", "codes"),
    operations=("swapImage",),
    stage=Stage.FIRST_JOBS,
    shows=("rules.accepts-what-is-right",),
)
def setup(run: Run) -> None:
    """Submits the jobs whose messages are refused, early, so that retries have time to come."""
    if run.mailbox is None:
        return
    own = (run.can.cheap or run.can.loopback) and not run.budget.tight
    for status in REFUSALS if own else (run.random.choice(REFUSALS),):
        hook = run.mailbox.url("refused", refuse=status)
        # A job for two: `state.jobs-finish` wants one on the other model.
        more = {"face_enhance": 1} if run.budget.tight else {}
        run.post.refused[status] = run.submit("swapImage", {"webhookUrl": hook, **more})


@check(
    PADDED,
    "side",
    "A message is padded whatever its length, even if it fills whole blocks.",
    needs=("submit", "state", "webhooks", "codes"),
    operations=("swapImage",),
    stage=Stage.FIRST_JOBS,
    share=0.1,
)
def lengths(run: Run) -> None:
    """Names of all lengths in a block: what comes is judged as every other message is."""
    if run.mailbox is None:
        return
    if run.budget.tight or not (run.can.cheap or run.can.loopback):
        raise UnusableError("this needs sixteen jobs, too many if they cost money")
    if run.options.target_url:
        raise UnusableError("this needs pictures with different names")
    stem, ending = splitext(TARGET)
    for more in range(BLOCK):
        changes = {
            "modifyImage": f"{stem}{'0' * more}{ending}",
            "webhookUrl": run.mailbox.url("length"),
        }
        run.post.padded.add(run.submit("swapImage", changes).id)


@check(
    "side.webhook-retry",
    "side",
    "If a webhook is not answered with HTTP 200, it is sent again with the same status.",
    needs=("submit", "state", "webhooks", "codes"),
    operations=SUBMITS,
    stage=Stage.WHOLE_LIVES,
)
def again(run: Run) -> None:
    """Each status that was turned away comes a second time, whatever it was turned away with."""
    patience = THREE_HOURS_S if run.can.clock else run.options.webhook_patience
    jobs = {status: job for status, job in run.post.refused.items() if not job.deleted}
    waiting = {status: _missing(run, job) for status, job in jobs.items()}
    waited, tick = 0.0, 0.1
    while waited <= patience:
        collect(run)
        waiting = {status: _missing(run, job) for status, job in jobs.items()}
        if not any(waiting.values()) and all(
            job.id in run.post.turned_away for job in jobs.values()
        ):
            break
        run.clock.wait(tick)
        waited, tick = waited + tick, min(tick * 1.5, 3600.0 if run.can.clock else 0.5)
    # A server that sends the others again has had its time, and loses no messages.
    came = [status for status in jobs if jobs[status].id in run.post.turned_away]
    kept = [status for status in came if not waiting[status]]
    certain = run.can.clock or run.options.webhook_patience_given or len(kept) > len(came) / 2
    for status, job in jobs.items():
        _judge(run, status, job, waiting[status], patience if certain else None)


def _missing(run: Run, job: Job) -> set[int]:
    """Statuses that were refused and have not come again; one more attempt is enough."""
    refused, got = run.post.turned_away.get(job.id, []), run.post.announced.get(job.id, [])
    return {status for status in refused if refused.count(status) < 2 and status not in got}  # noqa: PLR2004 - again


def _judge(run: Run, answered: int, job: Job, missing: set[int], patience: float | None) -> None:
    """A missing attempt is a violation if it had to come within `patience`; None: it may come."""
    if job.id not in run.post.turned_away:
        run.collector.skip("side.webhook-retry", "no webhook came that could be refused")
    elif not missing or (patience is not None and not run.can.live):
        finding = None
        if missing:
            statuses = ", ".join(map(str, sorted(missing)))
            finding = Finding(
                f"status {statuses} once more after HTTP {answered}", f"none within {patience:g} s"
            )
        run.judge.expect("side.webhook-retry", finding, None, "webhook")
    else:
        reason = (
            f"no second attempt within {run.options.webhook_patience:g} s of a refusal; the "
            "spacing is not documented: say what you expect with --webhook-patience"
        )
        run.collector.skip("side.webhook-retry", reason)
