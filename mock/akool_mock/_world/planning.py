"""Makes the plan of a new job from the settings, chance and faults."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akool_mock._world.directives import NONE
from akool_mock._world.jobs import Status

if TYPE_CHECKING:
    import random

    from akool_mock._world.directives import Directives
    from akool_mock._world.jobs import Plan
    from akool_mock._world.settings import Settings


def planned(plan: Plan, settings: Settings, directives: Directives, rng: random.Random) -> Plan:
    """The plan of one new job.

    Args:
        plan: the usual plan.
        settings: how often jobs fail, and what they say then.
        directives: faults asked for.
        rng: draws the jobs that fail.
    """
    if settings.failure_rate and rng.random() < settings.failure_rate:
        plan = replace(plan, outcome=Status.FAILED, alg_msg=settings.failure_text)
    if directives is NONE:
        return plan
    if directives.job == "failed":
        plan = replace(plan, outcome=Status.FAILED, alg_msg=settings.failure_text)
    elif directives.job:
        plan = replace(
            plan, stuck=Status.IN_QUEUE if directives.job == "queued" else Status.PROCESSING
        )
    if directives.status:
        plan = replace(plan, outcome=directives.status)
    if directives.queue_s >= 0:
        plan = replace(plan, queue_s=directives.queue_s)
    if directives.processing_s >= 0:
        plan = replace(plan, processing_s=directives.processing_s)
    return replace(plan, list_lag_s=directives.list_lag_s)
