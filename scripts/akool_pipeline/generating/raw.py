"""Writes `raw.py` of the generated package: a typed method for each operation. Pure.

The methods hold no logic: they name their operation and hand its arguments to `_call`, which the
client has. Both classes, for threads and for asyncio, are written from one description.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openapi_python_client.strings import safe_for_docstring

from akool_openapi.operations import operations
from akool_pipeline.generating import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi_python_client.parser.openapi import Endpoint

    from akool_openapi.operations import OperationSpec
    from akool_pipeline.documents.document import Document
    from akool_pipeline.generating.parsing import Parsed

_HEAD: Final = '''\
"""A method for each operation of the contract, typed with the generated models.

Generated from the contract. The methods hand their arguments to `_call`, which a client brings;
importing this loads no model.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from .operations import OPERATIONS, Operation
from .types import UNSET, Unset

if TYPE_CHECKING:
    {imports}

'''
_CLASS: Final = '''
class {name}(ABC):
    """One method for each operation of the contract{face}."""

    @abstractmethod
    {start}def _call(
        self, operation: Operation, arguments: dict[str, Any], timeout: float | None | Unset
    ) -> Any:
        """Send the operation.

        Args:
            operation: Which one.
            arguments: What its generated function takes; UNSET is left out by the contract.
            timeout: Seconds for the whole call. None: no timeout. UNSET: the client's timeout.
        """

'''
_METHOD: Final = '''
    {start}def {name}(self, {arguments}) -> {answer}:
        """{words}"""
        answer: {answer} = {wait}self._call(OPERATIONS[{key!r}], {{{given}}}, timeout)
        return answer
'''


def source(contract: Document, parsed: Parsed) -> str:
    """The module's text."""
    specs = {(spec.path, spec.method.lower()): spec for spec in operations(contract.data)}
    rows = [(specs[place], endpoint) for place, endpoint in parsed.endpoints.items()]
    imports = sorted({line for _, endpoint in rows for line in _imports(endpoint)}) or ["pass"]
    text = _HEAD.format(imports="\n    ".join(imports))
    for name, start, wait, face in (
        ("RawOperations", "", "", ""),
        ("AsyncRawOperations", "async ", "await ", ", for asyncio"),
    ):
        text += _CLASS.format(name=name, start=start, face=face)
        for spec, endpoint in rows:
            text += _method(contract, spec, endpoint, start, wait)
    return text


def _method(
    contract: Document, spec: OperationSpec, endpoint: Endpoint, start: str, wait: str
) -> str:
    names = [str(prop.python_name) for _, prop in endpoint.iter_all_parameters()]
    if endpoint.bodies:
        names.append("body")
    summary = endpoint.summary.get_untrusted_value() if endpoint.summary else ""
    words = safe_for_docstring(f"`{spec.name}`: {' '.join(summary.split())}".rstrip(": "))
    answer = table.answer_class(contract.data, spec, endpoint)
    return _METHOD.format(
        start=start,
        wait=wait,
        name=endpoint.name,
        arguments=", ".join(_arguments(endpoint)),
        answer=answer or endpoint.response_type().as_unembedded_code(),
        words=words.replace('"', "'"),
        key=spec.name,
        given=", ".join(f"{name!r}: {name}" for name in names),
    )


def _arguments(endpoint: Endpoint) -> Iterator[str]:
    """What must be given first, by place; then by name alone what may be left out."""
    parameters = [prop for _, prop in endpoint.iter_all_parameters()]
    bodies = [body.prop for body in endpoint.bodies]
    body = " | ".join(p.get_type_string(no_optional=True).as_unembedded_code() for p in bodies)
    is_needed = all(prop.required for prop in bodies)
    for prop in (prop for prop in parameters if prop.required):
        yield f"{prop.python_name}: {prop.get_type_string().as_unembedded_code()}"
    if body and is_needed:
        yield f"body: {body}"
    yield "*"
    for prop in (prop for prop in parameters if not prop.required):
        yield f"{prop.python_name}: {prop.get_type_string().as_unembedded_code()} = UNSET"
    if body and not is_needed:
        yield f"body: {body} | Unset = UNSET"
    yield "timeout: float | None | Unset = UNSET"


def _imports(endpoint: Endpoint) -> Iterator[str]:
    """Import lines for the types of its signature; ruff takes out what is not used."""
    for line in endpoint.relative_imports:
        if "types import UNSET" in line:
            continue
        yield line.replace("from ...", "from .")
