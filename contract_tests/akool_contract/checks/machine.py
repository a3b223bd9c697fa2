"""The state machine: submits, lists, deletes and waits in any order, against the model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from akool_contract._collector import UnusableError
from akool_contract._driver import Driver
from akool_contract._explore import explore, profile
from akool_contract._registry import Finding, active
from akool_contract._session import MAIN, SECOND
from akool_contract.checks import client, webhooks
from akool_contract.checks.credit import may_be_refunded, served

if TYPE_CHECKING:
    from akool_contract._ledger import Job
    from akool_contract._session import Session

FAST_JOBS_S = 3.0
MAX_SUBMITS = 6


def build(  # noqa: C901 - one class of many small rules, closed over its run
    run: Session,
) -> type[RuleBasedStateMachine]:
    """The machine for one run; a class, because hypothesis makes an instance for each example."""
    kinds = served(run)

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.jobs: list[Job] = []
            self.refused = ""
            self.driver: Driver | None = None

        def _client(self) -> Driver:
            self.driver = self.driver or Driver(run)
            return self.driver

        def _some(self, picks: list[int]) -> list[Job]:
            return list({j.id: j for p in picks for j in [self.jobs[p % len(self.jobs)]]}.values())

        def _guard(self, work: Any) -> None:  # noqa: ANN401 - a thunk
            if self.refused:
                return
            try:
                work()
                webhooks.collect(run)
                run.collector.flush()
            except UnusableError as error:
                self.refused = error.reason

        @precondition(lambda self: len(self.jobs) < MAX_SUBMITS)
        @rule(kind=st.sampled_from(kinds), hook=st.booleans(), second=st.integers(0, 5))
        def submit(self, kind: str, hook: bool, second: int) -> None:  # noqa: FBT001 - hypothesis passes by name
            def work() -> None:
                account = SECOND if second == 0 and run.can.second else MAIN
                hooked = hook and run.mailbox is not None and account == MAIN
                changes = {"webhookUrl": run.mailbox.url(kind)} if hooked and run.mailbox else {}
                self.jobs.append(run.submit(kind, changes, account))

            self._guard(work)

        @precondition(lambda self: bool(self.jobs))
        @rule(picks=st.lists(st.integers(0, 99), min_size=1, max_size=5), extra=st.booleans())
        def look(self, picks: list[int], extra: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
            def work() -> None:
                ids = [job.id for job in self._some(picks)]
                run.look([*ids, run.made_up_id()] if extra else ids)

            self._guard(work)

        @precondition(lambda self: bool(self.jobs) and run.can.second)
        @rule(picks=st.lists(st.integers(0, 99), min_size=1, max_size=3))
        def look_as_other(self, picks: list[int]) -> None:
            self._guard(lambda: run.look([job.id for job in self._some(picks)], SECOND))

        @precondition(lambda self: bool(self.jobs) and run.can.delete)
        @rule(picks=st.lists(st.integers(0, 99), min_size=1, max_size=2), stranger=st.booleans())
        def delete(self, picks: list[int], stranger: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
            def work() -> None:
                jobs = self._some(picks)
                account = jobs[0].account
                if stranger and run.can.second:
                    account = SECOND if account == MAIN else MAIN
                run.delete([job.id for job in jobs if job.account == jobs[0].account], account)

            self._guard(work)

        @precondition(lambda self: len(self.jobs) < MAX_SUBMITS)
        @rule(kind=st.sampled_from(kinds))
        def client_submits(self, kind: str) -> None:
            self._guard(lambda: self.jobs.append(client.submit(run, self._client(), kind)))

        @precondition(lambda self: any(job.account == MAIN for job in self.jobs))
        @rule(picks=st.lists(st.integers(0, 99), min_size=1, max_size=4))
        def client_agrees(self, picks: list[int]) -> None:
            def work() -> None:
                own = [job for job in self._some(picks) if job.account == MAIN]
                if own:
                    client.compare(run, self._client(), own)

            self._guard(work)

        @precondition(lambda self: bool(self.jobs))
        @rule(seconds=st.sampled_from([0.5, 1.0, 2.0, 10.0]))
        def wait(self, seconds: float) -> None:
            def work() -> None:
                if run.can.clock:
                    run.target.wait(seconds)
                elif (run.pace or math.inf) < FAST_JOBS_S:
                    run.target.wait(min(seconds, 2.0) * (run.pace or 0.0) / 4)
                run.look_at(self.jobs)

            self._guard(work)

        @precondition(lambda self: bool(self.jobs))
        @rule()
        def credit_is_untouched_by_looking(self) -> None:
            def work() -> None:
                before = run.credit()
                run.look_at(self.jobs)
                after = run.credit()
                wrong = after < before or (after > before and not may_be_refunded(run))
                finding = Finding(f"credit {before:g} still", f"{after:g}") if wrong else None
                run.expect("credits.deducted-once", finding, None, "listResults")

            self._guard(work)

        def teardown(self) -> None:
            if not self.refused:
                self._guard(lambda: run.look_at(self.jobs))

    return Machine


@active(
    "state.machine",
    "state",
    "Whatever is submitted, listed and deleted, in whatever order, agrees with the model.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    order=72,
)
def machine(run: Session) -> None:
    """As many examples as the profile and the budget allow."""
    kinds = served(run)
    if not kinds:
        raise UnusableError("no submit is served or selected")
    reason = run.budget.refusal(kinds[0])
    if reason:
        raise UnusableError(reason)
    examples = run.options.profile.machine_examples
    if run.budget.limit is not None:
        dearest = max(run.budget.price(kind) for kind in kinds)
        left = (run.budget.ceiling or run.budget.limit) - run.budget.spent
        affordable = int(left / dearest / MAX_SUBMITS)
        examples = max(1, min(examples, affordable))
    factory = build(run)
    options = profile(run, examples, run.options.profile.steps)

    def test() -> None:
        seed(run.options.seed)(factory)
        run_state_machine_as_test(factory, settings=options)

    explore(run, test)
