"""A small sample of the mutation proof; `make mutants` runs the whole table, every night."""

from __future__ import annotations

from collections import Counter

import pytest

from akool_contract._wire.known import SUBMITS
from akool_contract_proof.mutants import TABLE
from akool_contract_proof.runner import on_reference, on_simulator, outcome

KINDS = {"wire", "schema", "rules", "state", "side", "client"}
SAMPLE = TABLE[::60]
ON_SOCKET = [m for m in TABLE if m.name in {"key-wins", "hooks-never-sent", "deleted-comes-back"}]


def test_the_table_has_150_defects_of_every_kind_over_every_operation() -> None:
    names = Counter(mutant.name for mutant in TABLE)
    operations = {mutant.operation for mutant in TABLE}
    assert max(names.values()) == 1
    assert len(TABLE) >= 150
    assert {mutant.kind for mutant in TABLE} == KINDS
    assert operations >= {
        *SUBMITS,
        "listResults",
        "deleteResults",
        "getCredit",
        "getToken",
        "detectFaces",
        "detectFacesLegacy",
        "webhook",
        "resultFile",
    }


@pytest.mark.parametrize("mutant", SAMPLE, ids=lambda m: m.name)
def test_a_defect_in_the_simulator_is_found_by_a_named_check(mutant) -> None:
    assert outcome(mutant, on_simulator(mutant)).checks


@pytest.mark.parametrize("mutant", ON_SOCKET, ids=lambda m: m.name)
def test_a_defect_in_another_server_is_found_by_a_named_check(mutant) -> None:
    assert outcome(mutant, on_reference(mutant)).checks
