"""The contract's operations, as the generated table has them, each as a `Call`. Pure.

The table has the path and the effect of an operation. Generated functions write the request. The
caller says how to read the answer. Nothing here knows an operation by name.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from akool_faceswap._core.call import Call, Operation
from akool_faceswap._errors import InvalidRequestError
from akool_faceswap_api.operations import OPERATIONS, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from akool_faceswap._errors import RawAnswer

T = TypeVar("T")
if TYPE_CHECKING:
    Decode: TypeAlias = Callable[[dict[str, Any], RawAnswer], T]
    """The answer's object, and the answer itself, to what the caller gets."""

_ONCE = {"spends", "changes"}
"""Effects that a request must not have twice. Deleting twice does no harm."""


@cache
def operation(name: str) -> Operation:
    """What the client needs to know of the operation `name`.

    Raises:
        KeyError: The contract has no such operation.
    """
    entry = OPERATIONS[name]
    submit = entry.effect in _ONCE
    # For what spends, only codes of this very operation count; a read may use those of any.
    told_by = [entry] if submit else OPERATIONS.values()
    return Operation(
        name=entry.name,
        envelope=entry.envelope,
        submit=submit,
        authorized=bool(entry.security),
        server=entry.server or SERVER or "",
        busy_codes=frozenset(code for one in told_by for code in one.retryable_codes),
    )


def call(name: str, decode: Decode[T], **arguments: Any) -> Call[T]:  # noqa: ANN401 - those of the generated function
    """The call of an operation.

    Args:
        name: Its operationId.
        decode: How its answer is read.
        arguments: Its parameters and its `body`, as the generated function takes them.

    Raises:
        InvalidRequestError: Its body is not JSON.
    """
    request = writer(name)(**arguments)
    if not request.keys() <= _SENT:
        raise InvalidRequestError(f"{name} takes a body or cookies that this client does not send")
    headers = {key: value for key, value in request.get("headers", {}).items() if key != _TYPE}
    return Call(
        operation=operation(name),
        method=request["method"].upper(),
        path=request["url"],
        decode=decode,
        params=request.get("params", {}),
        headers=headers,
        body=request.get("json"),
    )


_TYPE = "Content-Type"
_SENT = {"method", "url", "params", "headers", "json"}


@cache
def writer(name: str) -> Callable[..., dict[str, Any]]:
    """The generated function that writes the operation's request.

    Loaded at the first call: the generated models take as long to import as the HTTP library, and a
    program that prints its help or only receives webhooks should not wait for them.
    """
    module: Any = import_module(OPERATIONS[name].module)
    written: Callable[..., dict[str, Any]] = module._get_kwargs  # noqa: SLF001 - generated from the same contract
    return written
