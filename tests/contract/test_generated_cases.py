"""What is generated from a contract: wrong where it counts, and made once for many runs."""

from __future__ import annotations

import copy

from schemathesis import GenerationMode

from akool_contract._generate.cases import for_generation, operations_of
from akool_contract._options import PROFILES
from akool_contract._wire.contract import Contract
from akool_contract.oracle.samples import OLD, SOURCE, TARGET
from akool_contract_proof.runner import CONTRACT

URLS = [SOURCE, TARGET, OLD]
QUICK = PROFILES["quick"].schema_examples
MEDIA = {"Content-Type"}


def test_no_case_is_wrong_only_where_it_is_not_sent() -> None:
    for operation in operations_of(CONTRACT, URLS):
        cases = operation.covering(4 * QUICK).cases
        for mode in operation.modes:
            cases += operation.drawn(mode, QUICK, 0).cases
        assert cases
        assert not any(case.cookies or dict(case.headers or {}).keys() - MEDIA for case in cases)


def test_what_takes_nothing_is_not_asked_wrongly() -> None:
    by_name = {operation.name: operation for operation in operations_of(CONTRACT, URLS)}
    assert by_name["getCredit"].modes == (GenerationMode.POSITIVE,)
    assert GenerationMode.NEGATIVE in by_name["listResults"].modes


def bodies(made) -> list[str]:
    return [repr(case.body) for case in made.cases]


def test_cases_are_made_once_for_a_contract_its_pictures_a_seed_and_a_number() -> None:
    (first, *_) = operations_of(CONTRACT, URLS)
    (again, *_) = operations_of(Contract(copy.deepcopy(CONTRACT.document)), URLS)
    (others, *_) = operations_of(CONTRACT, URLS[:1])
    mode = first.modes[0]
    made = first.drawn(mode, 5, 1)
    assert again.drawn(mode, 5, 1) is made
    assert again.covering(10) is first.covering(10)
    for other in (first.drawn(mode, 5, 2), first.drawn(mode, 6, 1), others.drawn(mode, 5, 1)):
        assert other is not made
    assert bodies(first._draw(mode, 5, 1)) == bodies(made)
    assert bodies(first.drawn(mode, 5, 2)) != bodies(made)


def test_the_contract_itself_stays_as_it_is() -> None:
    before = copy.deepcopy(CONTRACT.document)
    assert for_generation(CONTRACT, URLS) != before
    assert CONTRACT.document == before
