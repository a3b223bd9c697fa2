"""The model of the server's state: every job this run submitted, and what has been seen of it.

Every answer of the run passes through here, whatever check made the request. So a promise such as
"a status never goes back" is watched all the time.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akool_contract._findings.answer import text_of
from akool_contract._findings.job import FINAL, RANKS, SUCCESS, Job, same_file
from akool_contract._findings.promises import (
    DELETED,
    DONE_URL,
    FOREIGN,
    FORWARD,
    IN_ORDER,
    LISTED,
    ONLY_ASKED,
    OWN_URL,
    SAME_JOB,
    SAME_OWNER,
    SAME_TIME,
    SAME_URL,
    TIMELY,
    TWICE,
    UNIQUE,
    UNKNOWN,
)
from akool_contract._findings.registry import Finding, Found
from akool_contract._wire.clocks import clocks, plausible, stamp
from akool_contract._wire.known import V3
from akool_contract._wire.strict_json import read_object
from akool_contract.oracle.operations import makes_video
from akool_contract.oracle.verdict import Outcome
from akool_openapi.operations import at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from akool_contract._findings.answer import Answer

TOO_MANY, SERVER_ERROR = 429, 500
"""HTTP statuses that say nothing about a job."""
ORDER_SLACK_S = 5.0


@dataclass(slots=True)
class Ledger:
    """All jobs of the run by `_id`, and every invariant over them."""

    grace: float
    jobs: dict[str, Job] = field(default_factory=dict)
    owners: dict[str, dict[str, Any]] = field(default_factory=dict)
    made_up: set[str] = field(default_factory=set)
    cohort: list[Job] | None = None
    """The first jobs, one of each kind, whose end several checks wait for."""
    others: list[Job] | None = None
    """The same, of operations without hand-written rules."""
    _job_ids: dict[str, str] = field(default_factory=dict)
    _urls: dict[str, str] = field(default_factory=dict)
    _stamps: list[tuple[float, float]] = field(default_factory=list)

    def of(self, account: str) -> list[Job]:
        """The account's jobs that are known not to be deleted."""
        return [j for j in self.jobs.values() if j.account == account and not j.may_be_gone]

    def enter(self, answer: Answer, now: float) -> Iterator[Found]:
        """Updates the model from an answer of any operation; yields contradictions."""
        request, name = answer.exchange.request, answer.name
        contract, operation = answer.contract, answer.operation
        if name in contract.polls:
            asked = contract.ids_in(request)
            if answer.ok:
                ours = operation is not None and operation.ours
                whole = answer.verdict.outcome is Outcome.ACCEPT or not ours
                yield from self.listed(answer, asked, now, whole=whole)
            else:
                yield from self._refused(answer, asked, now)
        elif name in contract.deletions and answer.verdict.may_be_done:
            self.deleted(answer, contract.ids_in(request), now)
        elif operation and operation.is_submit and answer.ok:
            hook = read_object(request.body).get("webhookUrl") if operation.ours else ""
            yield from self.submitted(
                answer,
                now,
                webhook=hook if isinstance(hook, str) else "",
                video=operation.ours and makes_video(request),
            )

    # -- submits ------------------------------------------------------------------------------

    def submitted(
        self, answer: Answer, now: float, *, webhook: str, video: bool
    ) -> Iterator[Found]:
        """A submit was accepted."""
        operation, job_id = answer.operation, answer.started
        if operation is None or operation.job is None or not job_id:
            return
        data = answer.data if operation.ours else {}
        number, url = data.get("job_id"), data.get("url")
        if job_id in self.jobs:
            yield UNIQUE.name, Finding("an _id never handed out before", f"_id {job_id} again")
            return
        yield UNIQUE.name, None
        job = Job(
            job_id,
            answer.name,
            answer.account,
            operation.job,
            operation.ours,
            submitted=now,
            webhook=webhook,
            video=video,
        )
        job.number = answer.exchange.number
        self.jobs[job_id] = job
        if isinstance(number, str) and number:
            job.job_id = number
            if number in self._job_ids:
                yield (
                    UNIQUE.name,
                    Finding("a job_id never handed out before", f"job_id {number} again"),
                )
            self._job_ids[number] = job_id
        date = answer.exchange.response.header("date")
        job.clocks = clocks([now, answer.exchange.at], date, job_id, job.job_id)
        if isinstance(url, str) and url:
            job.url = url
            yield from self._own_url(job)

    def _own_url(self, job: Job) -> Iterator[Found]:
        other = self._urls.setdefault(job.url, job.id)
        finding = None
        if other != job.id:
            finding = Finding("a url of its own", f"{job.id}: {job.url}, as {other} has")
        yield OWN_URL.name, finding

    # -- lists --------------------------------------------------------------------------------

    def listed(
        self, answer: Answer, asked: list[str], now: float, *, whole: bool = True
    ) -> Iterator[Found]:
        """A result list came back for `asked` ids; `whole`: every one of them must be in it."""
        counts = Counter(asked)
        items = named(answer, asked)
        names = Counter(name for name, _ in items)
        yield from _counted(asked, names, self.made_up)
        for name, item in items:
            job = self.jobs.get(name)
            if job is not None and job.id in counts and job.spec.poll.operation == answer.name:
                yield from self._item(job, item, answer, now)
        for name in counts if whole else ():
            job = self.jobs.get(name)
            if job is not None and name not in names:
                yield from self._absent(job, answer, now)
            elif job is not None and job.account == answer.account and not job.deleted:
                yield LISTED.name, None

    def _refused(self, answer: Answer, asked: list[str], now: float) -> Iterator[Found]:
        """A job that is polled alone must be shown while it exists; a list may be refused."""
        passing = answer.status == TOO_MANY or answer.status >= SERVER_ERROR or not answer.status
        for name in asked if not passing and len(asked) == 1 else ():
            job = self.jobs.get(name)
            if job is not None and not job.ours:
                yield from self._absent(job, answer, now)

    def _absent(self, job: Job, answer: Answer, now: float) -> Iterator[Found]:
        if job.spec.poll.operation != answer.name:
            return
        if answer.account and job.account != answer.account:
            yield FOREIGN.name, None
        elif job.deleted:
            yield DELETED.name, None
        if job.may_be_gone or job.account != answer.account:
            return
        age = now - job.submitted
        if age > (job.spec.result_s or math.inf):
            return  # its result has had its time
        if job.listed or age > self.grace:
            was = f"listed, at status {job.status}" if job.listed else "never listed"
            expected = f"an item for {job.id} (until now {was})"
            cause = "listed until now" if job.listed else "never listed"
            yield LISTED.name, Finding(expected, answer.short(), cause)

    def _item(self, job: Job, item: dict[str, Any], answer: Answer, now: float) -> Iterator[Found]:
        if answer.account and job.account != answer.account:
            yield (
                FOREIGN.name,
                Finding("no item of another account's job", f"an item with _id {job.id}"),
            )
            return
        if _no_order(job, item, answer):
            return
        if job.deleted:
            yield (
                DELETED.name,
                Finding(f"no item for the deleted {job.id}", f"an item with _id {job.id}"),
            )
            return
        job.listed = True
        yield from self._status(job, item, now, answer.exchange.together)
        yield from self._url(job, item)
        yield from self._kept(job, item)
        yield from self._owner(job, item)

    def _status(self, job: Job, item: dict[str, Any], now: float, together: int) -> Iterator[Found]:
        phase = job.spec.phase(at(item, job.spec.status))
        if phase is None:
            return
        status = RANKS[phase]
        back = status < job.status or (job.status in FINAL and status != job.status)
        if back:
            yield (
                FORWARD.name,
                Finding(
                    f"status {job.status} or later",
                    f"status {status} of {job.id}",
                    f"status {status} after {job.status}",
                ),
            )
            return
        yield FORWARD.name, None
        if status in FINAL and not job.done:
            job.finished = now
        if status != job.status:
            job.status, job.seen_with = status, together

    def _url(self, job: Job, item: dict[str, Any]) -> Iterator[Found]:
        if not job.ours:
            yield from _has_result(job, item)
            return
        url = item.get("url")
        if job.status == SUCCESS:
            yield DONE_URL.name, _success_url(item)
        if not isinstance(url, str) or not url:
            handed_out = job.url and job.operation in V3 and "url" not in item
            if job.url_listed or handed_out:
                yield SAME_URL.name, Finding(f"url {job.url}", f"url {url!r}", "no url")
            return
        job.url_listed = True
        if job.url and not same_file(url, job.url):
            yield SAME_URL.name, Finding(f"url {job.url}", f"url {url}", "another url")
        elif job.url:
            yield SAME_URL.name, None
        else:
            job.url = url
            yield from self._own_url(job)

    def _kept(self, job: Job, item: dict[str, Any]) -> Iterator[Found]:
        told = job.spec.created and at(item, job.spec.created)
        created = told if isinstance(told, (str, int)) else None
        number = item.get("job_id") if job.ours else None
        if job.created:
            finding = Finding(f"createdAt {job.created}", f"createdAt {created!r}", "createdAt")
            yield SAME_TIME.name, finding if created != job.created else None
        if created and not job.created:
            job.created = created
            yield from self._in_order(job)
        if job.job_id and isinstance(number, str) and number:
            finding = Finding(f"job_id {job.job_id}", f"job_id {number}", "job_id")
            yield SAME_JOB.name, finding if number != job.job_id else None

    def _in_order(self, job: Job) -> Iterator[Found]:
        created = stamp(str(job.created))
        if created is None:
            return
        finding = None
        if not plausible(created, job.clocks):
            seen = f"createdAt {job.created}"
            finding = Finding("a createdAt near the time of the submit", seen)
        yield TIMELY.name, finding
        finding = None
        for submitted, other in self._stamps:
            later, earlier = (job.submitted, created), (submitted, other)
            if later[0] < earlier[0]:
                later, earlier = earlier, later
            if later[1] < earlier[1] - ORDER_SLACK_S:
                seen = f"createdAt {job.created}, out of order with another job's"
                finding = Finding("createdAt in the order of the submits", seen)
                break
        if self._stamps:
            yield IN_ORDER.name, finding
        self._stamps.append((job.submitted, created))

    def _owner(self, job: Job, item: dict[str, Any]) -> Iterator[Found]:
        known = self.owners.setdefault(job.account, {})
        for name in () if not job.ours else ("userId", "uid"):
            value = item.get(name)
            if value is None or isinstance(value, (dict, list)):
                if name in job.owner:
                    seen = f"{name} {value!r}"
                    yield SAME_OWNER.name, Finding(f"{name} {job.owner[name]!r}", seen, name)
                continue
            job.owner[name] = value
            seen = f"{name} {value!r} on {job.id}"
            same = known.setdefault(name, value) == value
            finding = None if same else Finding(f"{name} {known[name]!r}", seen, name)
            yield SAME_OWNER.name, finding
            # Two keys of one team may be one user's.
            for other, theirs in self.owners.items() if name == "uid" else ():
                one_user = theirs.get("userId") == known.get("userId")
                if other != job.account and theirs.get(name) == value and not one_user:
                    yield (
                        SAME_OWNER.name,
                        Finding(f"a {name} of this account's own", f"{value!r} of {other}"),
                    )

    def apart(self, one: str, other: str) -> bool:
        """Whether two accounts were seen to be different users: two keys may be one user's."""
        mine, theirs = self.owners.get(one, {}), self.owners.get(other, {})
        return any(mine[name] != theirs[name] for name in mine.keys() & theirs.keys())

    # -- deletes ------------------------------------------------------------------------------

    def deleted(self, answer: Answer, asked: list[str], now: float) -> None:
        """A delete was answered: the account's jobs are gone, or unclear when it was refused."""
        for name in asked:
            job = self.jobs.get(name)
            if job is None or job.account != answer.account:
                continue
            if answer.ok:
                job.deleted_at = job.deleted_at or now
                job.deleted, job.deleted_with = True, answer.exchange.together
            else:
                job.delete_unclear = True


