"""How each check ended: as passed, failed, known or not run. The sum is the number of checks.

Terminal, JSON, JUnit, HTML and pytest all read this and nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from akool_contract._findings.registry import LAYERS
from akool_contract._findings.report_model import CheckOutcome, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from akool_contract._findings.collector import Collector
    from akool_contract._findings.registry import Clause
    from akool_contract._findings.report_model import Violation


UNTRIED = "no answer in this run exercised it"


def outcomes(
    clauses: Iterable[Clause],
    collected: Collector,
    violations: Sequence[Violation],
    barred: Mapping[str, str],
    reason: Callable[[Clause], str],
) -> list[CheckOutcome]:
    """One for each clause, by layer and name.

    Args:
        clauses: every check that there is.
        collected: what was counted, skipped, and seen broken while each check ran.
        violations: what is reported.
        barred: checks that must not count as passed, and why.
        reason: why nothing put a clause to the test, where no check says so itself.
    """
    times: Counter[str] = Counter()
    for run in collected.runs.values():
        times[run.check] += run.outcomes
    skipped: dict[str, list[str]] = defaultdict(list)
    for entry in collected.not_run.values():
        place = f"{entry.operation}: " if entry.operation else ""
        skipped[entry.check].append(place + entry.reason)
    found = []
    for clause in sorted(clauses, key=lambda one: (LAYERS.index(one.layer), one.name)):
        name = clause.name
        broken = [v for v in violations if v.check == name or v.key in collected.shown[name]]
        why = "; ".join(dict.fromkeys(skipped[name]))
        if broken:
            state = State.FAILED
        elif times[name] and name not in barred:
            state = State.PASSED
        else:
            state, why = State.NOT_RUN, barred.get(name) or why or reason(clause) or UNTRIED
        count = max(times[name], len(broken)) if state is not State.NOT_RUN else 0
        keys = tuple(violation.key for violation in broken)
        found.append(CheckOutcome(name, clause.layer, clause.text, state, count, why, keys))
    return found
