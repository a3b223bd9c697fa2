"""`--dry-run`: what a run would send and about what it would cost, found out on the simulator."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from akool_contract import checks
from akool_contract._findings.registry import CLAUSES
from akool_contract._run.budget import FIRST_GUESS
from akool_contract._run.engine import verify
from akool_contract._target.connect import NO_DELETE, NO_SUBMIT, PRISM, SIMULATOR, UsageError
from akool_contract._target.simulated import BASE, SimulatorTarget
from akool_contract.oracle import judge_request

if TYPE_CHECKING:
    from rich.console import Console

    from akool_contract._options import Options
    from akool_contract._run.session import Session
    from akool_contract._target.connect import Who
    from akool_contract._wire.contract import Contract
    from akool_contract._wire.http import Exchange

MAX_BODY = 300


def known_names(contract: Contract, options: Options) -> str:
    """What is wrong with the selected names; empty when nothing is."""
    layers = {promise.layer for promise in CLAUSES.values()} | {
        n.partition(".")[0] for n in CLAUSES
    }
    for option, names, known in (
        ("--operation", options.operations, set(contract.operations)),
        ("--check", options.checks, set(CLAUSES) | layers),
    ):
        for name in names:
            if name not in known:
                near = get_close_matches(name, sorted(known), 1)
                hint = (
                    f"; did you mean {near[0]}?"
                    if near
                    else "; --list shows every check"
                    if option == "--check"
                    else f"; there are {', '.join(sorted(known))}"
                )
                return f"{option} {name}: no such name{hint}"
    return ""


def check_list() -> list[tuple[str, str]]:
    """Every check and the clause that it enforces."""
    return sorted((promise.name, promise.text) for promise in CLAUSES.values())


def planned(  # noqa: PLR0913 - what a command line says of a target
    where: str, who: Who, options: Options, contract: Contract, console: Console, *, listening: bool
) -> None:
    """Prints each request; the answers it builds on are the simulator's."""
    if where in (SIMULATOR, PRISM):
        raise UsageError("--dry-run is for servers: simulator and prism cost nothing")
    target = SimulatorTarget(contract.document, seed=options.seed)
    can = target.capabilities
    can.cheap, can.loopback = False, True
    can.submit, can.delete = options.allow_submit, options.allow_delete
    can.reasons |= {"submit": NO_SUBMIT, "delete": NO_DELETE}
    can.token = bool(who.client_id)
    can.second, can.banned = bool(who.second_key), bool(who.banned_key)
    costs: list[float] = []

    def observe(run: Session) -> None:
        def line(exchange: Exchange) -> None:
            request = exchange.request
            verdict, _ = judge_request(request, run.credentials)
            price = FIRST_GUESS.get(request.operation, 0.0) if verdict.may_spend else 0.0
            costs.append(price)
            url = request.url.replace(BASE, where.rstrip("/"))
            body = run.redactor.text(request.body.decode("utf-8", "replace"))[:MAX_BODY]
            cost = f"about {price:g} credits" if price else "free"
            console.print(f"{request.method} {url} {body} [{cost}]", markup=False, soft_wrap=True)

        run.listeners.append(line)

    mailbox = target.mailbox if listening else None
    can.webhooks = listening
    verify(target, contract, replace(options, rate=0.0), mailbox=mailbox, observe=observe)
    spent = sum(costs)
    console.print(f"{len(costs)} requests, about {spent:g} credits; nothing was sent", markup=False)


__all__ = ["check_list", "checks", "known_names", "planned"]
