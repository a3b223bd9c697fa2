"""What the defects of request rules are written with.

A missing check is imitated by repairing the request before the server sees it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Response, Upstream
from akool_contract_proof.mutants._kit import (
    Json,
    defect,
    operation_of,
    requests,
    success,
    value,
)

KIND = "rules"
FACE = "https://d21ksh0k4smeql.cloudfront.net/face.png"
OPTS = "262,175:363,175:313,215:272,279"
ARRAYS = ("sourceImage", "targetImage")


def lax(operation: str, text: str, name: str, repair: Any) -> None:  # noqa: ANN401 - a lambda
    """A missing check."""
    defect(KIND, operation, text, name=name)(requests(operation)(repair))


def wrong(operation: str, text: str, name: str, when: Any, answer: Response) -> None:  # noqa: ANN401 - a lambda
    """A refusal without a reason, or another than documented; `when` sees the body."""

    def layer(upstream: Upstream) -> Upstream:
        def send(request: Request) -> Response:
            reply = upstream(request)
            if operation_of(request) == operation and when(
                value(request.body), success(reply), reply
            ):
                return answer
            return reply

        return send

    defect(KIND, operation, text, name=name)(layer)


def elements(change: Any) -> Any:  # noqa: ANN401 - an edit
    """Edits each element of both face arrays."""

    def repair(body: Json) -> None:
        for name in ARRAYS:
            if isinstance(body.get(name), list):
                body[name] = [change(i) if isinstance(i, dict) else i for i in body[name]]

    return repair


def any_path(test: Any) -> Any:  # noqa: ANN401 - `when` of a wrong refusal
    """Whether a face's path passes a test, in a request that is right."""
    return lambda b, ok, r: (
        ok and any(test(item["path"]) for name in ARRAYS for item in b.get(name) or [])
    )


def any_opts(test: Any) -> Any:  # noqa: ANN401 - `when` of a wrong refusal
    """Whether a face's opts pass a test, in a request that is right."""
    return lambda b, ok, r: (
        ok and any(test(item.get("opts") or "") for name in ARRAYS for item in b.get(name) or [])
    )


def count(body: Json) -> int:
    """How many faces a request names."""
    return max(len(body.get(n) or []) if isinstance(body.get(n), list) else 0 for n in ARRAYS)
