"""The calls that checks are written with: build a request, submit, list, delete, wait."""

from __future__ import annotations

import copy
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from akool_contract._findings.collector import UnusableError
from akool_contract._run.together import Together
from akool_contract._wire.http import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from akool_contract._findings.answer import Answer
    from akool_contract._options import Options
    from akool_contract._run.ledger import Job
    from akool_contract._target.mailbox import Delivery, Mailbox
    from akool_contract._target.target import Target
    from akool_contract._wire.contract import Contract, Operation

OPTS = "262,175:363,175:313,215:272,279"
SOURCE = "https://d21ksh0k4smeql.cloudfront.net/crop_1705462509874-9254-0-1705462510015-9261.png"
OLD = "https://d21ksh0k4smeql.cloudfront.net/crop_1694593694387-4562-0-1694593694575-0526.png"
TARGET = (
    "https://d21ksh0k4smeql.cloudfront.net/bdd1c994c4cd7a58926088ae8a479168-1705462506461-1966.jpeg"
)
VIDEO = "https://d21ksh0k4smeql.cloudfront.net/avatar_01-1705462506461.mp4"
MAIN, SECOND = "main", "second"
TICK_S = 0.05
MAX_TICK_S = 2.0
IDS_A_LOOK = 20
SLOW_LIMIT_S = 0.2
ENOUGH_LOOKS = 8
"""Looks after which a listed job without any readable status is not waited for any longer."""


@dataclass(frozen=True, slots=True)
class News:
    """A webhook that was received: `at` by our clock, `stamp` in ms by the sender's."""

    status: int
    at: float
    stamp: int


