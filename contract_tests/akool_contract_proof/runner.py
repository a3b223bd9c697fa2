"""Runs the suite against one defect at a time, on the simulator or on the reference server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import akool_openapi
from akool_contract._options import PROFILES, Options
from akool_contract._target.mailbox import Listener
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._target.target import Capabilities, HttpTarget
from akool_contract._wire.contract import Contract
from akool_contract.oracle.credentials import Credentials
from akool_contract.suite import verify
from akool_contract_proof.reference import ReferenceServer

if TYPE_CHECKING:
    from akool_contract._findings.report_model import Report
    from akool_contract_proof.mutants import Mutant
    from akool_contract_proof.reference import Variant

CONTRACT = Contract(akool_openapi.load())
STUCK_S = 5.0


@dataclass(frozen=True, slots=True)
class MutantResult:
    """The result of one defect: the checks that found it, by layer."""

    name: str
    checks: tuple[str, ...]
    layers: tuple[str, ...]
    error: str

    @property
    def killed(self) -> bool:
        """Whether a named check found it (a run that just stopped does not count)."""
        return bool(self.checks)


def put_in(target: SimulatorTarget, mutant: Mutant) -> None:
    """Puts a defect between the simulator and the suite; several may be put in, one by one."""
    if mutant.layer:
        target.upstream = mutant.layer(target.upstream)
    if mutant.hook:
        hook, deliver = mutant.hook(), target.mailbox.deliver
        target.simulator.receiver = lambda url, body: hook(url, body, deliver)


def on_simulator(mutant: Mutant | None, profile: str = "quick", seed: int = 0) -> Report:
    """One run on the simulator in process, with the defect between it and the suite."""
    target = SimulatorTarget(seed=seed)
    if mutant:
        put_in(target, mutant)
    options = Options(profile=PROFILES[profile], seed=seed)
    return verify(target, CONTRACT, options, mailbox=target.mailbox)


def on_reference(
    mutant: Mutant | None = None,
    variant: Variant | None = None,
    profile: str = "quick",
    options: Options | None = None,
) -> Report:
    """One run on the reference server, over a socket; with a defect only until it is found."""
    layer = mutant.layer if mutant else None
    hook = mutant.hook() if mutant and mutant.hook else None
    with ReferenceServer(variant, layer=layer, deliveries=hook) as server:
        accounts = server.reference.accounts
        known = Credentials(
            keys={
                accounts.main.key: "main",
                accounts.second.key: "second",
                accounts.empty.key: "empty",
            },
            banned={accounts.banned.key},
            client_id=accounts.main.client_id,
            client_secret=accounts.main.key,
        )
        can = Capabilities(loopback=True)
        can.allow_all()
        target, mailbox = HttpTarget(server.url, known, can, timeout=3.0), Listener()
        try:
            chosen = options or Options(
                profile=PROFILES[profile],
                max_credits=20_000.0,
                webhook_patience=2.0,
                webhook_patience_given=True,
            )
            once = mutant is not None and options is None
            if once:  # jobs of the reference server end in a second: what takes longer is stuck
                chosen = replace(chosen, job_timeout=STUCK_S, job_timeout_given=True)
            return verify(target, CONTRACT, chosen, mailbox=mailbox, until_found=once)
        finally:
            mailbox.close()
            target.close()


def outcome(mutant: Mutant, report: Report) -> MutantResult:
    """The result of a defect, from a report."""
    return MutantResult(
        mutant.name,
        tuple(dict.fromkeys(v.check for v in report.violations)),
        tuple(dict.fromkeys(v.layer for v in report.violations)),
        report.error,
    )
