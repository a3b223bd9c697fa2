"""The state machine: submits, lists, deletes and waits in any order, against the model."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from akool_contract._findings.registry import Finding
from akool_contract._generate.client_driver import Driver
from akool_contract._generate.explore import explore, profile
from akool_contract._run.plan import Stage, check
from akool_contract._run.run import MAIN, SECOND
from akool_contract._wire.errors import UnusableError
from akool_contract.checks import client, webhooks
from akool_contract.checks._shared.jobs import NO_SUBMIT, may_be_refunded, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run

FAST_JOBS_S = 3.0
MAX_SUBMITS = 6
FAR_SHARE = 2
AT_ONCE = 4
"""Stories that are told side by side to a far server."""
KINDS = st.integers(0, 3)


class Machine(RuleBasedStateMachine):
    """The rules. A class of the module: hypothesis keeps every class that it has seen."""

    def __init__(self, run: Run, later: list[Callable[[], None]] | None) -> None:
        super().__init__()
        self.run, self.kinds, self.later = run, served(run), later
        self.jobs: list[Job] = []
        self.accounts: list[str] = []
        """Whose jobs there are, once all steps are done."""
        self.refused = ""
        self.driver: Driver | None = None

    def kind(self, number: int) -> str:
        """One of the submits that the target serves."""
        return self.kinds[number % len(self.kinds)]

    def _client(self) -> Driver:
        self.driver = self.driver or Driver(self.run)
        return self.driver

    def _some(self, picks: list[int]) -> list[Job]:
        return list({j.id: j for p in picks for j in [self.jobs[p % len(self.jobs)]]}.values())

    def _guard(self, work: Callable[[], object]) -> None:
        """Does one step, or keeps it: what steps there are depends on no answer."""
        if self.later is not None:
            self.later.append(partial(self._do, work))
        else:
            self._do(work)

    def _do(self, work: Callable[[], object]) -> None:
        if self.refused:
            return
        try:
            work()
            webhooks.collect(self.run)
            self.run.collector.flush()
        except UnusableError as error:
            self.refused = error.reason

    @precondition(lambda self: len(self.accounts) < MAX_SUBMITS)
    @rule(kind=KINDS, hook=st.booleans(), second=st.integers(0, 5))
    def submit(self, kind: int, hook: bool, second: int) -> None:  # noqa: FBT001 - hypothesis passes by name
        """A job of either account, with or without a webhook."""
        account = SECOND if second == 0 and self.run.can.second else MAIN
        self.accounts.append(account)

        def work() -> None:
            run, name = self.run, self.kind(kind)
            hooked = hook and run.mailbox is not None and account == MAIN
            changes = {"webhookUrl": run.mailbox.url(name)} if hooked and run.mailbox else {}
            self.jobs.append(run.submit(name, changes, account))

        self._guard(work)

    @precondition(lambda self: bool(self.accounts))
    @rule(picks=st.lists(st.integers(0, 99), min_size=1, max_size=5), extra=st.booleans())
    def look(self, picks: list[int], extra: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """Some jobs, with or without an unknown id."""

        def work() -> None:
            ids = [job.id for job in self._some(picks)]
            self.run.look([*ids, self.run.made_up_id()] if extra else ids)

        self._guard(work)

    @precondition(lambda self: bool(self.accounts) and self.run.can.second)
    @rule(picks=st.lists(st.integers(0, 99), min_size=1, max_size=3))
    def look_as_other(self, picks: list[int]) -> None:
        """Jobs in the other account's name."""
        self._guard(lambda: self.run.look([job.id for job in self._some(picks)], SECOND))

    @precondition(lambda self: bool(self.accounts) and self.run.can.delete)
    @rule(picks=st.lists(st.integers(0, 99), min_size=1, max_size=2), stranger=st.booleans())
    def delete(self, picks: list[int], stranger: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """Some results, in their own or the other account's name."""

        def work() -> None:
            jobs = self._some(picks)
            account = jobs[0].account
            if stranger and self.run.can.second:
                account = SECOND if account == MAIN else MAIN
            self.run.delete([job.id for job in jobs if job.account == jobs[0].account], account)

        self._guard(work)

    @precondition(lambda self: len(self.accounts) < MAX_SUBMITS)
    @rule(kind=KINDS)
    def client_submits(self, kind: int) -> None:
        """A job submitted by the ergonomic client."""
        self.accounts.append(MAIN)
        self._guard(
            lambda: self.jobs.append(client.submit(self.run, self._client(), self.kind(kind)))
        )

    @precondition(lambda self: MAIN in self.accounts)
    @rule(picks=st.lists(st.integers(0, 99), min_size=1, max_size=4))
    def client_agrees(self, picks: list[int]) -> None:
        """The client sees what raw requests see."""

        def work() -> None:
            own = [job for job in self._some(picks) if job.account == MAIN]
            if own:
                client.compare(self.run, self._client(), own)

        self._guard(work)

    @precondition(lambda self: bool(self.accounts))
    @rule(seconds=st.sampled_from([0.5, 1.0, 2.0, 10.0]))
    def wait(self, seconds: float) -> None:
        """Time passes."""

        def work() -> None:
            run = self.run
            if run.can.clock:
                run.clock.wait(seconds)
            elif (run.waiting.pace or math.inf) < FAST_JOBS_S:
                run.clock.wait(min(seconds, 2.0) * (run.waiting.pace or 0.0) / 4)
            run.look_at(self.jobs)

        self._guard(work)

    @precondition(lambda self: bool(self.accounts))
    @rule()
    def credit_is_untouched_by_looking(self) -> None:
        """Reading the credit, the jobs, and the credit again."""

        def work() -> None:
            run = self.run
            with run.purse():
                before = run.credit()
                run.look_at(self.jobs)
                after = run.credit()
            wrong = after < before or (after > before and not may_be_refunded(run))
            finding = Finding(f"credit {before:g} still", f"{after:g}") if wrong else None
            run.judge.expect("credits.deducted-once", finding, None, "listResults")

        self._guard(work)

    def teardown(self) -> None:
        """Every job once more."""
        self._guard(lambda: self.run.look_at(self.jobs))


@check(
    "state.machine",
    "state",
    "Submits, lists and deletions, in any order, agree with the model.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    stage=Stage.MANY_JOBS,
    share=0.35,
    shows=("state", "credits", "isolation", "client", "side"),
)
def machine(run: Run) -> None:
    """As many examples as the profile and the budget allow."""
    kinds = served(run)
    if not kinds:
        raise UnusableError(NO_SUBMIT)
    reason = run.budget.refusal(kinds[0])
    if reason:
        raise UnusableError(reason)
    far, examples = run.parallel.far(), run.options.profile.machine_examples
    if far:
        examples = max(1, examples // FAR_SHARE)  # one request after the other, each a journey
    if run.budget.limit is not None:
        dearest = max(run.budget.price(kind) for kind in kinds)
        left = run.budget.left or 0.0
        affordable = int(left / dearest / MAX_SUBMITS)
        examples = max(1, min(examples, affordable))
    steps = run.options.profile.steps
    if far and run.budget.tight:
        steps //= FAR_SHARE
    options = profile(run, examples, steps)
    stories: list[list[Callable[[], None]]] = []

    def make() -> Machine:
        if not far:
            return Machine(run, None)
        stories.append([])
        return Machine(run, stories[-1])

    def test() -> None:
        seed(run.options.seed)(make)
        run_state_machine_as_test(make, settings=options)  # type: ignore[arg-type]  # a function will do

    explore(run, test)
    untold = iter(stories)  # whoever has ended one takes the next
    run.parallel.side_by_side([partial(_tell, untold)] * min(AT_ONCE, len(stories)))


def _tell(stories: Iterator[list[Callable[[], None]]]) -> None:
    for story in stories:
        for step in story:
            step()
