"""`--dry-run`: shows, with the simulator, what a run would send and roughly what it would cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akool_contract._target.connect import NO_DELETE, NO_SUBMIT, PRISM, SIMULATOR
from akool_contract._target.simulated import BASE, SimulatorTarget
from akool_contract._wire.errors import MistakeError
from akool_contract.suite import verify

if TYPE_CHECKING:
    from rich.console import Console

    from akool_contract._options import Invocation
    from akool_contract._run.run import Run
    from akool_contract._wire.contract import Contract
    from akool_contract._wire.http import Exchange

MAX_BODY = 300


def planned(invocation: Invocation, contract: Contract, console: Console) -> None:
    """Prints each request; the answers it builds on are the simulator's."""
    where, options = invocation.where, invocation.options
    if where.server in (SIMULATOR, PRISM):
        raise MistakeError("--dry-run is for servers: simulator and prism cost nothing")
    target = SimulatorTarget(contract.document, seed=options.seed)
    can = target.capabilities
    can.cheap, can.loopback = False, True
    can.submit, can.delete = options.allow_submit, options.allow_delete
    can.reasons |= {"submit": NO_SUBMIT, "delete": NO_DELETE}
    can.token = bool(where.who.client_id)
    can.second, can.banned = bool(where.who.second_key), bool(where.who.banned_key)
    can.webhooks = bool(where.listen)
    costs: list[float] = []

    def observe(run: Run) -> None:
        def line(exchange: Exchange) -> None:
            request = exchange.request
            verdict, _ = run.sender.judged(request)
            spends = run.guard.spends(request) and verdict.may_be_done
            price = run.budget.price(request.operation) if spends else 0.0
            costs.append(price)
            url = request.url.replace(BASE, where.server.rstrip("/"))
            body = run.redactor.text(request.body.decode("utf-8", "replace"))[:MAX_BODY]
            cost = f"about {price:g} credits" if price else "free"
            console.print(f"{request.method} {url} {body} [{cost}]", markup=False, soft_wrap=True)

        run.sender.listeners.append(line)

    mailbox = target.mailbox if where.listen else None
    verify(target, contract, replace(options, rate=0.0), mailbox=mailbox, observe=observe)
    spent = sum(costs)
    console.print(f"{len(costs)} requests, about {spent:g} credits; nothing was sent", markup=False)
