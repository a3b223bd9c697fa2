"""The cases that schemathesis generates from a contract: made once, whoever asks how often.

What is generated depends on the contract, the seed and how much is wanted, and on no answer. So
every run of a process that has these in common gets the same cases, without making them again.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hypothesis import Phase, given, seed, settings
from hypothesis.errors import FailedHealthCheck, StopTest, Unsatisfiable

from akool_contract._generate.explore import SETTINGS, same_everywhere
from akool_contract.oracle.samples import OPTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case

    from akool_contract._wire.contract import Contract

MAX_ITEMS = 3
CONTRACTS = 4
"""How many contracts' cases are kept."""
UNSENT = frozenset({"header", "cookie"})
"""Parameters that no case needs: every request gets good credentials, and nothing else there."""


def for_generation(contract: Contract, urls: list[str]) -> dict[str, Any]:
    """The contract with help for the generator: known addresses, short lists, no foreign fields.

    Without it, random strings are (rightly) refused as addresses, and no other rule is reached.
    Headers are not generated: they are not sent, so a case that is wrong only there would be none.
    """
    document = copy.deepcopy(contract.document)
    for unused in ("x-rules", "security"):
        document.pop(unused, None)
    components = document.get("components", {})
    components.pop("securitySchemes", None)
    for schema in components.get("schemas", {}).values():
        _help(schema, urls)
    for item in document.get("paths", {}).values():
        for operation in (item, *item.values()):
            if isinstance(operation, dict):
                operation.pop("callbacks", None)
                operation.pop("security", None)
                _without_unsent(operation, components)
                _help(operation.get("requestBody"), urls)
    return document


def _without_unsent(operation: dict[str, Any], components: dict[str, Any]) -> None:
    known = components.get("parameters", {})
    for parameter in list(operation.get("parameters", ())):
        whole = known.get(str(parameter.get("$ref", "")).rpartition("/")[2], parameter)
        if whole.get("in") in UNSENT:
            operation["parameters"].remove(parameter)


def _help(node: Any, urls: list[str]) -> None:  # noqa: ANN401 - any JSON value
    if isinstance(node, list):
        for part in node:
            _help(part, urls)
    if not isinstance(node, dict):
        return
    if node.get("type") == "string":
        _help_address(node, urls)
    if node.get("type") == "array":
        node["maxItems"] = min(node.get("maxItems", MAX_ITEMS), MAX_ITEMS)
    properties = node.get("properties")
    if node.get("type") == "object" and isinstance(properties, dict):
        node.setdefault("additionalProperties", False)
        if isinstance(properties.get("opts"), dict):
            properties["opts"] = {"type": "string", "enum": [OPTS]}
    for key, value in node.items():
        if key not in ("example", "examples", "enum"):
            _help(value, urls)


def _help_address(node: dict[str, Any], urls: list[str]) -> None:
    pattern = str(node.get("pattern", "")).lower()
    if "ttp" in pattern or node.get("format") == "uri":
        for key in ("pattern", "format"):
            node.pop(key, None)
        node["enum"] = list(urls)


@dataclass(frozen=True)
class Made:
    """Cases of one operation, and why there are not more."""

    cases: tuple[Case[Any], ...]
    reason: str = ""


class Operation:
    """One operation, as schemathesis sees it. Who uses it is in the lane of generated tests."""

    def __init__(self, operation: Any) -> None:  # noqa: ANN401 - schemathesis' type
        from schemathesis import GenerationMode  # noqa: PLC0415 - slow to import

        self._operation = operation
        where = f"{operation.method.upper()} {operation.path}"
        self.name = str(operation.definition.raw.get("operationId") or where)
        taken = (operation.body, operation.query, operation.path_parameters)
        # What takes nothing cannot be asked wrongly.
        wrong = [GenerationMode.NEGATIVE] if any(map(len, taken)) else []
        self.modes = (*wrong, GenerationMode.POSITIVE)
        self._made: dict[tuple[object, ...], Made] = {}

    def strategy(self, mode: Any) -> Any:  # noqa: ANN401 - schemathesis' types
        """Where the cases of a mode come from."""
        return self._operation.as_strategy(generation_mode=mode)

    def covering(self, most: int) -> Made:
        """The cases of schemathesis' coverage phase: each schema keyword at and past its limit."""
        if (most,) not in self._made:
            self._made[most,] = Made(tuple(self._coverage(most)))
        return self._made[most,]

    def drawn(self, mode: Any, examples: int, seeded: int) -> Made:  # noqa: ANN401 - schemathesis' type
        """So many cases as hypothesis draws them with a seed."""
        key = (mode, examples, seeded)
        if key not in self._made:
            self._made[key] = self._draw(mode, examples, seeded)
        return self._made[key]

    def _draw(self, mode: Any, examples: int, seeded: int) -> Made:  # noqa: ANN401 - schemathesis' type
        cases: list[Case[Any]] = []

        def keep(case: Case[Any]) -> None:
            cases.append(case)

        how = settings(SETTINGS, max_examples=max(1, examples), phases=[Phase.generate])
        try:
            with same_everywhere():
                how(seed(seeded)(given(case=self.strategy(mode))(keep)))()
        except (Unsatisfiable, StopTest, FailedHealthCheck) as error:
            told = f"generation ended early: {type(error).__name__} {error}".strip()
            return Made(tuple(cases), told)
        return Made(tuple(cases))

    def _coverage(self, most: int) -> Iterator[Case[Any]]:
        from schemathesis.generation.drivers import CoverageGenerator  # noqa: PLC0415 - slow to import
        from schemathesis.generation.feedback import NO_FEEDBACK  # noqa: PLC0415 - same
        from schemathesis.generation.overrides import Override  # noqa: PLC0415 - same

        operation = self._operation
        project = operation.schema.config
        generator = CoverageGenerator(
            operation=operation,
            generation_modes=list(self.modes),
            generation_config=project.generation_for(operation=operation, phase="coverage"),
            auth_storage=None,
            override=Override(),
            feedback=NO_FEEDBACK,
        )
        for number, case in enumerate(generator):
            if number >= most:
                return
            yield case


def operations_of(contract: Contract, urls: list[str]) -> tuple[Operation, ...]:
    """The contract's operations, each with the cases that were made of it before."""
    return _operations(json.dumps(for_generation(contract, urls), default=str))


@lru_cache(maxsize=CONTRACTS)
def _operations(document: str) -> tuple[Operation, ...]:
    import schemathesis  # noqa: PLC0415 - takes half a second, and only one check needs it

    schema = schemathesis.openapi.from_dict(json.loads(document))
    found: Any = schema.get_all_operations()
    return tuple(Operation(each.ok()) for each in found)