class Session(Together):
    """A run with the vocabulary of the API."""

    def __init__(self, target: Target, contract: Contract, options: Options) -> None:
        super().__init__(target, contract, options)
        self.random = random.Random(options.seed)  # noqa: S311 - repeatable, not secret
        self.pace: float | None = None
        """Seconds that the slowest finished job took, once one has finished."""
        self.shrinking = 0.0
        """Seconds spent on generated tests that found something."""
        self.slow = False
        """No job finished within the time a run has: waiting for more of them is pointless."""
        self.cohort: list[Job] | None = None
        """The first jobs, one of each kind, that several checks follow to their end."""
        self.mailbox: Mailbox | None = None
        self.announced: dict[str, list[int]] = {}
        """Statuses that webhooks announced and that were received, by job."""
        self.news: dict[str, list[News]] = defaultdict(list)
        """Every message that came, by job."""
        self.nonces: dict[str, set[str]] = defaultdict(set)
        """Nonces of the messages, and the jobs that they were about."""
        self.taps: list[Callable[[list[Delivery]], None]] = []
        """Told of every collection of webhooks."""
        self.turned_away: dict[str, list[int]] = {}
        """The status in each webhook that was refused, by job."""
        self.refused_hooks: dict[int, Job] = {}
        """Jobs whose webhooks are refused, by the HTTP status that they are refused with."""
        self.on_end: Callable[[Job], None] = lambda _: None
        """Called as soon as a job that is waited for is seen finished."""
        self.tick: Callable[[], None] = lambda: None
        """Called between looks: collects what has come meanwhile."""
        self.watch: Callable[[str], None] = lambda _: None
        """Called where nothing but submits may have changed the credit since the last call."""

    # -- requests -----------------------------------------------------------------------------

    def auth(self, account: str = MAIN) -> dict[str, str]:
        """Headers that speak for an account; empty when we have no credentials for it."""
        for key, owner in self.credentials.keys.items():
            if owner == account:
                return {"x-api-key": key}
        for token, owner in self.credentials.tokens.items():
            if owner == account:
                return {"Authorization": f"Bearer {token}"}
        return {}

    def url(self, operation: Operation) -> str:
        """Where an operation is: on the target, or on its own documented server in a live run."""
        live = self.target.base_url in self.contract.servers
        base = operation.server if live and operation.server else self.target.base_url
        return base.rstrip("/") + operation.path

    def request(
        self,
        name: str,
        *,
        body: Any = None,  # noqa: ANN401 - any JSON value, or bytes as they are
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        account: str = MAIN,
    ) -> Request:
        """A request of an operation. `headers` replaces the account's credentials when given."""
        operation = self.contract.operations.get(name)
        if operation is None:
            raise UnusableError(f"the contract has no operation {name}")
        url = self.url(operation)
        if query:
            url += "?" + urlencode(query)
        pairs = dict(self.auth(account) if headers is None else headers)
        content = b""
        if isinstance(body, bytes):
            content = body
        elif body is not None:
            content = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if body is not None and not any(key.lower() == "content-type" for key in pairs):
            pairs["Content-Type"] = "application/json"
        return Request(operation.method, url, tuple(pairs.items()), content, name)

    def call(
        self,
        name: str,
        *,
        body: Any = None,  # noqa: ANN401 - any JSON value, or bytes as they are
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        account: str = MAIN,
    ) -> Answer:
        """Sends a request of an operation."""
        return self.send(
            self.request(name, body=body, query=query, headers=headers, account=account)
        )

    def valid_body(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """A body that must be accepted, with the pictures that the person named."""
        source = self.options.source_url or SOURCE
        target = self.options.target_url or TARGET
        old = self.options.target_url or OLD
        video = self.options.video_url or VIDEO
        face, original = {"path": source, "opts": OPTS}, {"path": old, "opts": OPTS}
        bodies: dict[str, Any] = {
            "swapImage": {"sourceImage": [face], "targetImage": [original], "modifyImage": target},
            "swapVideo": {"sourceImage": [face], "targetImage": [original], "modifyVideo": video},
            "swapImagePro": {"sourceImage": [{"path": source}], "targetImage": [{"path": target}]},
            "swapPlus": {"source_url": source, "target_url": target, "single_face_mode": True},
            "deleteResults": {"_ids": self.made_up_id()},
            "getToken": {
                "clientId": self.credentials.client_id,
                "clientSecret": self.credentials.client_secret,
            },
            "detectFaces": {"url": target},
            "detectFacesLegacy": {"single_face": False, "image_url": target},
        }
        if name in bodies:
            return copy.deepcopy(bodies[name])
        operation = self.contract.operations.get(name)
        return copy.deepcopy(operation.example) if operation else None

    def made_up_id(self) -> str:
        """An id in the right form that nobody was given."""
        name = f"{self.random.getrandbits(64):016x}" + "deadbeef"
        self.ledger.made_up.add(name)
        return name

    # -- verbs --------------------------------------------------------------------------------

    def submit(
        self, name: str, changes: Mapping[str, Any] | None = None, account: str = MAIN
    ) -> Job:
        """Submits a job; raises UnusableError when it does not come about."""
        body = self.valid_body(name) | dict(changes or {})
        answer = self.call(name, body=body, account=account)
        return self.job_of(answer)

    def job_of(self, answer: Answer) -> Job:
        """The job that a submit's answer started."""
        job_id = answer.data.get("_id")
        job = self.ledger.jobs.get(job_id) if isinstance(job_id, str) else None
        if not answer.ok or job is None:
            raise UnusableError(f"{answer.name} gave no job: {answer.short(120)}")
        return job

    def look(self, ids: Iterable[str], account: str = MAIN) -> Answer:
        """Lists results."""
        return self.call("listResults", query={"_ids": ",".join(ids)}, account=account)

    def look_at(self, jobs: Iterable[Job]) -> bool:
        """Lists jobs, in requests of a moderate number of ids; False: a list was refused."""
        worked = True
        by_account: dict[str, list[str]] = {}
        for job in jobs:
            if not job.deleted:
                by_account.setdefault(job.account, []).append(job.id)
        for account, ids in by_account.items():
            for start in range(0, len(ids), IDS_A_LOOK):
                worked &= self.look(ids[start : start + IDS_A_LOOK], account).ok
        return worked

    def delete(self, ids: Iterable[str], account: str = MAIN) -> Answer:
        """Deletes results; only ids of this run, or made-up ones."""
        return self.call("deleteResults", body={"_ids": ",".join(ids)}, account=account)

    def credit(self, account: str = MAIN) -> float:
        """The account's credit; raises UnusableError when the server does not say."""
        answer = self.call("getCredit", account=account)
        value = answer.data.get("credit")
        if not answer.ok or isinstance(value, bool) or not isinstance(value, (int, float)):
            raise UnusableError(f"getCredit told no credit: {answer.short(120)}")
        return float(value)

    def balance(self) -> float | None:
        """What quota/info says of the main account; None when it does not say."""
        try:
            return self.credit()
        except UnusableError:
            return None

    def wait_done(self, jobs: Iterable[Job], patience: float | None = None) -> bool:
        """Looks at jobs until all are finished or `patience` seconds have passed; True: all are."""
        every = list(jobs)
        waiting = [job for job in every if self._worth_waiting(job)]
        limit = self.options.job_timeout if patience is None else patience
        if not self.can.clock:
            limit = min(limit, self.options.job_timeout)
        if self.slow:
            limit = min(limit, SLOW_LIMIT_S)
        start, tick = self.target.now(), TICK_S if not self.can.clock else 0.5
        looks = 0
        while waiting:
            looks += 1
            if not self.look_at(waiting):
                break
            self._note_pace(waiting)
            for job in waiting:
                if job.done:
                    self.on_end(job)
            self.tick()
            waiting = [job for job in waiting if self._worth_waiting(job)]
            unreadable = looks >= ENOUGH_LOOKS and all(
                job.listed and not job.status for job in waiting
            )
            if not waiting or unreadable or self.target.now() - start > limit:
                break
            self.target.wait(tick)
            tick = min(tick * 1.5, MAX_TICK_S if not self.can.clock else 3600.0)
        # A whole patience in which nothing ever finished: once is enough.
        self.slow |= bool(waiting) and limit >= self.options.job_timeout and self.pace is None
        for job in waiting if limit >= self.options.job_timeout else ():
            job.given_up = True
        return not any(not job.done and not job.deleted for job in every)

    def _worth_waiting(self, job: Job) -> bool:
        """Not for what has ended, what was waited for in vain, or what never appears."""
        lost = not job.listed and self.target.now() - job.submitted > self.options.list_grace
        return not (job.done or job.deleted or job.given_up or lost)

    def _note_pace(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            if job.done:
                took = self.target.now() - job.submitted
                self.pace = max(took, self.pace or 0.0)

    def is_own_file(self, url: str) -> bool:
        """Whether a result url is served by the target itself, or the run is a live one."""
        return urlsplit(url).netloc == self.files_origin or self.can.live
