"""One cause, one violation: what is taken wrongly is told by its rule, and not by its price too."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from akool_contract._options import PROFILES, Options
from akool_contract._run.plan import in_order
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._wire.known import SUBMITS
from akool_contract.suite import verify
from akool_contract_proof.mutants._kit import operation_of, success
from akool_contract_proof.runner import CONTRACT

MONEY = ("credits.refusal-is-free", "credits.same-price", "rules.limits", "rules.each-parameter")


@pytest.mark.parametrize("concurrent", [False, True])
def test_wrongly_taken_submits_are_no_fault_of_their_price_too(concurrent) -> None:
    target = SimulatorTarget()
    target.capabilities.cheap, target.capabilities.loopback = False, True
    honest, good = target.upstream, {}

    def lax(request):
        """Takes a submit that it must refuse for the last right one, and charges for it."""
        answer = honest(request)
        name = operation_of(request)
        if name in SUBMITS and success(answer):
            good[name] = request
        elif name in good and b'"code":1003' in answer.body.replace(b" ", b""):
            return honest(replace(good[name], headers=request.headers))
        return answer

    target.upstream = lax
    plan = [one for one in in_order() if one.clause.name in MONEY]
    plan = [*(one for one in in_order() if one.clause.name == "schema.examples"), *plan]
    options = Options(
        profile=PROFILES["quick"], max_credits=20_000.0, concurrency=4 if concurrent else 1
    )
    report = verify(target, CONTRACT, options, plan=plan, mailbox=target.mailbox)
    layers = {violation.layer for violation in report.violations}
    assert "rules" in layers
    assert "credits" not in layers, json.dumps(
        [v.key for v in report.violations if v.layer == "credits"]
    )
