"""What a validator finds, in lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jsonschema_rs


def explain(error: jsonschema_rs.ValidationError, value: object) -> list[str]:
    """Errors as lines; for oneOf and anyOf, those of the branch that fits the answer's code."""
    branches = getattr(error.kind, "context", None)
    if not branches:
        where = "/".join(str(part) for part in error.instance_path) or "the answer"
        return [f"{where}: {error.message[:200]}"]

    def misses(branch: list[jsonschema_rs.ValidationError]) -> tuple[bool, int]:
        return any(_at_code(inner) for inner in branch), len(branch)

    best = min(branches, key=misses)
    return [line for inner in best for line in explain(inner, value)]


def _at_code(error: jsonschema_rs.ValidationError) -> bool:
    path = [str(part) for part in error.instance_path]
    return path in (["code"], ["error_code"])
