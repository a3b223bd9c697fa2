"""The names that a person may select, and what is wrong with others."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from akool_contract._findings.registry import CLAUSES
from akool_contract.suite import checks

if TYPE_CHECKING:
    from akool_contract._options import Options
    from akool_contract._wire.contract import Contract

__all__ = ["check_list", "checks", "known_names"]


def known_names(contract: Contract, options: Options) -> str:
    """What is wrong with the selected names; empty when nothing is."""
    layers = {promise.layer for promise in CLAUSES.values()} | {
        n.partition(".")[0] for n in CLAUSES
    }
    for option, names, known in (
        ("--operation", options.operations, set(contract.operations)),
        ("--exclude-operation", options.without_operations, set(contract.operations)),
        ("--check", options.checks, set(CLAUSES) | layers),
        ("--exclude-check", options.without_checks, set(CLAUSES) | layers),
    ):
        for name in names:
            if name not in known:
                near = get_close_matches(name, sorted(known), 1)
                hint = (
                    f"; did you mean {near[0]}?"
                    if near
                    else "; --list shows every check"
                    if option.endswith("check")
                    else f"; there are {', '.join(sorted(known))}"
                )
                return f"{option} {name}: no such name{hint}"
    return ""


def check_list() -> list[tuple[str, str]]:
    """Every check and the clause that it enforces."""
    return sorted((promise.name, promise.text) for promise in CLAUSES.values())
