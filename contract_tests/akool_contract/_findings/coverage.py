"""What was seen of the contract, and what was seen that the contract does not know."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akool_contract._findings.report_model import Drift

if TYPE_CHECKING:
    from akool_contract._findings.answer import Answer
    from akool_contract._wire.contract import Contract

KNOWN_STATUSES = (1, 2, 3, 4)


@dataclass(slots=True)
class Coverage:
    """Counts of operations, HTTP statuses, codes and fields over a run."""

    requests: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    accepted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    codes: dict[str, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    statuses: dict[str, dict[int, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    drift: dict[tuple[str, str, str], Drift] = field(default_factory=dict)

    def see(self, answer: Answer) -> None:
        """Counts one answer and notes what is new in it."""
        if answer.operation is None:
            return
        name = answer.name
        self.requests[name] += 1
        if answer.by_platform:
            return  # how the detection services refuse credentials is not documented
        self.accepted[name] += answer.ok
        self.statuses[name][answer.status] += 1
        if answer.code is not None:
            self.codes[name][str(answer.code)] += 1
        if answer.operation.schema_for(answer.status) is not None:
            self._fields(name, answer.json, "")
        documented = answer.contract.documented_fields(answer.operation)
        for path in self.fields[name] - documented.names:
            if not documented.know(path):
                self.note("field", name, path, "seen, not in the contract")
        if answer.status and answer.operation.documented(answer.status) is None:
            seen = answer.short(80).removeprefix(f"HTTP {answer.status} ")
            self.note("status", name, f"HTTP {answer.status}", seen)
        self._values(name, answer)

    def _values(self, name: str, answer: Answer) -> None:
        code, codes = answer.code, answer.contract.codes
        if type(code) is int and codes and not answer.apart and code not in codes:
            self.note("code", name, str(code), answer.short(80))
        for item in answer.items:
            status = item.get("faceswap_status")
            if status is not None and status not in KNOWN_STATUSES:
                self.note("enum", name, f"faceswap_status {status!r}", "")

    def note(self, kind: str, operation: str, what: str, seen: str) -> None:
        """Keeps one difference, once."""
        self.drift.setdefault((kind, operation, what), Drift(kind, operation, what, seen))

    def _fields(self, name: str, value: Any, path: str) -> None:  # noqa: ANN401 - any JSON value
        if isinstance(value, dict):
            for key, item in list(value.items())[:100]:
                inner = f"{path}.{key}" if path else str(key)
                self.fields[name].add(inner)
                self._fields(name, item, inner)
        elif isinstance(value, list):
            for item in value[:20]:
                self._fields(name, item, f"{path}[]")

    def finish(self, contract: Contract) -> dict[str, Any]:
        """The coverage report; documented things that never came are added to the drift."""
        operations: dict[str, Any] = {}
        for name, operation in contract.operations.items():
            if not self.requests[name]:
                self.note("unseen-operation", name, name, "documented, never asked")
                continue
            fields = contract.documented_fields(operation).names
            documented = {name for name in fields if not name.endswith("*")}
            seen = self.fields[name]
            missing = (
                sorted(f for f in documented - seen if "*" not in f) if self.accepted[name] else []
            )
            for path in missing:
                self.note("unseen-field", name, path, "documented, never seen")
            operations[name] = {
                "requests": self.requests[name],
                "accepted": self.accepted[name],
                "codes": dict(self.codes[name]),
                "statuses": {str(k): v for k, v in self.statuses[name].items()},
                "fields_seen": sorted(documented & seen),
                "fields_unseen": missing,
            }
        every = {code for codes in self.codes.values() for code in codes}
        for code, meaning in contract.codes.items():
            if str(code) not in every:
                self.note("unseen-code", "", str(code), meaning)
        return {
            "operations": operations,
            "operations_seen": len(operations),
            "operations_documented": len(contract.operations),
            "codes_seen": sorted(every),
        }