def _counted(asked: list[str], names: Counter[str], made_up: set[str]) -> Iterator[Found]:
    """Whether a list holds what was asked for, as often as it was, and nothing else."""
    counts = Counter(asked)
    yield ONLY_ASKED.name, None
    for name, count in names.items():
        seen = f"{count} items of {name}"
        if name not in counts:
            finding = Finding(f"only items of {_few(asked)}", seen, "only what was asked for")
            yield ONLY_ASKED.name, finding
        elif count > counts[name]:
            yield TWICE.name, Finding(f"at most {counts[name]}", seen, "as often as asked for")
        else:
            yield TWICE.name, None
    for name in counts:
        if name in made_up:
            told = Finding("no item for a made-up id", f"an item with _id {name}")
            yield UNKNOWN.name, told if name in names else None


def _no_order(job: Job, item: dict[str, Any], answer: Answer) -> bool:
    """Whether the item may be older than what was seen of the job at the same time."""
    together = answer.exchange.together
    phase = job.spec.phase(at(item, job.spec.status))
    back = phase is not None and RANKS[phase] < job.status and together == job.seen_with
    return back or (job.deleted and together == job.deleted_with)


def named(answer: Answer, asked: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """The jobs in an answer to a poll, each with its id."""
    specs = answer.contract.polls[answer.name]
    found = []
    for item in specs[0].jobs_in(answer.json):
        if not isinstance(item, dict):
            continue
        place = specs[0].job_id
        alone = asked[0] if len(asked) == 1 else ""
        found.append((alone if place is None else text_of(at(item, place)), item))
    return found


def _success_url(item: dict[str, Any]) -> Finding | None:
    """What is wrong with a success's address."""
    url = item.get("url")
    if not isinstance(url, str) or not url:
        return Finding("a url at status 3", "no url" if "url" not in item else f"url {url!r}")
    if not re.match(r"https?://", url):
        return Finding("an http(s) url at status 3", f"url {url!r}")
    return None


def _has_result(job: Job, item: dict[str, Any]) -> Iterator[Found]:
    """A success has the address that `x-job` promises."""
    spec = job.spec
    if spec.result is None or job.status != SUCCESS:
        return
    results = spec.results_of(item)
    finding = None
    if not results or not all(re.match(r"https?://", url) for url in results):
        seen = f"{spec.result}: {at(item, spec.result)!r}"[:200]
        finding = Finding("an http(s) address of the result at success", seen)
    yield DONE_URL.name, finding
    if finding is None and not job.url:
        job.url = results[0]


def _few(ids: list[str]) -> str:
    shown = ",".join(ids[:3])
    return shown + (f",... ({len(ids)} ids)" if len(ids) > 3 else "")  # noqa: PLR2004 - enough to see
